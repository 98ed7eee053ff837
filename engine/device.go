package engine

import (
	"errors"
	"fmt"
	"slices"

	"gorgonia.org/tensor"
)

// Buffer is a tensor in a device's memory. It belongs to the device that made it.
type Buffer interface {
	Dtype() tensor.Dtype
	Shape() tensor.Shape
}

// Device runs kernels over buffers of its own. A device is used by one goroutine at a time.
type Device interface {
	// Name says what the device is and which kernels it uses, for people.
	Name() string
	// Alloc returns a buffer of zeros.
	Alloc(of tensor.Dtype, shape tensor.Shape) (Buffer, error)
	// Load returns a buffer that holds data, a slice, and is never written. The
	// device may refer to the slice itself, so it must not change any more. Only Rows
	// reads a matrix that was loaded: it may be too large for the device, and stay outside.
	Load(data any, shape tensor.Shape) (Buffer, error)
	// Upload copies a slice into a buffer of its size and element type.
	Upload(dst Buffer, src any) error
	// Download waits for the launches that write the buffer and copies it to a slice.
	Download(dst any, src Buffer) error
	// Sync waits for all launches.
	Sync() error
	// Close frees everything. The device's buffers are useless afterwards.
	Close() error

	// launch computes out, the result of an op, from its operands. Op is the Body of the op, or one
	// of the fused ops of fuse.go.
	launch(op any, out Buffer, in []Buffer) error
}

// What a device may do beside.
type (
	// A fuser launches some ops that do the work of several.
	fuser interface{ fuses() fusions }
	// A gatherer makes launches together that do not depend on each other. Failed is the first
	// one that returned the error.
	gatherer interface {
		gather(launches []launch) (failed int, err error)
	}
	// A recorder records launches, all of which replay then makes by one call. Replay returns
	// errStale if the launches would not be the same any more.
	recorder interface {
		record(launches func() error) (replay func() error, err error)
	}
	// A follower is told the name of the launches that come next, for errors that come late.
	follower interface{ follow(launches string) }
	// A reserver makes room for buffers that are about to be allocated.
	reserver interface{ reserve(slots []*slot) error }
	// A labeled buffer is told the name of its variable, for errors.
	labeled interface{ label(variable string) }
)

// fusions are the ops beyond those that every device launches.
type fusions struct {
	activations bool // [activation], of fields, means and draws
	changes     bool // [ChangedField], and activations whose fields others read
	updates     bool // [update], of a gradient and a move along it
}

var errStale = errors.New("engine: what was recorded is out of date")

// Counts says what a device that runs by itself was asked to do since it was opened.
type Counts struct {
	Calls      int   // launches that the host made
	Graphs     int   // of those, launches of all that a plan does
	Syncs      int   // waits of the host for the device
	Uploaded   int64 // bytes
	Downloaded int64 // bytes
}

// A Counter is a device that counts.
type Counter interface{ Counts() Counts }

// A Fault is a number gone wrong: a parameter that an update made NaN or infinite.
type Fault struct {
	Index  int   // row-major, of the first bad element
	Shape  []int // of the parameter
	Value  float32
	Update int // that made it so, counted from 1; 0 if it is the one that was just run
}

func (f *Fault) Error() string {
	if len(f.Shape) == 2 {
		return fmt.Sprintf("element [%d,%d] became %v", f.Index/f.Shape[1], f.Index%f.Shape[1], f.Value)
	}
	return fmt.Sprintf("element [%d] became %v", f.Index, f.Value)
}

// Options say which device to open, and how. Opening a host device raises GOMAXPROCS to one
// more than its threads where it is less.
type Options struct {
	Device    string // "cpu", "cuda", or "auto" for the best one there is
	Threads   int    // of a host device; 0 is one per processor
	Precision string // "f32", "tf32" or "bf16", of reduced products (see Field); "" is the device's own
}

// MaxThreads is as many threads as a host device may be asked for.
const MaxThreads = 1024

// Open returns the named device with the given number of threads and the device's own precision.
func Open(name string, threads int) (Device, error) {
	return OpenWith(Options{Device: name, Threads: threads})
}

// OpenWith returns a device: "auto" is the GPU where this build has CUDA in it and the GPU
// can be used, and the host otherwise. The choice is made here, once.
//
// On a GPU reduced products are tf32 by default where the card has it, from compute
// capability 8.0 on. The host computes in f32 only.
func OpenWith(o Options) (Device, error) {
	switch {
	case o.Threads < 0 || o.Threads > MaxThreads:
		return nil, fmt.Errorf("engine: %d threads, want 1 to %d, or 0 for one per processor", o.Threads, MaxThreads)
	case !slices.Contains([]string{"", "f32", "tf32", "bf16"}, o.Precision):
		return nil, fmt.Errorf("engine: precision %q, want f32, tf32 or bf16", o.Precision)
	}
	switch o.Device {
	case "cpu":
		return openCPU(o)
	case "cuda":
		return openCUDA(o.Precision)
	case "auto":
		if d, err := openCUDA(o.Precision); err == nil {
			return d, nil
		}
		return openCPU(o)
	}
	return nil, fmt.Errorf("engine: device %q, want cpu, cuda or auto", o.Device)
}

func openCPU(o Options) (Device, error) {
	if o.Precision != "" && o.Precision != "f32" {
		return nil, fmt.Errorf("engine: device cpu: precision %s, want f32", o.Precision)
	}
	if o.Threads == 0 {
		o.Threads = processors
	}
	return openHost(o.Threads)
}
