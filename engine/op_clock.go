package engine

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/kernels"
)

// The elements of a clock, the Int32 variable (3) that holds the progress of a run. Draws,
// schedules and batches depend on it. So a plan that starts from the same clock repeats itself
// exactly, and the host sends nothing to a device between two runs.
const (
	ClockUpdate   = kernels.ClockUpdate   // updates, or annealing steps, since the start
	ClockPosition = kernels.ClockPosition // index of the batch in the order, and of the row of the rates
	ClockEpoch    = kernels.ClockEpoch    // passes over the data set
	ClockSize     = kernels.ClockSize     // number of elements
)

// Tick is the op that advances a clock by one update.
type Tick struct{}

// NewTick returns the clock after one run: update and position rise by one. The epoch, and a position of 0 at
// its start, are set from outside.
func NewTick(clock *gorgonia.Node) *gorgonia.Node { return apply(Tick{}, clock) }

func (Tick) signature() signature {
	return signature{"tick", []operand{integers}, integers}
}

func (Tick) shape(in []tensor.Shape) (tensor.Shape, error) {
	return in[0].Clone(), want("clock", in[0], ClockSize)
}

func (Tick) define(out *tensor.Dense, in []*tensor.Dense) {
	kernels.Tick(int32s(out), int32s(in[0]))
}

func (Tick) inPlace(int) bool { return true }
