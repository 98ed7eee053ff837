package kernels

import (
	"math"
	"slices"
)

// Shapes holds the shapes of the units of a layer with real states, a number for each column. The numbers of
// other columns have no meaning. Jump and Skew are nil unless units have two sides.
type Shapes struct{ LogVariance, Jump, Skew []float32 }

// at returns the shape of the unit in column j.
func (s Shapes) at(j int) shape {
	z := s.LogVariance[j]
	unit := shape{logVariance: z, deviation: exp(clamp(0.5 * z))}
	if s.Jump != nil {
		unit.jump, unit.skew = s.Jump[j], s.Skew[j]
	}
	return unit
}

// check panics unless the shapes fit a layer of units.
func (s Shapes) check(u Units, columns int) {
	if len(s.LogVariance) < columns || u.Sides() && (len(s.Jump) < columns || len(s.Skew) < columns) {
		panic("kernels: reals: the shapes are shorter than the layer")
	}
	u.check(columns)
}

// Reals describes the units of a layer whose states are real numbers, given the fields of the whole
// layer. With σ_j = e^(LogVariance[j]/2) the energy of such a unit is s²/2σ² - s·x for the states s of
// its kind, and x its field, or one such energy on each side of 0 (see unit_drelu.go). Mean and State are the
// results. One without data is not stored, and none may overlap the fields.
type Reals struct {
	Rows, Columns int
	Units         Units
	Shapes        Shapes
	Field         Grid // (Rows, Columns)
	Path          Path // from the fields of the model to the fields of the units
	Mean, State   Grid // (Rows, Columns)
	Draw          Draw // of State
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
				shape := r.Shapes.at(j)
				if r.Mean.Data != nil {
					*r.Mean.at(n, j) = unit.mean(x, shape)
				}
				if r.State.Data != nil {
					*r.State.at(n, j) = unit.draw(x, shape, u[j%columnsPerGroup])
				}
			}
		}
	}
}

func (r *Reals) check() {
	r.Field.check(r.Rows, r.Columns, "kernels: reals: the fields are shorter than their shape")
	for _, g := range []Grid{r.Mean, r.State} {
		if g.Data != nil {
			g.check(r.Rows, r.Columns, "kernels: reals: a result is shorter than its shape")
		}
	}
	if p := r.Path; p.Base != nil && len(p.Base) < r.Columns || p.Betas != nil && len(p.Betas) < r.Rows {
		panic("kernels: reals: a slice is shorter than its shape")
	}
	r.Shapes.check(r.Units, r.Columns)
}

// RealSum adds the terms of units with real states to a sum of each row, such as a free energy. It is
//
//	for n := range rows {
//		if fields {
//			after[n] = before[n] - Σ_j Γ_j(x[n,j])        // x are fields
//		} else {
//			after[n] = before[n] + Σ_j ½ (x[n,j]/σ_j)²    // x are states
//		}
//	}
//
// with after and before (rows), which may be the same, x (rows, columns), and j the columns of units with
// real states. If x are states, no unit may have two sides. Terms and sum are rounded as in [CumulantSum].
// Every implementation returns the same bits. RealSum panics if a slice is shorter than its shape.
func RealSum(after, before []float64, x Grid, units Units, shapes Shapes, fields bool, rows, columns int) {
	x.check(rows, columns, "kernels: reals: x is shorter than its shape")
	shapes.check(units, columns)
	if len(after) < rows || len(before) < rows {
		panic("kernels: reals: a slice is shorter than its shape")
	}
	for n := range rows {
		if fields {
			var sum [1]float64
			RealCumulantSum(sum[:], x.From(n), units, shapes, 1, 1, columns)
			after[n] = before[n] - sum[0]
			continue
		}
		var part [16]float64
		for _, g := range units {
			for j := g.From; g.Kind.Real() && j < g.To; j++ {
				part[j%16] += float64(halfSquare(*x.at(n, j), shapes.LogVariance[j]))
			}
		}
		after[n] = before[n] + fold(&part)
	}
}

// RealCumulantSum adds up the cumulants of the units with real states of each row. It is
//
//	for n := range rows {
//		f[n] = Σ_j Γ_j(beta*z[n,j])
//	}
//
// like [CumulantSum], which has the other units, with shapes for the columns. Every implementation returns the
// same bits. It panics if a slice is shorter than its shape.
func RealCumulantSum(f []float64, z Grid, units Units, shapes Shapes, beta float32, rows, columns int) {
	checkRealCumulantSum(f, z, units, shapes, rows, columns)
	for n := range rows {
		var part [16]float64
		for _, g := range units {
			unit := g.Kind.of().real
			if unit == nil {
				continue
			}
			for j := g.From; j < g.To; j++ {
				part[j%16] += float64(unit.cumulant(float32(beta**z.at(n, j)), shapes.at(j)))
			}
		}
		f[n] = fold(&part)
	}
}

func checkRealCumulantSum(f []float64, z Grid, units Units, shapes Shapes, rows, columns int) {
	if len(f) < rows {
		panic("kernels: reals: a slice is shorter than its shape")
	}
	z.check(rows, columns, "kernels: reals: z is shorter than its shape")
	shapes.check(units, columns)
}

// RealWeight adds the part of units with real states to log-ratios of probabilities at two inverse
// temperatures (see [LogWeight]). It is
//
//	for n := range rows {
//		after[n] = before[n] + (Σ_j Γ_j(to[n]*z[n,j]) - Σ_j Γ_j(from[n]*z[n,j]))
//	}
//
// with after and before (rows), which may be the same, the fields z (rows, columns), and from and to
// (rows), or one number each for all rows. [RealCumulantSum] defines the sums. Every implementation returns
// the same bits. RealWeight panics if a slice is shorter than its shape.
func RealWeight(after, before []float64, z Grid, units Units, shapes Shapes, from, to []float32, rows, columns int) {
	if len(after) < rows || len(before) < rows || len(from) != len(to) || len(from) != 1 && len(from) < rows {
		panic("kernels: reals: a slice is shorter than its shape")
	}
	for n := range rows {
		var sums [2]float64
		i := min(n, len(from)-1)
		RealCumulantSum(sums[0:], z.From(n), units, shapes, from[i], 1, columns)
		RealCumulantSum(sums[1:], z.From(n), units, shapes, to[i], 1, columns)
		after[n] = before[n] + (sums[1] - sums[0])
	}
}

// Energy returns the energy of a state s of a unit with real states, without its bias: s²/2σ², or the energy of
// its side (see unit_drelu.go).
func (k Kind) Energy(s float64, shape Shape) float64 {
	square := s * s / 2 * math.Exp(-shape.LogVariance)
	switch span := 1 + math.Abs(shape.Skew); { // span is the numerator of A and B
	case !k.Sides():
		return square
	case s >= 0:
		return span / (1 + max(2*shape.Skew, 0)) * (square - shape.Jump*s)
	default:
		return span / (1 - min(2*shape.Skew, 0)) * (square + shape.Jump*s)
	}
}

// halfSquare returns ½ (s/σ)² for a log-variance z.
func halfSquare(s, z float32) float32 {
	t := float32(s * exp(clamp(-0.5*z)))
	return float32(0.5*t) * t
}

// RealSlopes writes slopes of units with real states by a parameter of their shapes. It is
//
//	for n := range rows {
//		for each column j of a unit with real states {
//			out[n,j] = slope(x[n,j])
//		}
//	}
//
// and 0 in other columns, with out (rows, columns), and x (rows, columns) states, or fields (see [Slope]).
// The slope by a jump or skew is 0 where a unit has no sides. Every implementation returns the same bits. It
// panics if a slice is shorter than its shape.
func RealSlopes(out, x []float32, units Units, shapes Shapes, by Slope, rows, columns int) {
	checkRealSlopes(out, x, units, shapes, rows, columns)
	for from := 0; from < columns; {
		k, to := units.group(from, columns)
		unit := k.of().real
		for j := from; j < to; j++ {
			for i := j; i < rows*columns; i += columns {
				switch {
				case unit == nil || (by == ByJump || by == BySkew) && !unit.sides:
					out[i] = 0
				case by == ByEnergy:
					out[i] = halfSquare(x[i], shapes.LogVariance[j])
				default:
					out[i] = unit.slope(x[i], shapes.at(j), by)
				}
			}
		}
		from = to
	}
}

func checkRealSlopes(out, x []float32, units Units, shapes Shapes, rows, columns int) {
	shapes.check(units, columns)
	if len(out) < rows*columns || len(x) < rows*columns {
		panic("kernels: reals: a slice is shorter than its shape")
	}
}

// Bound writes to out the numbers of x, such as log-variances, limited to the rows of bounds (2, len(out)),
// the lower one first. NaN stays NaN. If shared, it then replaces the numbers at the columns of units with
// real states by their mean. It panics if a slice is shorter than its shape.
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
func (u Units) Real() bool { return u.any(Kind.Real) }

// Sides reports whether any unit has two sides.
func (u Units) Sides() bool { return u.any(Kind.Sides) }

func (u Units) any(is func(Kind) bool) bool {
	return slices.ContainsFunc(u, func(g Group) bool { return is(g.Kind) })
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

// Sides reports whether a unit has real states with another distribution on each side of 0. It has two
// parameters beside its variance, a jump Δ and a skew ξ.
func (k Kind) Sides() bool { return k.Real() && k.of().real.sides }

// Half reports whether a unit has real states that are not negative.
func (k Kind) Half() bool { return k.Real() && k.of().real.half }
