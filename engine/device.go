package engine

import (
	"fmt"
	"slices"

	"gorgonia.org/tensor"

	"harmonium/ranks"
)

// Buffer is a tensor in a device's memory. It belongs to the device that made it.
type Buffer interface {
	Dtype() tensor.Dtype
	Shape() tensor.Shape
}

// Device runs kernels over its own buffers. One goroutine at a time may use a device.
type Device interface {
	// Name describes the device and its kernels to the user.
	Name() string
	// Alloc returns a buffer of zeros.
	Alloc(of tensor.Dtype, shape tensor.Shape) (Buffer, error)
	// Load returns a buffer that holds data, a slice or the rows of a [RowReader], and that is never
	// written. The device may refer to the slice itself, so the slice must not change any more. Only
	// Rows reads a matrix that was loaded, since the matrix may be too large for the device.
	Load(data any, shape tensor.Shape) (Buffer, error)
	// Upload copies a slice into a buffer of its size and element type.
	Upload(dst Buffer, src any) error
	// Download waits for the launches that write the buffer and copies it to a slice.
	Download(dst any, src Buffer) error
	// Sync waits for all launches and returns the errors that arrived late.
	Sync() error
	// Close frees everything. Afterwards the device's buffers must not be used, and a launch or a new
	// buffer is an error.
	Close() error

	// launch computes out, the result of an op, from the operands in. The parameter op is the
	// Body of the op or one of the fused ops of fuse.go.
	launch(op any, out Buffer, in []Buffer) error
}

// The optional methods of devices and buffers.
type (
	// A fuser can launch ops that do the work of several.
	fuser interface{ fuses() fusions }
	// A gatherer makes several independent launches together. failed is the index of the first
	// launch that returned the error.
	gatherer interface {
		gather(launches []launch) (failed int, err error)
	}
	// A recorder records launches, without making them; replay then makes all of them with one call.
	// revised returns a number that changes when recordings are out of date, as the launches would not be
	// the same any more.
	recorder interface {
		record(launches func() error) (replay func() error, err error)
		revised() int
	}
	// A follower receives the name of the launches that come next, for errors that arrive late.
	follower interface{ follow(launches string) }
	// A reserver allocates memory for all slots at once before the buffers are allocated.
	reserver interface{ reserve(slots []*slot) error }
	// A preparer allocates more than single buffers. prepare makes the room that a launch needs beside
	// its buffers, after all buffers are allocated. allocBeside returns two buffers of the same width;
	// the rows of the second follow the rows of the first in memory.
	preparer interface {
		prepare(l *launch) error
		allocBeside(of tensor.Dtype, first, second tensor.Shape) (Buffer, Buffer, error)
	}
	// A brancher can run the launches between fork and back at the same time as the launches between
	// back and join. The plan makes sure that the two sets do not depend on each other.
	brancher interface {
		fork() error
		back()
		join() error
	}
	// A labeled buffer receives the name of its variable, for errors.
	labeled interface{ label(variable string) }
)

// fusions lists the fused ops that a device can launch.
type fusions struct {
	activations bool // [activation], which joins fields, means and draws
	changes     bool // [ChangedField], and activations whose fields have other readers
	updates     bool // [update], which joins a gradient and the move along it
	totals      bool // [totals], which makes several totals in one exchange
	overlaps    bool // [gradientTotal], which sends a gradient while it is computed
	together    bool // [twoLayers], [dots], [layers] and [steps]; the device is a preparer
}

// OnHost reports whether the buffers of a device are in the memory of this program.
func OnHost(d Device) bool {
	_, ok := d.(*host)
	return ok
}

// Counts holds the numbers of requests to an asynchronous device, whose launches return before they
// are done, since it was opened.
type Counts struct {
	Calls      int   // launches by the host
	Graphs     int   // launches of recorded plans, which are also in Calls
	Syncs      int   // times the host waited for the device
	Uploaded   int64 // bytes
	Downloaded int64 // bytes
}

// A Counter is a device that counts its requests.
type Counter interface{ Counts() Counts }

// A Timer is a device that takes the time of each launch of plans that it records.
type Timer interface {
	// Times calls run, which runs plans, runs+2 times: the first two calls make and record the
	// launches. For each launch it returns the median of its times in the later calls. Where a call
	// runs a plan more than once, its last run counts.
	Times(run func() error, runs int) ([]LaunchTime, error)
}

// LaunchTime is the time of one launch on the device itself, from the end of the launch before it
// to its own end.
type LaunchTime struct {
	Name    string // of the kernel
	Seconds float64
}

// A Fault is a parameter that an update made NaN or infinite.
type Fault struct {
	Index  int   // row-major index of the first bad element
	Shape  []int // of the parameter
	Value  float32
	Update int // the update at fault, counted from 1; 0 for the update that was just run
}

func (f *Fault) Error() string {
	if len(f.Shape) == 2 {
		return fmt.Sprintf("element [%d,%d] became %v", f.Index/f.Shape[1], f.Index%f.Shape[1], f.Value)
	}
	return fmt.Sprintf("element [%d] became %v", f.Index, f.Value)
}

// Options select a device and its settings. Opening a host device with at most as many threads as
// [Processors] raises GOMAXPROCS to one more than its threads if it is lower.
type Options struct {
	// Device is "cpu", "cuda", or "auto" for the GPU if it can be used, else the host.
	Device string
	// Threads is the number of threads of a host device; 0 for one per processor, divided by the ranks
	// of this machine. At most eight per processor are started.
	Threads int
	// Ranks is the transport of a run in several processes, see Connect; nil for one process. The ranks
	// of a machine take its GPUs in turn.
	Ranks ranks.Transport
	// Precision is "f32", "tf32", "bf16" or "bf16x2" (a sum of two bf16), to which factors are rounded in
	// products of reduced fields (see Field) and gradients; "" for the device's default.
	Precision string
}

// MaxThreads is the largest number of threads that can be asked of a host device; chosen.
const MaxThreads = 1024

// Open returns the named device with the given number of threads and the device's default
// precision.
func Open(name string, threads int) (Device, error) {
	return OpenWith(Options{Device: name, Threads: threads})
}

// OpenWith returns the device that o selects. "auto" selects the GPU if this build includes CUDA
// and the GPU can be used, else the host. The choice is made once, here.
//
// The default precision of a GPU is tf32 from compute capability 8.0 on, else f32. The host
// computes in f32 only.
func OpenWith(o Options) (Device, error) {
	if o.Ranks == nil {
		o.Ranks = ranks.Alone{}
	}
	switch {
	case o.Threads < 0 || o.Threads > MaxThreads:
		return nil, fmt.Errorf("engine: %d threads, want 1 to %d, or 0 for one per processor", o.Threads, MaxThreads)
	case !slices.Contains([]string{"", "f32", "tf32", "bf16", "bf16x2"}, o.Precision):
		return nil, fmt.Errorf("engine: precision %q, want f32, tf32, bf16 or bf16x2", o.Precision)
	}
	switch o.Device {
	case "cpu":
		return openCPU(o)
	case "cuda":
		return openCUDA(o)
	case "auto":
		if d, err := openCUDA(o); err == nil {
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
		_, ranksHere := o.Ranks.Local()
		o.Threads = max(1, processors/ranksHere)
	}
	return openHost(o.Ranks, o.Threads)
}
