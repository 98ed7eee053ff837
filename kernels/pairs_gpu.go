//go:build gpu

package kernels

// GPUPairs holds the operands of a launch of [PairEnergies].
type GPUPairs struct {
	Out, Before   Address // (Rows) float64; may be the same
	V, Y          Address // (Rows, Columns)
	Rows, Columns int

	// Without Betas, the scale is 1. With Betas (Count), it is Betas[u] - Betas[u+1], where u is the clock's
	// update. With Levels (Rows) as well, it is the beta of row n's level minus the beta of the level's [Partner],
	// or 0 if the level has none.
	Betas, Levels, Clock Address
	Count                int
}

// PairEnergies launches [PairEnergies].
func (g *GPU) PairEnergies(p GPUPairs) error {
	return g.launch("pair_energy", p.Rows*lanes, p.Out, p.Before, p.V, p.Y,
		p.Betas, p.Levels, p.Clock, p.Count, p.Rows, p.Columns)
}

// PairGradient launches [PairGradient]. The table is [SweepTable] with count units; the offsets may be none.
func (g *GPU) PairGradient(out, gradient, offset, difference, table Address, count, columns int) error {
	if err := g.launch("pair_gradient", columns*columns, out, gradient, offset, difference, columns); err != nil {
		return err
	}
	return g.launch("clear_units", count, out, table, count, columns)
}

// PairShift launches [PairShift].
func (g *GPU) PairShift(out, d, gradient, offset Address, columns int) error {
	return g.launch("pair_shift", columns, out, d, gradient, offset, columns)
}
