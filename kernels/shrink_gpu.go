//go:build gpu

package kernels

// GPUShrink holds the operands of a launch of [Shrink].
type GPUShrink struct {
	Next, Weights   Address // (Rows, Columns)
	Rates, Clock    Address // the row of Rates (.., 2) at the clock's position holds the learning rate
	Cost            float32 // the threshold is Cost times the learning rate
	Over            Over
	Visible, Hidden Address // the kinds of the units, or none
	Faults          Address // a record of FaultsSize bytes
	Rows, Columns   int
}

// Shrink launches [Shrink] over all blocks. It changes nothing in the updates after a fault.
func (g *GPU) Shrink(s GPUShrink) error {
	places := Blocks{Over: s.Over}.Lines(s.Rows, s.Columns) // blocks, where all units have one column
	if s.Over == Edges {
		places *= s.Columns
	}
	return g.launch("shrink", places*lanes, s.Next, s.Weights, s.Rates, s.Clock, s.Cost, int(s.Over),
		s.Visible, s.Hidden, s.Faults, s.Rows, s.Columns)
}
