package engine

import (
	"errors"
	"fmt"

	"gorgonia.org/tensor"

	"harmonium/kernels"
	"harmonium/memory"
	"harmonium/ranks"
)

var (
	errLoaded = errors.New("a tensor that was loaded is never written")
	errClosed = errors.New("the device is closed")
	errReader = errors.New("the rows stay outside of memory: only batches of them are read")
)

// host is the device that consists of the processors of this machine.
type host struct {
	kernels  *kernels.Set
	pool     *pool
	tasks    tasks
	gathered gathered
	exchange exchange
	divided  bool      // evaluations and samplers divide their rows among the ranks (see [Divide])
	lists    [][]int32 // per thread, room for the lists of active units that it makes within a piece of a task
	closed   bool
}

// openHost opens the device of one rank.
func openHost(r ranks.Transport, threads int) (*host, error) {
	k, err := kernels.Host()
	if err != nil {
		return nil, fmt.Errorf("engine: %w", err)
	}
	start := newPool
	if threads > processors {
		start = newCrowdedPool
	}
	return &host{kernels: k, pool: start(threads), exchange: exchange{ranks: r}}, nil
}

func (h *host) threads() int { return len(h.pool.workers) + 1 }

func (h *host) Name() string {
	threads := fmt.Sprintf("%d threads", h.threads())
	if h.threads() == 1 {
		threads = "1 thread"
	}
	if r := h.exchange.ranks; r.Size() > 1 {
		return fmt.Sprintf("cpu (%s kernels, %d ranks of %s, %s)", h.kernels.Name, r.Size(), threads, r.Name())
	}
	return fmt.Sprintf("cpu (%s kernels, %s)", h.kernels.Name, threads)
}

func (h *host) Sync() error { return nil }

func (h *host) Close() error {
	if !h.closed {
		h.closed = true
		h.pool.close()
	}
	return nil
}

// hostBuffer is a tensor in the program's memory. The host derives other forms of matrices, so code
// that writes a matrix must call written.
type hostBuffer struct {
	shape tensor.Shape
	data  any // the slice of the element type: one of the slices below
	f32   []float32
	f64   []float64
	i32   []int32
	u8    []uint8

	loaded bool      // made by Load: never written
	reader RowReader // of a data set outside of memory, which has no slice; nil for others
	binary bool      // a data set whose values are all 0 or 1

	states    kernels.States // (rows, columns), or room for them
	hasStates bool           // states holds this matrix
	ones      int            // number of ones in states
	bare      bool           // states alone holds the matrix; expanded fills the slice when an op reads numbers

	panels, turnedPanels panelled // this matrix and its transpose in panels, as factors of products
	inPanels             bool     // panels alone holds the matrix; expanded fills the slice
	worth                [2]worth // for weights: both in panels again, for fields over units not all of the default kind
}

func (b *hostBuffer) Dtype() tensor.Dtype {
	if b.reader != nil {
		return typeOfReader(b.reader)
	}
	switch b.data.(type) {
	case []float32:
		return tensor.Float32
	case []float64:
		return tensor.Float64
	case []int32:
		return tensor.Int32
	}
	return tensor.Uint8
}

func (b *hostBuffer) Shape() tensor.Shape { return b.shape }

func (b *hostBuffer) rows() int  { return b.shape[0] }
func (b *hostBuffer) width() int { return b.shape[1] }

// panelled is a copy in panels, made on demand.
type panelled struct {
	kernels.Panels
	fresh bool // the copy has the present values
}

// written discards the forms derived from the old values.
func (b *hostBuffer) written() {
	b.hasStates, b.bare = false, false
	b.panels.fresh, b.turnedPanels.fresh, b.inPanels = false, false, false
	b.worth[0].fresh, b.worth[1].fresh = false, false
}

// roomForStates returns room for the states of units, for a kernel that is about to write them.
func (b *hostBuffer) roomForStates(units Units) kernels.States {
	if b.states.Bits == nil {
		b.states = kernels.NewStates(b.rows(), b.width())
	}
	b.states.Units = units
	return b.states
}

// findStates finds the states of units whose worth the values of this matrix are, and reports whether every
// value is the worth of a state. States that are there already are of the same units: a matrix belongs to one layer.
func (b *hostBuffer) findStates(units Units) bool {
	if !b.hasStates {
		values := expanded(b).f32
		if !b.roomForStates(units).PackStates(values, b.rows()) {
			return false
		}
		b.hasStates, b.ones = true, b.states.Count(b.rows())
	}
	return true
}

// bareStates records that a kernel has written the states, with the given number of ones, and that
// only they hold the matrix.
func (b *hostBuffer) bareStates(ones int) { b.hasStates, b.bare, b.ones = true, true, ones }

// values returns the present values, in the form that holds them.
func (b *hostBuffer) values() kernels.Grid {
	if b.inPanels {
		return b.panels.Grid()
	}
	return kernels.ByRows(expanded(b).f32, b.width())
}

// target returns the matrix for a kernel that is about to write all of it, in panels if inPanels.
func (b *hostBuffer) target(inPanels bool) kernels.Grid {
	b.written()
	if !inPanels {
		return kernels.ByRows(b.f32, b.width())
	}
	if b.panels.Data == nil {
		b.panels.Panels = kernels.NewPanels(b.rows(), b.width())
	}
	b.panels.fresh, b.inPanels = true, true
	return b.panels.Grid()
}

// expanded returns the buffer with its present values in f32, for a kernel that reads neither
// states nor panels.
func expanded(b Buffer) *hostBuffer {
	h := b.(*hostBuffer)
	if h.bare {
		h.states.Unpack(h.f32, h.rows())
		h.bare = false
	}
	if h.inPanels {
		kernels.Unpack(h.f32, h.panels.Panels)
		h.inPanels = false
	}
	return h
}

func newHostBuffer(data any, shape tensor.Shape) (*hostBuffer, error) {
	b := &hostBuffer{shape: shape.Clone(), data: data}
	var size int
	switch data := data.(type) {
	case []float32:
		b.f32, size = data, len(data)
	case []float64:
		b.f64, size = data, len(data)
	case []int32:
		b.i32, size = data, len(data)
	case []uint8:
		b.u8, size = data, len(data)
	default:
		return nil, fmt.Errorf("a %T is no tensor of the host", data)
	}
	if size != shape.TotalSize() {
		return nil, fmt.Errorf("%d values for shape %v", size, shape)
	}
	return b, nil
}

func (h *host) Alloc(of tensor.Dtype, shape tensor.Shape) (Buffer, error) {
	if h.closed {
		return nil, errClosed
	}
	size := shape.TotalSize()
	if err := memory.Check(fmt.Sprintf("a tensor of shape %v", shape), float64(size)*float64(of.Size())); err != nil {
		return nil, err
	}
	var data any
	switch of {
	case tensor.Float32:
		data = make([]float32, size)
	case tensor.Float64:
		data = make([]float64, size)
	case tensor.Int32:
		data = make([]int32, size)
	case tensor.Uint8:
		data = make([]uint8, size)
	default:
		return nil, fmt.Errorf("the host has no tensors of %v", of)
	}
	return newHostBuffer(data, shape)
}

func (h *host) Load(data any, shape tensor.Shape) (Buffer, error) {
	if h.closed {
		return nil, errClosed
	}
	from, err := readerOf(data, shape)
	if from != nil {
		return &hostBuffer{shape: shape.Clone(), loaded: true, reader: from, binary: from.Binary()}, nil
	}
	if err != nil {
		return nil, err
	}
	b, err := newHostBuffer(data, shape)
	if err != nil {
		return nil, err
	}
	b.loaded, b.binary = true, allBinary(b)
	return b, nil
}

// allBinary reports whether all values of a tensor of bytes or float32 are 0 or 1, where a byte b stands for b/255.
func allBinary(b *hostBuffer) bool {
	for _, v := range b.u8 {
		if v != 0 && v != 255 {
			return false
		}
	}
	for _, v := range b.f32 {
		if v != 0 && v != 1 {
			return false
		}
	}
	return true
}

func (h *host) Upload(dst Buffer, src any) error {
	b := dst.(*hostBuffer)
	if b.loaded {
		return errLoaded
	}
	if err := sameSize(b, src); err != nil {
		return err
	}
	copyData(b.data, src)
	b.written()
	return nil
}

func (h *host) Download(dst any, src Buffer) error {
	b := expanded(src)
	if b.reader != nil {
		return errReader
	}
	if err := sameSize(b, dst); err != nil {
		return err
	}
	copyData(dst, b.data)
	return nil
}

// sameSize returns an error unless the slice has the type and length of the buffer.
func sameSize(b *hostBuffer, slice any) error {
	other, err := newHostBuffer(slice, b.shape)
	if err != nil {
		return err
	}
	if other.Dtype() != b.Dtype() {
		return fmt.Errorf("a %T for a tensor of %v", slice, b.Dtype())
	}
	return nil
}
