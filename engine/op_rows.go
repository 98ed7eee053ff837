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
	return signature{"rows", []kind{{r.of, 2}, integers, integers}, matrix32}
}

func (r rows) shape(in []tensor.Shape) (tensor.Shape, error) {
	return tensor.Shape{r.Size, in[0][1]}, want("the clock", in[2], ClockSize)
}

func (r rows) define(out *tensor.Dense, in []*tensor.Dense) {
	columns := in[0].Shape()[1]
	clock := int32s(in[2])
	lists := kernels.NewOnes(1, columns)
	for n, index := range r.batch(int32s(in[1]), clock) {
		row := float32s(out)[n*columns : (n+1)*columns]
		from, to := int(index)*columns, int(index+1)*columns
		if r.of == tensor.Uint8 {
			r.fromBytes(&kernels.Definition, row, lists, in[0].Data().([]uint8)[from:to], r.draw(clock, index), 0)
		} else {
			r.fromFloats(&kernels.Definition, row, lists, float32s(in[0])[from:to], r.draw(clock, index), 0)
		}
	}
}

func (r rows) launch(d Device, out Buffer, in []Buffer) error {
	return d.Rows(out, in[0], in[1], in[2], r.Rows)
}

// batch returns the row numbers of the batch.
func (r Rows) batch(order, clock []int32) []int32 {
	start := int(clock[ClockPosition]) * r.Batch
	return order[start : start+r.Size]
}

// draw names the random numbers of one row of the data set.
func (r Rows) draw(clock []int32, index int32) kernels.Draw {
	d := kernels.Draw{Seed: r.Seed, Stream: r.Stream, Row: uint32(index)}
	if r.Binarize == Dynamic {
		d.Update = uint32(clock[ClockEpoch])
	}
	return d
}

// draws reports whether the rows are drawn, so that their lists may be all that is wanted.
func (r Rows) draws() bool { return r.Binarize == Static || r.Binarize == Dynamic }

// fromBytes writes one row of the batch, and the list of its ones as row `at` of
// ones if it is a state. It writes the list alone of a row that is drawn to nil.
func (r Rows) fromBytes(k *kernels.Set, dst []float32, ones kernels.Ones, src []byte, d kernels.Draw, at int) {
	switch r.Binarize {
	case Static, Dynamic:
		k.Binarize(dst, ones, src, d, at, len(src))
		return
	case Threshold:
		for j, b := range src {
			dst[j] = above(float32(b)/255, r.Threshold)
		}
	case AsIs:
		for j, b := range src {
			dst[j] = float32(b) / 255
		}
	}
	ones.From(at).List(dst, 1)
}

// fromFloats is fromBytes for a data set of float32 values.
func (r Rows) fromFloats(k *kernels.Set, dst []float32, ones kernels.Ones, src []float32, d kernels.Draw, at int) {
	switch r.Binarize {
	case Static, Dynamic:
		k.Sample(dst, ones.From(at), src, d, 1, len(src))
		return
	case Threshold:
		for j, v := range src {
			dst[j] = above(v, r.Threshold)
		}
	case AsIs:
		copy(dst, src)
	}
	ones.From(at).List(dst, 1)
}

func above(x, threshold float32) float32 {
	if x > threshold {
		return 1
	}
	return 0
}
