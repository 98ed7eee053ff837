package kernels

// choose computes the means and states of the units of several columns in the rows lo ≤ n < hi,
// given their fields, and returns the number of ones. It is
//
//	for n := lo; n < hi; n++ {
//		for k, unit := range group.units {
//			t := beta*z[n,unit] + (1-beta)*base[unit]    // see Path
//			p[n,unit] = Γ'(t)                            // of the unit's Kind
//			s[n,unit] = 1 in the column drawn with the uniform number of column group.From+k, else 0
//		}
//	}
//
// for each group of such units, where unit stands for all columns of a unit.
func (a *Activation) choose(lo, hi int) int {
	if a.Mean.Data == nil && !a.draws() {
		return 0
	}
	ones := 0
	var u [columnsPerGroup]float32
	for n := lo; n < hi; n++ {
		x := unitFields{z: a.Field, row: n, beta: a.Path.beta(n), base: a.Path.Base}
		for _, g := range a.Units {
			if !g.Kind.Several() {
				continue
			}
			if a.draws() {
				a.States.clear(n, g.From, g.To)
				ones += g.Count()
			}
			x.columns = g.Kind.Width()
			for k := range g.Count() {
				column := g.From + k
				if a.draws() && (k == 0 || column%columnsPerGroup == 0) {
					a.Draw.group(&u, n, column/columnsPerGroup)
				}
				x.from = g.From + k*x.columns
				state := x.from + g.Kind.of().several.draw(a.Mean, x, u[column%columnsPerGroup])
				if a.draws() {
					*a.States.word(n, state) |= 1 << (state % 64)
				}
			}
		}
	}
	return ones
}
