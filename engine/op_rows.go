package engine

import (
	"cmp"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/kernels"
)

// Binarization is how the values of a data set become states.
type Binarization = kernels.Binarization

const (
	AsIs      = kernels.AsIs      // the values themselves
	Threshold = kernels.Threshold // 1 where the value is above the threshold
	Static    = kernels.Static    // 1 with the value as probability; one draw per row of the data set, the same in every epoch
	Dynamic   = kernels.Dynamic   // the same with a new draw in every epoch
)

// Rows is the op that takes a batch of rows, or a shard of a batch, from a data set and binarizes
// them. Row n of the result is row order[position*Batch + First + n] of the data set, where position
// is the clock's.
type Rows struct {
	pure
	First     int // rows of the batch before these, if they are a shard of it
	Size      int // number of these rows, B
	Batch     int // rows of a full batch; the last batch of an epoch may be shorter
	Binarize  Binarization
	Threshold float32 // for Binarize Threshold
	Units     Units   // define the worth of the values, which are bits or probabilities of the bit 1
	Seed      uint64
	Stream    uint8
}

// NewRows returns the batch (B,V) from data (N,V), the order (an Int32 variable of row numbers
// below N) and the clock. data is Float32, or Uint8 where b stands for b/255.
func NewRows(data, order, clock *gorgonia.Node, r Rows) *gorgonia.Node {
	return apply(rows{Rows: r, of: data.Dtype()}, data, order, clock)
}

// rows is a Rows together with the element type of its data set.
type rows struct {
	Rows
	of tensor.Dtype
}

func (r rows) signature() signature {
	return signature{"rows", []operand{{r.of, 2}, integers, integers}, matrix32}
}

func (r rows) shape(in []tensor.Shape) (tensor.Shape, error) {
	return tensor.Shape{r.Size, in[0][1]}, cmp.Or(want("the clock", in[2], ClockSize), fits(r.Units, "the rows", in[0][1]))
}

func (r rows) define(out *tensor.Dense, in []*tensor.Dense) {
	b := r.batch(int32s(in[1]), int32s(in[2]), in[0].Shape()[1])
	if r.of == tensor.Uint8 {
		b.Bytes = in[0].Data().([]uint8)
	} else {
		b.Floats = float32s(in[0])
	}
	states := kernels.NewStates(r.Size, b.Columns)
	states.Units = r.Units
	kernels.Gather(float32s(out), states, &b, 0, r.Size)
	if b.Draws() { // Gather has written states in place of values
		states.Unpack(float32s(out), r.Size)
	}
}

// batch describes the batch at a clock, of the given number of columns, without the data set. Only a
// Dynamic draw depends on the epoch.
func (r Rows) batch(order, clock []int32, columns int) kernels.Batch {
	start := int(clock[ClockPosition])*r.Batch + r.First
	b := kernels.Batch{
		Rows: order[start : start+r.Size], Columns: columns, Units: r.Units, Binarize: r.Binarize, Threshold: r.Threshold,
		Draw: kernels.Draw{Seed: r.Seed, Stream: r.Stream},
	}
	if r.Binarize == Dynamic {
		b.Draw.Update = uint32(clock[ClockEpoch])
	}
	return b
}
