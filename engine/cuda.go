//go:build gpu

package engine

import (
	"errors"
	"fmt"
	"math"
	"weak"

	"gorgonia.org/tensor"

	"harmonium/kernels"
)

// cuda is an NVIDIA GPU. Launches return before they are done, and read the clock, the
// order and the schedules on the device.
type cuda struct {
	gpu       *kernels.GPU
	precision kernels.Precision // of reduced products

	last   string                                       // launches, for errors that come late
	faults *kernels.Piece                               // what ascends note down, see kernels.FaultsSize
	sites  [kernels.FaultSites]weak.Pointer[cudaBuffer] // by number of a fault's site
	moved  bool                                         // since the faults were looked at

	// Halves are copies in bfloat16 of the factors of products. One is up to date if it
	// was made in the current generation, after the last write.
	generation int
	recording  bool
	noted      []func() error // what the host does beside the launches that are recorded
	revision   int            // changes when a variable becomes or ceases to be known as 0/1, which captured graphs depend on

	layers map[string]*kernels.Piece // the kinds of the columns of a layer, by the names of its groups

	spare int64 // bytes that a data set has to leave free, else it stays on the host
	chunk int64 // bytes of such a data set that are brought at a time, or else one batch
}

// cudaBuffer is a tensor in the GPU's memory. Whoever writes the tensor calls written.
type cudaBuffer struct {
	of     tensor.Dtype
	shape  tensor.Shape
	piece  *kernels.Piece
	name   string // of the variable, if it is one
	loaded bool
	states bool // all values are 0 or 1; only kept track of where halves are used
	half   *kernels.Piece
	halved int // generation of the half, or 0
	site   int // of faults, from 1; 0 if it has none

	host  *hostBuffer // a data set that stays on the host; it has no piece, and only Rows reads it
	feeds []*feed     // of it

	ints     []int32 // of a clock or an order: the values, if the host knows them
	version  int     // counts the uploads
	computed bool    // launches write the tensor, so that the host cannot know
}

func (b *cudaBuffer) Dtype() tensor.Dtype { return b.of }
func (b *cudaBuffer) Shape() tensor.Shape { return b.shape }
func (b *cudaBuffer) label(name string)   { b.name = name }

func (b *cudaBuffer) size() int  { return b.shape.TotalSize() }
func (b *cudaBuffer) rows() int  { return b.shape[0] }
func (b *cudaBuffer) width() int { return b.shape[1] }

// written forgets what was known of the values.
func (b *cudaBuffer) written() { b.states, b.halved = false, 0 }

// know records the values of a tensor of integers, nil if they are not known.
func (b *cudaBuffer) know(ints []int32) {
	if ints == nil || b.computed {
		b.ints = nil
	} else {
		b.ints = append(b.ints[:0], ints...)
	}
}

// failed says of an error to which tensor it happened.
func (b *cudaBuffer) failed(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%v %v: %w", b.of, b.shape, err)
}

// at is the address of a buffer, or none of no buffer.
func at(b Buffer) kernels.Address {
	if b == nil {
		return 0
	}
	x := b.(*cudaBuffer)
	if x.host != nil {
		panic("engine: a data set on the host is read by Rows alone")
	}
	return x.piece.Address
}

// target is the address of a buffer that is about to be written.
func target(b Buffer) kernels.Address {
	x := b.(*cudaBuffer)
	x.written()
	x.ints, x.computed = nil, true
	return at(b)
}

// HasCUDA says whether this build has CUDA in it.
const HasCUDA = true

// examineGPU names the GPU, or says why it cannot be used.
func examineGPU() (name string, missing []string) {
	d, err := openCUDA("")
	if err != nil {
		return "", []string{err.Error()}
	}
	name = d.Name()
	if err := d.Close(); err != nil {
		missing = []string{err.Error()}
	}
	return name, missing
}

// openCUDA returns the first GPU.
func openCUDA(precision string) (Device, error) {
	gpu, err := kernels.OpenGPU()
	if err != nil {
		return nil, fmt.Errorf("engine: device cuda: %w", err)
	}
	d := &cuda{gpu: gpu, generation: 1, layers: map[string]*kernels.Piece{}, spare: gpu.Memory / 4, chunk: gpu.Memory / 1024}
	if err := d.start(precision); err != nil {
		gpu.Close()
		return nil, fmt.Errorf("engine: device cuda: %w", err)
	}
	return d, nil
}

func (d *cuda) start(precision string) error {
	tensorCores := d.gpu.Major >= 8
	switch {
	case precision == "f32" || precision == "" && !tensorCores:
		d.precision = kernels.Float32
	case !tensorCores:
		return fmt.Errorf("%s has compute capability %d.%d, precision %s wants 8.0", d.gpu.Device, d.gpu.Major, d.gpu.Minor, precision)
	case precision == "bf16":
		d.precision = kernels.BFloat16
	default:
		d.precision = kernels.TensorFloat32
	}
	var err error
	if d.faults, err = d.gpu.Alloc(kernels.FaultsSize); err != nil {
		return err
	}
	return d.clearFaults()
}

func (d *cuda) Name() string {
	return fmt.Sprintf("cuda (%s, compute capability %d.%d, %.0f GiB, %s)", d.gpu.Device, d.gpu.Major, d.gpu.Minor,
		float64(d.gpu.Memory)/(1<<30), [...]string{"f32", "tf32", "bf16"}[d.precision])
}

func (d *cuda) Counts() Counts { return Counts(d.gpu.Counts()) }

func (d *cuda) Close() error {
	if err := d.gpu.Close(); err != nil {
		return fmt.Errorf("engine: %w", err)
	}
	return nil
}

// Sync waits for all launches. A parameter that they left not finite is a *Fault.
func (d *cuda) Sync() error {
	wait := d.gpu.Sync
	if d.moved {
		wait = d.fault
	}
	if err := wait(); err != nil {
		return fmt.Errorf("engine: %w", d.late(err))
	}
	return nil
}

func (d *cuda) follow(launches string) { d.last = launches }

// late says of an error that comes from a wait after which launches it came.
func (d *cuda) late(err error) error {
	if fault := (*Fault)(nil); err == nil || d.last == "" || errors.As(err, &fault) {
		return err
	}
	return fmt.Errorf("after %s: %w", d.last, err)
}

// sizes are the bytes of a value of each type that the GPU has.
var sizes = map[tensor.Dtype]int64{tensor.Float32: 4, tensor.Int32: 4, tensor.Float64: 8, tensor.Uint8: 1}

func bytesOf(of tensor.Dtype, shape tensor.Shape) (int64, error) {
	if size := shape.TotalSize(); size > math.MaxInt32 {
		return 0, fmt.Errorf("%d values, want at most %d", size, math.MaxInt32)
	}
	return bytesOfAny(of, shape)
}

// bytesOfAny is bytesOf for data sets, whose kernel counts further.
func bytesOfAny(of tensor.Dtype, shape tensor.Shape) (int64, error) {
	if sizes[of] == 0 {
		return 0, fmt.Errorf("the GPU has no tensors of %v", of)
	}
	return sizes[of] * int64(shape.TotalSize()), nil
}

// lower says what to do about an error of memory.
func lower(err error) error {
	if !errors.Is(err, kernels.ErrMemory) {
		return err
	}
	return fmt.Errorf("%w; lower the batch size, the number of chains or of hidden units", err)
}

func (d *cuda) Alloc(of tensor.Dtype, shape tensor.Shape) (Buffer, error) {
	bytes, err := bytesOf(of, shape)
	if err != nil {
		return nil, err
	}
	b := &cudaBuffer{of: of, shape: shape.Clone()}
	if b.piece, err = d.gpu.Alloc(bytes); err != nil {
		return nil, b.failed(lower(err))
	}
	b.states = d.halves(b) // zeros
	if of == tensor.Int32 {
		b.know(make([]int32, b.size()))
	}
	return b, nil
}

// reserve makes one arena for the buffers of a plan.
func (d *cuda) reserve(slots []*slot) error {
	var sum int64
	for _, s := range slots {
		bytes, err := bytesOf(s.Dtype(), s.Shape())
		if err != nil {
			return fmt.Errorf("node %v %v: %w", s.node, s.Shape(), err)
		}
		sum += bytes
	}
	return lower(d.gpu.Reserve(sum, len(slots)))
}

// Load copies the data to the GPU, where it stays. A matrix that would leave less than a
// quarter of the card's memory to models and batches stays on the host instead, and Rows
// brings its rows when their turn comes (see feed).
func (d *cuda) Load(data any, shape tensor.Shape) (Buffer, error) {
	host, err := newHostBuffer(data, shape)
	if err != nil {
		return nil, err
	}
	b := &cudaBuffer{of: host.Dtype(), shape: shape.Clone(), loaded: true}
	bytes, err := bytesOfAny(b.of, shape)
	if err != nil {
		return nil, err
	}
	if rows := shape[0]; rows > math.MaxInt32 {
		return nil, fmt.Errorf("%d rows, want at most %d", rows, math.MaxInt32)
	}
	b.states = d.halves(b) && onlyStates(host)
	free, err := d.gpu.Free()
	if err != nil {
		return nil, err
	}
	if len(shape) == 2 && bytes > free-d.spare {
		b.host = host
		return b, nil
	}
	if b.piece, err = d.gpu.Alloc(bytes); err != nil {
		return nil, b.failed(lower(err))
	}
	return b, b.failed(d.gpu.Upload(b.piece.Address, host.bytes()))
}

func (d *cuda) Upload(dst Buffer, src any) error {
	b := dst.(*cudaBuffer)
	from, err := b.like(src)
	if err != nil {
		return err
	}
	if b.loaded {
		return errLoaded
	}
	states := d.halves(b) && onlyStates(from)
	if states != b.states {
		d.revision++
	}
	b.written()
	b.states = states
	b.know(from.i32)
	b.version++
	return b.failed(d.late(d.gpu.Upload(b.piece.Address, from.bytes())))
}

func (d *cuda) Download(dst any, src Buffer) error {
	b := src.(*cudaBuffer)
	to, err := b.like(dst)
	if err != nil {
		return err
	}
	if b.host != nil {
		copyData(dst, b.host.data)
		return nil
	}
	if d.moved {
		if err := d.fault(); err != nil {
			return err
		}
	}
	return b.failed(d.late(d.gpu.Download(to.bytes(), b.piece.Address)))
}

// halves reports whether it matters to products if a tensor holds states.
func (d *cuda) halves(b *cudaBuffer) bool {
	return d.precision == kernels.BFloat16 && len(b.shape) == 2 && (b.of == tensor.Float32 || b.of == tensor.Uint8)
}

// like returns a slice as a buffer of the host, which must have this one's type and size.
func (b *cudaBuffer) like(slice any) (*hostBuffer, error) {
	other, err := newHostBuffer(slice, b.shape)
	if err == nil && other.Dtype() != b.of {
		err = fmt.Errorf("a %T for a tensor of %v", slice, b.of)
	}
	return other, err
}

// bytes is the memory of a buffer of the host.
func (b *hostBuffer) bytes() []byte {
	switch x := b.data.(type) {
	case []float32:
		return kernels.Bytes(x)
	case []float64:
		return kernels.Bytes(x)
	case []int32:
		return kernels.Bytes(x)
	}
	return b.u8
}

// beside does something of the host's that goes with the launches around it: now, and at
// every replay if they are being recorded.
func (d *cuda) beside(f func() error) error {
	if d.recording {
		d.noted = append(d.noted, f)
		return nil
	}
	return f()
}

// record captures the launches of a plan as a graph. They depend on which variables are
// known to hold states, and not on halves that were made before.
func (d *cuda) record(launches func() error) (replay func() error, err error) {
	d.generation++
	d.recording = true
	graph, err := d.gpu.Capture(launches)
	d.recording = false
	noted := d.noted
	d.noted = nil
	if err != nil {
		return nil, err
	}
	revision, moved := d.revision, d.moved
	return func() error {
		if d.revision != revision {
			return errStale
		}
		d.generation++
		d.moved = d.moved || moved
		for _, f := range noted {
			if err := f(); err != nil {
				return err
			}
		}
		return graph.Launch()
	}, nil
}
