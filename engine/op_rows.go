package engine

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/kernels"
)

// Binarization says how the values of a data set become states.
type Binarization int

const (
	AsIs      Binarization = iota // the values themselves
	Threshold                     // 1 where the value is above the threshold
	Static                        // one draw per row of the data set, the same at every visit
	Dynamic                       // a fresh draw at every epoch
)

// Rows is the op that takes a batch of rows from a data set and binarizes them.
// Row n of the batch is row order[position*Batch + n] of the data set, with the
// clock's position.
type Rows struct {
	pure
	Size      int // rows of this batch, B
	Batch     int // rows of a full batch; the last one of an epoch may be shorter
	Binarize  Binarization
	Threshold float32
	Seed      uint64
	Stream    uint8
}

// NewRows returns the batch (B,V) from data (N,V), either Float32 or Uint8 with the
// values b/255, the order (an Int32 variable of row numbers below N) and the clock.
func NewRows(data, order, clock *gorgonia.Node, r Rows) *gorgonia.Node {
	return apply(rows{Rows: r, of: data.Dtype()}, data, order, clock)
}

// rows is a Rows with the element type of its data set.
type rows struct {
	Rows
	of tensor.Dtype
}

func (r rows) signature() signature {
	return signature{"rows", []operand{{r.of, 2}, integers, integers}, matrix32}
}

func (r rows) shape(in []tensor.Shape) (tensor.Shape, error) {
	return tensor.Shape{r.Size, in[0][1]}, want("the clock", in[2], ClockSize)
}

func (r rows) define(out *tensor.Dense, in []*tensor.Dense) {
	b := batch{rows: r.rowNumbers(int32s(in[1]), int32s(in[2])), columns: in[0].Shape()[1], draw: r.draw(int32s(in[2]))}
	states := kernels.NewStates(r.Size, b.columns)
	if r.of == tensor.Uint8 {
		r.fromBytes(&kernels.Definition, float32s(out), states, in[0].Data().([]uint8), b, 0, r.Size)
	} else {
		r.fromFloats(&kernels.Definition, float32s(out), states, float32s(in[0]), b, 0, r.Size)
	}
	if r.draws() {
		states.Unpack(float32s(out), r.Size)
	}
}

func (r rows) launch(d Device, out Buffer, in []Buffer) error {
	return d.Rows(out, in[0], in[1], in[2], r.Rows)
}

// batch is what makes up a batch: rows of the data set, of so many columns, and the random
// numbers that they are drawn with.
type batch struct {
	rows    []int32
	columns int
	draw    kernels.Draw
}

// rowNumbers returns the row numbers of the batch.
func (r Rows) rowNumbers(order, clock []int32) []int32 {
	start := int(clock[ClockPosition]) * r.Batch
	return order[start : start+r.Size]
}

// draw names the random numbers of the data set.
func (r Rows) draw(clock []int32) kernels.Draw {
	d := kernels.Draw{Seed: r.Seed, Stream: r.Stream}
	if r.Binarize == Dynamic {
		d.Update = uint32(clock[ClockEpoch])
	}
	return d
}

// draws reports whether the rows are drawn, so that their states are all there is.
func (r Rows) draws() bool { return r.Binarize == Static || r.Binarize == Dynamic }

// fromBytes writes the rows lo ≤ n < hi of the batch: to states if they are drawn, and
// otherwise to dst, and to states as well in case they are 0/1. It returns the number of ones
// of these.
func (r Rows) fromBytes(k *kernels.Set, dst []float32, states kernels.States, data []byte, b batch, lo, hi int) int {
	if r.draws() {
		return k.Binarize(states, data, b.rows, b.draw, lo, hi, b.columns)
	}
	return r.each(dst, states, b, lo, hi, func(row []float32, index int) {
		for j, v := range data[index*b.columns : (index+1)*b.columns] {
			row[j] = r.value(float32(v) / 255)
		}
	})
}

// fromFloats is fromBytes for a data set of float32 values.
func (r Rows) fromFloats(k *kernels.Set, dst []float32, states kernels.States, data []float32, b batch, lo, hi int) int {
	if r.draws() {
		ones := 0
		for n := lo; n < hi; n++ {
			index, d := int(b.rows[n]), b.draw
			d.Row += uint32(index)
			means := kernels.ByRows(data[index*b.columns:(index+1)*b.columns], b.columns)
			a := kernels.Activation{Rows: 1, Columns: b.columns, Mean: means, States: states.From(n), Draw: d}
			ones += k.Activate(a, 0, b.columns)
		}
		return ones
	}
	return r.each(dst, states, b, lo, hi, func(row []float32, index int) {
		for j, v := range data[index*b.columns : (index+1)*b.columns] {
			row[j] = r.value(v)
		}
	})
}

// each lets write fill in rows of the batch from those of the data set, and keeps their states.
func (r Rows) each(dst []float32, states kernels.States, b batch, lo, hi int, write func(row []float32, index int)) int {
	ones := 0
	for n := lo; n < hi; n++ {
		row := dst[n*b.columns : (n+1)*b.columns]
		write(row, int(b.rows[n]))
		states.From(n).Pack(row, 1)
		ones += states.From(n).Count(1)
	}
	return ones
}

// value is what becomes of a value that is not drawn.
func (r Rows) value(x float32) float32 {
	if r.Binarize == Threshold {
		return above(x, r.Threshold)
	}
	return x
}

func above(x, threshold float32) float32 {
	if x > threshold {
		return 1
	}
	return 0
}
