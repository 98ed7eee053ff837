//go:build gpu

package kernels

// RealWords returns the kinds of the columns of a layer for the kernels of units with real states, one
// number each. A column of another kind has the number of the default kind.
func RealWords(u Units) []int32 {
	var kinds []int32
	for _, g := range u {
		for range g.To - g.From {
			if g.Kind.Real() {
				kinds = append(kinds, int32(g.Kind))
			} else {
				kinds = append(kinds, int32(Bernoulli))
			}
		}
	}
	return kinds
}

// GPUReals holds the operands of one launch of [ActivateReals].
type GPUReals struct {
	Mean, State        Address // (Rows, Columns), or none; columns without real states stay
	Field              Address // (Rows, Columns)
	Kinds, LogVariance Address // (Columns); [RealWords]

	// With Base (Columns), the units are on a [Path] as in [GPUActivation].
	Base, Betas, Levels Address
	Ahead               int

	Clock         Address // needed for State and for Base
	Draw          Draw    // its Update is not read: the clock gives it
	Rows, Columns int
}

// ActivateReals launches means, or a draw of states, or both.
func (g *GPU) ActivateReals(r GPUReals) error {
	key0, key1, stream := r.Draw.key()
	return g.launch("activate_reals", sixteens(r.Rows, r.Columns)*4, r.Mean, r.State, r.Field, r.Kinds, r.LogVariance, r.Base, r.Betas,
		r.Levels, r.Clock, r.Ahead, key0, key1, stream, r.Draw.Step, r.Rows, r.Columns)
}

// RealSum launches [RealSum].
func (g *GPU) RealSum(after, before, x, kinds, logVariance Address, fields bool, rows, columns int) error {
	return g.launch("real_sum", rows*lanes, after, before, x, kinds, logVariance, number(fields), rows, columns)
}

// RealSlopes launches [RealSlopes].
func (g *GPU) RealSlopes(out, x, kinds, logVariance Address, fields bool, rows, columns int) error {
	return g.launch("real_slopes", rows*columns, out, x, kinds, logVariance, number(fields), rows, columns)
}

// Bound launches [Bound].
func (g *GPU) Bound(out, x, bounds, kinds Address, shared bool, columns int) error {
	return g.launch("bound", 1, out, x, bounds, kinds, number(shared), columns)
}
