package kernels

// Reals describes the units of a layer whose states are real numbers, given the fields of the whole
// layer. Let σ_j = e^(logVariance[j]/2). The energy of such a unit is s²/2σ² - s·x for the states s of
// its kind, and x its field. A result without data is not stored; neither may overlap the fields.
type Reals struct {
	Rows, Columns int
	Units         Units
	LogVariance   []float32 // (Columns)
	Field         Grid      // (Rows, Columns)
	Path          Path      // from the fields of the model to the fields of the units
	Mean, State   Grid      // (Rows, Columns)
	Draw          Draw      // of State
}

// From returns the description of the rows from n on.
func (r Reals) From(n int) Reals {
	r.Rows -= n
	r.Field, r.Mean, r.State = r.Field.From(n), r.Mean.From(n), r.State.From(n)
	if r.Path.Betas != nil {
		r.Path.Betas = r.Path.Betas[n:]
	}
	r.Draw.Row += uint32(n)
	return r
}

// ActivateReals computes means and states of the units with real states. It is
//
//	for n := range rows {
//		for each column j of such a unit {
//			t := beta*z[n,j] + (1-beta)*base[j]    // see Path
//			p[n,j] = Γ'(t)                         // of the unit's Kind
//			s[n,j] = F⁻¹(u(d,n,j))                 // F the distribution function of p(s|t)
//		}
//	}
//
// with u the uniform number in [0,1) of [Draw], taken as the middle of its interval of 2⁻²⁴. Other
// columns of the results stay as they are. Every implementation returns the same bits for the same z.
// ActivateReals panics if a slice is shorter than its shape.
func ActivateReals(r Reals) {
	r.check()
	var u [columnsPerGroup]float32
	for _, g := range r.Units {
		unit := g.Kind.of().real
		if unit == nil {
			continue
		}
		for n := range r.Rows {
			beta := r.Path.beta(n)
			for j := g.From; j < g.To; j++ {
				if r.State.Data != nil && (j == g.From || j%columnsPerGroup == 0) {
					r.Draw.group(&u, n, j/columnsPerGroup)
				}
				x := float32(beta * *r.Field.at(n, j))
				if r.Path.Base != nil {
					x += float32((1 - beta) * r.Path.Base[j])
				}
				deviation := deviationOf(r.LogVariance[j])
				if r.Mean.Data != nil {
					*r.Mean.at(n, j) = unit.mean(x, deviation)
				}
				if r.State.Data != nil {
					*r.State.at(n, j) = unit.draw(x, deviation, u[j%columnsPerGroup])
				}
			}
		}
	}
}

// deviationOf returns σ = e^(z/2) for a log-variance z.
func deviationOf(z float32) float32 { return exp(clamp(0.5 * z)) }

func (r *Reals) check() {
	r.Field.check(r.Rows, r.Columns, "kernels: reals: the fields are shorter than their shape")
	for _, g := range []Grid{r.Mean, r.State} {
		if g.Data != nil {
			g.check(r.Rows, r.Columns, "kernels: reals: a result is shorter than its shape")
		}
	}
	if p := r.Path; len(r.LogVariance) < r.Columns || p.Base != nil && len(p.Base) < r.Columns || p.Betas != nil && len(p.Betas) < r.Rows {
		panic("kernels: reals: a slice is shorter than its shape")
	}
	r.Units.check(r.Columns)
}

// RealSum adds the terms of units with real states to a sum of each row, such as a free energy. It is
//
//	for n := range rows {
//		after[n] = before[n] + Σ_j ½ (x[n,j]/σ_j)²    // of states x
//		after[n] = before[n] - Σ_j Γ_j(x[n,j])        // of fields x, if fields
//	}
//
// with after and before (rows), which may be the same, x (rows, columns), and j the columns of units with
// real states. Terms and sum are rounded as in [CumulantSum]. Every implementation returns the same bits.
// RealSum panics if a slice is shorter than its shape.
func RealSum(after, before []float64, x Grid, units Units, logVariance []float32, fields bool, rows, columns int) {
	x.check(rows, columns, "kernels: reals: x is shorter than its shape")
	units.check(columns)
	if len(after) < rows || len(before) < rows || len(logVariance) < columns {
		panic("kernels: reals: a slice is shorter than its shape")
	}
	for n := range rows {
		var part [16]float64
		for _, g := range units {
			unit := g.Kind.of().real
			if unit == nil {
				continue
			}
			for j := g.From; j < g.To; j++ {
				x, z := *x.at(n, j), logVariance[j]
				if fields {
					part[j%16] += float64(unit.cumulant(x, deviationOf(z), z))
				} else {
					part[j%16] += float64(halfSquare(x, z))
				}
			}
		}
		if sum := fold(&part); fields {
			after[n] = before[n] - sum
		} else {
			after[n] = before[n] + sum
		}
	}
}

// halfSquare returns ½ (s/σ)² for a log-variance z.
func halfSquare(s, z float32) float32 {
	t := float32(s * exp(clamp(-0.5*z)))
	return float32(0.5*t) * t
}

// RealSlopes writes the slopes with respect to the log-variances: of the energy of states with a minus
// sign, ½ (s/σ)², or of the cumulants of fields, ∂Γ(x)/∂z = ⟨s²⟩/2σ². It is
//
//	for n := range rows {
//		for each column j of a unit with real states {
//			out[n,j] = slope(x[n,j])
//		}
//	}
//
// and 0 in other columns, with out and x (rows, columns) states, or fields. Every implementation returns
// the same bits. It panics if a slice is shorter than its shape.
func RealSlopes(out, x []float32, units Units, logVariance []float32, fields bool, rows, columns int) {
	checkRealSlopes(out, x, units, logVariance, rows, columns)
	for from := 0; from < columns; {
		k, to := units.group(from, columns)
		unit := k.of().real
		for j := from; j < to; j++ {
			for i := j; i < rows*columns; i += columns {
				switch {
				case unit == nil:
					out[i] = 0
				case fields:
					out[i] = unit.slope(x[i], deviationOf(logVariance[j]))
				default:
					out[i] = halfSquare(x[i], logVariance[j])
				}
			}
		}
		from = to
	}
}

func checkRealSlopes(out, x []float32, units Units, logVariance []float32, rows, columns int) {
	units.check(columns)
	if len(out) < rows*columns || len(x) < rows*columns || len(logVariance) < columns {
		panic("kernels: reals: a slice is shorter than its shape")
	}
}

// Bound writes x limited to the rows of bounds (2, len(x)), the lower one first. NaN stays NaN. If
// shared, it then replaces the numbers at the columns of units with real states by their mean.
func Bound(out, x, bounds []float32, units Units, shared bool) {
	n := len(out)
	if len(x) < n || len(bounds) < 2*n {
		panic("kernels: bound: a slice is shorter than its shape")
	}
	var sum float64
	count := 0
	for j := range out {
		v := x[j]
		if v < bounds[j] {
			v = bounds[j]
		}
		if v > bounds[n+j] {
			v = bounds[n+j]
		}
		out[j] = v
		if units.Of(j).Real() {
			sum += float64(v)
			count++
		}
	}
	if !shared || count == 0 {
		return
	}
	mean := float32(sum / float64(count))
	for j := range out {
		if units.Of(j).Real() {
			out[j] = mean
		}
	}
}

// Real reports whether any unit has real states.
func (u Units) Real() bool {
	for _, g := range u {
		if g.Kind.Real() {
			return true
		}
	}
	return false
}

// AllReal reports whether all units have real states.
func (u Units) AllReal() bool {
	for _, g := range u {
		if !g.Kind.Real() {
			return false
		}
	}
	return len(u) > 0
}

// Real reports whether the states of a unit are real numbers rather than a finite set. Such a unit
// has one column, and a further parameter: the logarithm of its variance σ² without the other layer.
func (k Kind) Real() bool { return k.of().real != nil }
