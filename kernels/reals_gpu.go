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

// GPUShapes holds the addresses of [Shapes] (Columns). Jump and Skew are none unless units have two sides.
type GPUShapes struct{ LogVariance, Jump, Skew Address }

// GPUReals holds the operands of the launches of [ActivateReals].
type GPUReals struct {
	Units       Units   // one launch for each of their kinds with real states
	Mean, State Address // (Rows, Columns), or none; columns of other units are not written
	Field       Address // (Rows, Columns)
	Kinds       Address // (Columns); [RealWords]
	Shapes      GPUShapes

	// With Base (Columns), the units are on a [Path] as in [GPUActivation].
	Base, Betas, Levels Address
	Ahead               int

	Clock         Address // needed for State, and for Base without Levels
	Draw          Draw    // its Update is not read: the clock gives it
	Rows, Columns int
}

// ActivateReals launches means, or a draw of states, or both.
func (g *GPU) ActivateReals(r GPUReals) error {
	key0, key1, stream, row := r.Draw.key()
	for _, k := range RealKinds() {
		if !r.Units.any(func(other Kind) bool { return other == k }) {
			continue
		}
		// A thread computes four of the sixteen columns.
		err := g.launch("activate_"+k.String(), sixteens(r.Rows, r.Columns)*4, r.Mean, r.State, r.Field, r.Kinds,
			r.Shapes.LogVariance, r.Shapes.Jump, r.Shapes.Skew, r.Base, r.Betas, r.Levels, r.Clock, r.Ahead,
			key0, key1, stream, row, r.Draw.Step, r.Rows, r.Columns)
		if err != nil {
			return err
		}
	}
	return nil
}

// RealSum launches [RealSum].
func (g *GPU) RealSum(after, before, x, kinds Address, s GPUShapes, fields bool, rows, columns int) error {
	if fields {
		return g.launch("real_cumulants", rows*lanes, after, before, x, kinds, s.LogVariance, s.Jump, s.Skew, rows, columns)
	}
	return g.launch("real_energies", rows*lanes, after, before, x, kinds, s.LogVariance, rows, columns)
}

// GPURealWeight holds the operands of a launch of [RealWeight].
type GPURealWeight struct {
	After, Before Address // (Rows) float64; may be the same
	Field         Address // (Rows, Columns)
	Kinds         Address // (Columns); [RealWords]
	Shapes        GPUShapes
	Rows, Columns int

	// The weights go from inverse temperature Betas[u] to Betas[u+1], where u is the clock's update. With Levels
	// (Rows), each goes from the inverse temperature of the row's level to its [Partner]'s among Count levels.
	Betas, Levels, Clock Address
	Count                int
}

// RealWeight launches [RealWeight].
func (g *GPU) RealWeight(w GPURealWeight) error {
	return g.launch("real_weight", w.Rows*lanes, w.After, w.Before, w.Field, w.Kinds,
		w.Shapes.LogVariance, w.Shapes.Jump, w.Shapes.Skew, w.Betas, w.Levels, w.Clock, w.Count, w.Rows, w.Columns)
}

// RealSlopes launches [RealSlopes].
func (g *GPU) RealSlopes(out, x, kinds Address, s GPUShapes, by Slope, rows, columns int) error {
	return g.launch("real_slopes", rows*columns, out, x, kinds, s.LogVariance, s.Jump, s.Skew, int(by), rows, columns)
}

// Bound launches [Bound].
func (g *GPU) Bound(out, x, bounds, kinds Address, shared bool, columns int) error {
	return g.launch("bound", 1, out, x, bounds, kinds, number(shared), columns)
}
