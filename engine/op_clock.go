package engine

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/kernels"
)

// The places of a clock, the Int32 variable (3) that says where a run stands.
// Draws, schedules and batches depend on it, so a plan repeats itself exactly
// from the same clock, and nothing has to be sent to a device between two runs.
const (
	ClockUpdate   = kernels.ClockUpdate   // updates, or annealing steps, since the start
	ClockPosition = kernels.ClockPosition // runs since the variable was set: which batch of the order, which row of the rates
	ClockEpoch    = kernels.ClockEpoch    // visits to the data set
	ClockSize     = kernels.ClockSize
)

// Tick is the op that moves a clock on by one update.
type Tick struct{}

// NewTick returns the clock after one run: update and position are one more.
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
