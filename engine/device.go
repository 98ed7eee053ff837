package engine

import (
	"fmt"
	"runtime"

	"gorgonia.org/tensor"
)

// Buffer is a tensor in a device's memory. It belongs to the device that made it.
type Buffer interface {
	Dtype() tensor.Dtype
	Shape() tensor.Shape
}

// Device runs kernels over buffers of its own. A device is used by one goroutine at
// a time. The methods after Close each launch one op; operands and shapes are those
// of the op of the same name.
type Device interface {
	// Name says what the device is and which kernels it uses, for people.
	Name() string
	// Alloc returns a buffer of zeros.
	Alloc(of tensor.Dtype, shape tensor.Shape) (Buffer, error)
	// Load returns a buffer that holds data, a slice, and is never written. The
	// device may refer to the slice itself, so it must not change any more.
	Load(data any, shape tensor.Shape) (Buffer, error)
	// Upload copies a slice into a buffer of its size and element type.
	Upload(dst Buffer, src any) error
	// Download waits for the launches that write the buffer and copies it to a slice.
	Download(dst any, src Buffer) error
	// Sync waits for all launches.
	Sync() error
	// Close frees everything. The device's buffers are useless afterwards.
	Close() error

	Tick(out, clock Buffer) error
	Copy(dst, src Buffer) error
	Rows(out, data, order, clock Buffer, r Rows) error
	Field(z, x, w, b Buffer, transposed bool) error
	Mean(p, z Buffer) error
	TemperedMean(p, z, base, betas, clock Buffer, ahead int) error
	Sample(s, p, clock Buffer, c Sample) error
	FreeEnergy(f, v, visibleBias, z Buffer) error
	LogWeight(out, logWeights, v, visibleBias, base, z, betas, clock Buffer) error
	PseudoLikelihood(f, v, z, w, visibleBias, clock Buffer, p PseudoLikelihood) error
	SquaredError(f, x, y Buffer) error
	Clamp(out, x, pattern Buffer) error
	Gradient(g, v, p, vm, pm Buffer) error
	Means(m, x, s Buffer) error // s is nil for unweighted means
	CenteredDot(out, x, c Buffer) error
	Difference(out, data, chains Buffer) error
	BiasGradient(out, difference, data, chains, offset, otherDifference, otherOffset Buffer) error
	Ascend(next Buffer, in []Buffer, a Ascend) error
	Add(z, x, y Buffer) error
	Blend(out, offset, data, chains Buffer, b Blend) error
}

// A Fault is a number gone wrong: a parameter that an update made NaN or infinite.
type Fault struct {
	Index int   // row-major, of the first bad element
	Shape []int // of the parameter
	Value float32
}

func (f *Fault) Error() string {
	if len(f.Shape) == 2 {
		return fmt.Sprintf("element [%d,%d] became %v", f.Index/f.Shape[1], f.Index%f.Shape[1], f.Value)
	}
	return fmt.Sprintf("element [%d] became %v", f.Index, f.Value)
}

// Open returns the named device: "cpu", or "auto" for the best one there is. Threads
// is how many threads a host device uses; 0 is one per processor. The choice is made
// here, once.
func Open(name string, threads int) (Device, error) {
	if threads < 0 {
		return nil, fmt.Errorf("engine: %d threads, want at least 1, or 0 for one per processor", threads)
	}
	if threads == 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	switch name {
	case "cpu", "auto":
		return openHost(threads)
	case "cuda":
		return nil, fmt.Errorf("engine: device cuda: this build has no CUDA in it")
	}
	return nil, fmt.Errorf("engine: device %q, want cpu, cuda or auto", name)
}
