//go:build gpu

package engine

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"weak"

	"gorgonia.org/tensor"

	"harmonium/kernels"
	"harmonium/ranks"
)

// cuda is an NVIDIA GPU. Launches return before they are done. They read the clock, the order and
// the schedules on the device.
type cuda struct {
	gpu       *kernels.GPU
	precision kernels.Precision // of the products of reduced fields and gradients

	last   string                                       // the name of the latest launches, for errors that arrive late
	faults *kernels.Piece                               // the record of parameters gone wrong, with a site for each
	sites  [kernels.FaultSites]weak.Pointer[cudaBuffer] // by site, the parameter
	moved  bool                                         // parameters have changed since the faults were last read

	exchange cudaExchange // with other ranks

	recording *recording // of launches that are not made now; or nil
	revision  int        // changes when a variable becomes or ceases to be known to hold states (see record)
	known     known      // what was known of variables before they were written, since the last call of revised

	tables map[string]*kernels.Piece // constant tables, most of them of the kinds of a layer, by name

	spare int64 // bytes that a data set must leave free to be stored on the GPU
	chunk int64 // bytes of a data set on the host that are copied at a time, at least one batch
}

// cudaBuffer is a tensor in the GPU's memory. Code that writes the tensor must call written.
type cudaBuffer struct {
	of     tensor.Dtype
	shape  tensor.Shape
	piece  *kernels.Piece
	name   string // name of the variable, or empty
	loaded bool
	states bool           // all values are known to be states
	half   kernels.Half   // a copy in bfloat16, or room for one; or none
	copies *kernels.Piece // the memory of half, kept from the garbage collector
	halved bool           // half has the values of the tensor
	device *cuda
	site   int // 1 + its index in the device's sites; 0 for none

	behind, ahead *cudaBuffer // the buffer whose rows follow these in memory, and the one whose rows precede them; or nil

	// Scratch memory of the launches that write the tensor: of its means, and of its sweep. The launches of means leave
	// the counts with which sums begins at zero, as they find them (see [kernels.GPULayer.RoomBytes]).
	sums, fields room

	host  *hostBuffer // the data set itself if it stays on the host; then there is no piece, and only Rows reads it
	feeds []*feed     // of the data set on the host, or outside of memory

	ints     []int32 // values of a clock or an order; nil if only the GPU has them
	version  int     // counts uploads and assignments
	computed bool    // launches write the tensor, so only the GPU has its values
}

// room is scratch memory: the last piece, and smaller earlier ones that captured graphs may use.
type room struct {
	pieces []*kernels.Piece
	bytes  int64 // of the last piece
}

func (b *cudaBuffer) Dtype() tensor.Dtype { return b.of }
func (b *cudaBuffer) Shape() tensor.Shape { return b.shape }
func (b *cudaBuffer) label(name string)   { b.name = name }

func (b *cudaBuffer) size() int  { return b.shape.TotalSize() }
func (b *cudaBuffer) rows() int  { return b.shape[0] }
func (b *cudaBuffer) width() int { return b.shape[1] }

// written discards what was derived from the old values.
func (b *cudaBuffer) written() {
	b.device.known.note(b)
	b.states = false
	b.halve(false)
}

// know records the values of a tensor of integers on the host, where feeds need the values of clocks and
// orders; nil stands for unknown values.
func (b *cudaBuffer) know(ints []int32) {
	if ints == nil || b.computed {
		b.ints = nil
	} else {
		b.ints = append(b.ints[:0], ints...)
	}
}

// failed adds the type and shape of the tensor to an error.
func (b *cudaBuffer) failed(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%v %v: %w", b.of, b.shape, err)
}

// at returns the address of a buffer, or none for nil.
func at(b Buffer) kernels.Address {
	if b == nil {
		return 0
	}
	x := b.(*cudaBuffer)
	if x.host != nil {
		panic("engine: only Rows can read a data set on the host")
	}
	return x.piece.Address
}

// target returns the address of a buffer that is about to be written.
func target(b Buffer) kernels.Address {
	x := b.(*cudaBuffer)
	x.written()
	x.ints, x.computed = nil, true
	return at(b)
}

// HasCUDA reports whether this build includes CUDA.
const HasCUDA = true

// examineGPU returns the name of the GPU, the path of its cuBLAS and what there is of NCCL, or a line for each thing
// that is missing.
func examineGPU() (name, blas, nccl string, missing []string) {
	d, err := openCUDA(Options{Ranks: ranks.Alone{}})
	if err != nil {
		return "", "", "", []string{err.Error()}
	}
	name, blas = d.Name(), d.(*cuda).gpu.BLAS
	if err := d.Close(); err != nil {
		missing = []string{err.Error()}
	}
	path, version, err := ranks.FindNCCL()
	if nccl = fmt.Sprintf("%s, version %s", path, version); err != nil {
		nccl = err.Error() + ": several processes add up through pinned memory"
	}
	return name, blas, nccl, missing
}

// The parts of a GPU's memory that a data set leaves free and that a chunk takes. Both are chosen: with a smaller spare
// less remains for models, chains and batches; larger chunks are fewer copies and waits, but take memory of GPU and host.
const (
	spareShare = 4
	chunkShare = 1024
)

// openCUDA returns the first GPU, or the GPU of a rank among those on its machine.
func openCUDA(o Options) (Device, error) {
	local, _ := o.Ranks.Local()
	gpu, err := kernels.OpenGPUFor(local, o.Ranks.Size() > 1)
	if err != nil {
		return nil, fmt.Errorf("engine: device cuda: %w", err)
	}
	d := &cuda{
		gpu: gpu, tables: map[string]*kernels.Piece{}, exchange: cudaExchange{ranks: o.Ranks}, known: known{},
		spare: gpu.Memory / spareShare, chunk: gpu.Memory / chunkShare,
	}
	if err := d.start(o.Precision); err != nil {
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
		return fmt.Errorf("%s has compute capability %d.%d, precision %s needs 8.0", d.gpu.Device, d.gpu.Major, d.gpu.Minor, precision)
	case precision == "bf16":
		d.precision = kernels.BFloat16
	case precision == "bf16x2":
		d.precision = kernels.TwoBFloat16
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
	others := ""
	if d.exchange.ranks.Size() > 1 {
		others = ", " + d.exchange.describe()
	}
	return fmt.Sprintf("cuda (%s, compute capability %d.%d, %.0f GiB, %s%s)", d.gpu.Device, d.gpu.Major, d.gpu.Minor,
		float64(d.gpu.Memory)/(1<<30), precisionNames[d.precision], others)
}

// precisionNames are the names in Options of the precisions.
var precisionNames = [...]string{
	kernels.Float32: "f32", kernels.TensorFloat32: "tf32", kernels.BFloat16: "bf16", kernels.TwoBFloat16: "bf16x2",
}

func (d *cuda) Counts() Counts { return Counts(d.gpu.Counts()) }

func (d *cuda) Close() error {
	d.exchange.close()
	if err := d.gpu.Close(); err != nil {
		return fmt.Errorf("engine: %w", err)
	}
	return nil
}

// Sync waits for all launches. A parameter that they left NaN or infinite is a *Fault.
func (d *cuda) Sync() error {
	wait := d.gpu.Sync
	if d.moved {
		wait = d.fault
	}
	if err := cmp.Or(d.late(wait()), d.exchange.failure()); err != nil {
		return fmt.Errorf("engine: %w", err)
	}
	return nil
}

func (d *cuda) follow(launches string) { d.last = launches }

// late adds to an error that a wait returned the name of the launches before the wait.
func (d *cuda) late(err error) error {
	if fault := (*Fault)(nil); err == nil || d.last == "" || errors.As(err, &fault) {
		return err
	}
	return fmt.Errorf("after %s: %w", d.last, err)
}

// sizes holds the number of bytes of a value of each type that the GPU supports.
var sizes = map[tensor.Dtype]int64{tensor.Float32: 4, tensor.Int32: 4, tensor.Float64: 8, tensor.Uint8: 1}

// bytesOf returns the number of bytes of a tensor, which must have fewer than 2³¹ values.
func bytesOf(of tensor.Dtype, shape tensor.Shape) (int64, error) {
	if size := shape.TotalSize(); size > math.MaxInt32 {
		return 0, fmt.Errorf("%d values, want at most %d", size, math.MaxInt32)
	}
	return bytesOfAny(of, shape)
}

// bytesOfAny is bytesOf without the limit, for data sets. Only their kernel indexes with 64 bits.
func bytesOfAny(of tensor.Dtype, shape tensor.Shape) (int64, error) {
	if sizes[of] == 0 {
		return 0, fmt.Errorf("the GPU has no tensors of %v", of)
	}
	return sizes[of] * int64(shape.TotalSize()), nil
}

// adviseLess adds to an error for lack of memory the advice to lower the sizes.
func adviseLess(err error) error {
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
	b := &cudaBuffer{of: of, shape: shape.Clone(), device: d}
	if b.piece, err = d.gpu.Alloc(bytes); err != nil {
		return nil, b.failed(adviseLess(err))
	}
	b.states = tracks(b) // zeros
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
	return adviseLess(d.gpu.Reserve(sum, len(slots)))
}

// Load copies the data to the GPU. A matrix stays on the host if it would leave less than a
// quarter of the GPU's memory free for models and batches. Then Rows copies its rows when they
// are needed (see feed), as it does for a RowReader.
func (d *cuda) Load(data any, shape tensor.Shape) (Buffer, error) {
	from, err := readerOf(data, shape)
	if from != nil {
		b := &cudaBuffer{of: typeOfReader(from), shape: shape.Clone(), loaded: true, device: d}
		b.host = &hostBuffer{shape: b.shape, loaded: true, reader: from}
		b.states = tracks(b) && from.Binary()
		return b, nil
	}
	if err != nil {
		return nil, err
	}
	host, err := newHostBuffer(data, shape)
	if err != nil {
		return nil, err
	}
	b := &cudaBuffer{of: host.Dtype(), shape: shape.Clone(), loaded: true, device: d}
	bytes, err := bytesOfAny(b.of, shape)
	if err != nil {
		return nil, err
	}
	if rows := shape[0]; rows > math.MaxInt32 {
		return nil, fmt.Errorf("%d rows, want at most %d", rows, math.MaxInt32)
	}
	b.states = tracks(b) && allBinary(host)
	free, err := d.gpu.Free()
	if err != nil {
		return nil, err
	}
	if len(shape) == 2 && bytes > free-d.spare {
		b.host = host
		return b, nil
	}
	if b.piece, err = d.gpu.Alloc(bytes); err != nil {
		return nil, b.failed(adviseLess(err))
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
	b.written()
	b.states = tracks(b) && allBinary(from)
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
	if b.host != nil && b.host.reader != nil {
		return errReader
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
	return b.failed(cmp.Or(d.late(d.gpu.Download(to.bytes(), b.piece.Address)), d.exchange.failure()))
}

// like returns a slice as a host buffer. The slice must have the type and size of b.
func (b *cudaBuffer) like(slice any) (*hostBuffer, error) {
	other, err := newHostBuffer(slice, b.shape)
	if err == nil && other.Dtype() != b.of {
		err = fmt.Errorf("a %T for a tensor of %v", slice, b.of)
	}
	return other, err
}

// bytes returns the memory of a host buffer.
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

// The branches of a plan, which only recorded launches have.
func (d *cuda) fork() error { return d.gpu.Fork() }
func (d *cuda) back()       { d.gpu.Back() }
func (d *cuda) join() error { return d.gpu.Join() }
