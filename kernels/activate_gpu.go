//go:build gpu

package kernels

import "slices"

// GPUActivation holds the operands of one launch of [Mean], [Sample] or both.
type GPUActivation struct {
	Mean  Address // (Rows, Columns), or none
	State Address // (Rows-First, Columns), or none
	Half  Address // receives a copy of the states in bfloat16 with rows as in [Half], or none
	Copy  Half    // receives a copy of the means, or none

	Units Units
	Kinds Address // [KindWords] of Units, or none
	Field Address // (Rows, Columns); Mean and State may be Field, unless a unit has several columns
	Bias  Address // (Columns), added to the fields, or none

	// With Base (Columns), the units are on a [Path] at inverse temperature Betas[u+Ahead], where u is
	// the clock's update. With Levels (Rows) as well, the inverse temperature of row n is Betas[Levels[n]].
	Base, Betas, Levels Address
	Ahead               int

	Clock         Address // needed for State, and for Base without Levels
	Draw          Draw    // its Update is not read: the clock gives it
	First         int     // State begins with this row: the rows before it are not drawn
	Rows, Columns int
}

// Activate launches the means of units given their fields, a draw of their states, or both. Each group
// of units of several columns is a launch of its own.
func (g *GPU) Activate(a GPUActivation) error {
	single := func(g Group) bool { return !g.Kind.Several() && !g.Kind.Real() }
	if slices.ContainsFunc(a.Units.groups(a.Columns), single) {
		if err := g.activateSingle(a); err != nil {
			return err
		}
	}
	for _, group := range a.Units {
		if !group.Kind.Several() {
			continue
		}
		key0, key1, stream, row := a.Draw.key()
		err := g.launch("choose", a.Rows*group.Count(), a.Mean, a.State, a.Half, a.Copy.High, a.Copy.Low, a.Field, a.Bias,
			a.Base, a.Betas, a.Levels, a.Clock, a.Ahead, key0, key1, stream, row, a.Draw.Step, a.First, a.Rows, a.Columns,
			group.From, group.Count(), group.Kind.Width())
		if err != nil {
			return err
		}
	}
	return nil
}

// activateSingle launches the units of one column whose states are bits. In other columns it writes numbers without
// meaning, which the launches for units of several columns ("choose") and for real states replace.
func (g *GPU) activateSingle(a GPUActivation) error {
	key0, key1, stream, row := a.Draw.key()
	return g.launch("activate", sixteens(a.Rows, a.Columns), a.Mean, a.State, a.Half, a.Copy.High, a.Copy.Low, a.Field, a.Bias,
		a.Kinds, a.Base, a.Betas, a.Levels, a.Clock, a.Ahead, key0, key1, stream, row, a.Draw.Step, a.First, a.Rows, a.Columns)
}

// Toss launches [Toss] with the probabilities p (rows, columns). half receives the states in
// bfloat16 as in [Half], or is none. The clock gives the update of the draw.
func (g *GPU) Toss(s, half, p, clock Address, d Draw, rows, columns int) error {
	key0, key1, stream, row := d.key()
	return g.launch("toss", sixteens(rows, columns), s, half, p, clock, key0, key1, stream, row, d.Step, rows, columns)
}
