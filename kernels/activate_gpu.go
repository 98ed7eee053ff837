//go:build gpu

package kernels

// GPUActivation holds the operands of the launch of [Mean] and [Sample] in one pass.
type GPUActivation struct {
	Mean  Address // (Rows, Columns), or none
	State Address // (Rows, Columns), or none
	Half  Address // (Rows, Columns) the states in bfloat16, or none

	Kinds Address // (Columns) bytes, see [KindBytes]; or none
	Field Address // (Rows, Columns); Mean and State may be Field
	Bias  Address // (Columns) to add to the fields, or none

	// With Base (Columns), the mean is that at the inverse temperature Betas[update+Ahead],
	// or, with Levels (Rows), at that of each row's level.
	Base, Betas, Levels Address
	Ahead               int

	Clock         Address // needed by State and Base
	Draw          Draw    // its update is the clock's
	Rows, Columns int
}

// Activate launches the means, the states, or both, of units given their fields.
func (g *GPU) Activate(a GPUActivation) error {
	key0, key1, stream := a.Draw.key()
	return g.launch("activate", fours(a.Rows, a.Columns), a.Mean, a.State, a.Half, a.Field, a.Bias, a.Kinds, a.Base, a.Betas,
		a.Levels, a.Clock, a.Ahead, key0, key1, stream, a.Draw.Step, a.Rows, a.Columns)
}

// Toss launches [Toss] of the probabilities p (rows, columns). Half is the states in bfloat16,
// or none; the draw's update is the clock's.
func (g *GPU) Toss(s, half, p, clock Address, d Draw, rows, columns int) error {
	key0, key1, stream := d.key()
	return g.launch("toss", fours(rows, columns), s, half, p, clock, key0, key1, stream, d.Step, rows, columns)
}
