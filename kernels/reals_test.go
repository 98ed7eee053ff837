package kernels

import (
	"math"
	"slices"
	"testing"
)

// TestRealKinds checks the kinds with real states against integrals over the states, in both precisions, and
// the slopes against differences. The shapes and fields are chosen: narrow, wide and uneven units, and fields far on both
// sides of 0. In float64 the largest error found is a third of the bound. In float32 every term has a relative
// error below 2⁻²⁰, and a cumulant has two.
func TestRealKinds(t *testing.T) {
	for _, k := range RealKinds() {
		unit := k.of().real
		for _, s := range []Shape{
			{LogVariance: -9}, {LogVariance: -1}, {},
			{LogVariance: 0.7, Jump: 0.5, Skew: -0.4}, {Jump: -3, Skew: 2}, {LogVariance: 5, Jump: 0.1},
		} {
			if !k.Sides() {
				s.Jump, s.Skew = 0, 0
			}
			s = Shape{float64(float32(s.LogVariance)), float64(float32(s.Jump)), float64(float32(s.Skew))}
			for _, x := range []float64{-80, -3, -0.2, 0, 1e-6, 0.5, 4, 60} {
				x := float64(float32(x))
				want := integrals(k, x, s)
				near := func(what string, got, want, relative, scale float64) {
					t.Helper()
					if bound := relative * max(scale, math.Abs(want)); !(math.Abs(got-want) <= bound) {
						t.Errorf("%v: %s of %v with shape %v: got %v, want %v ± %.2g", k, what, x, s, got, want, bound)
					}
				}
				mean, deviation := []float64{x}, s.deviation()
				k.Means(mean, s)
				near("mean", mean[0], want.mean, 1e-11, deviation)
				near("cumulant", k.Cumulant([]float64{x}, s), want.cumulant, 1e-11, 1)
				near("slope", k.Slope(x, s, ByLogVariance), want.slope, 1e-11, 1)
				for by, change := range []func(s *Shape, d float64){
					ByLogVariance: func(s *Shape, d float64) { s.LogVariance += d },
					ByJump:        func(s *Shape, d float64) { s.Jump += d },
					BySkew:        func(s *Shape, d float64) { s.Skew += d },
				} {
					if change == nil || by >= int(ByJump) && !k.Sides() {
						continue
					}
					// The difference is wrong by step²/6·Γ‴ and by 2⁻⁵²·Γ/step, each near 1e-11 of Γ. 1e-8 is chosen:
					// Γ is up to some hundred times the slope, or 1 where the slope is smaller.
					const step = 1e-5
					up, down := s, s
					change(&up, step)
					change(&down, -step)
					difference := (k.Cumulant([]float64{x}, up) - k.Cumulant([]float64{x}, down)) / (2 * step)
					tolerance := 1e-8
					if s.Skew == 0 && by == int(BySkew) {
						// By the factor 1/(1+|ξ|)² the second derivative jumps by four times the slope, and the
						// difference is wrong by step/4 of the jump.
						tolerance += step
					}
					slope := k.Slope(x, s, Slope(by))
					near("slope as a difference", slope, difference, tolerance, 1)
					near("slope in float32", float64(unit.slope(float32(x), shapeOf(s), Slope(by))), slope, 0x1p-20, want.size)
				}
				near("mean in float32", float64(unit.mean(float32(x), shapeOf(s))), mean[0], 0x1p-20, want.size*deviation)
				scale := max(want.size, math.Abs(s.LogVariance))
				near("cumulant in float32", float64(unit.cumulant(float32(x), shapeOf(s))), want.cumulant, 0x1p-19, scale)
			}
		}
	}
}

// shapeOf rounds a shape to float32.
func shapeOf(s Shape) shape {
	return Shapes{[]float32{float32(s.LogVariance)}, []float32{float32(s.Jump)}, []float32{float32(s.Skew)}}.at(0)
}

// unitIntegrals are figures of a unit by quadrature. size bounds the terms whose rounding counts: (σx)², which
// the sides of a unit share.
type unitIntegrals struct{ cumulant, mean, slope, size float64 }

// integrals returns the figures of a unit. Each side of 0 is integrated by Simpson's rule with 8000 steps, within twelve
// deviations of the mode and where a falling density is above e^-40 times its largest.
func integrals(k Kind, x float64, s Shape) unitIntegrals {
	type piece struct{ factor, sign float64 }
	pieces := []piece{{1, 1}, {1, -1}}
	switch {
	case k.Half():
		pieces = pieces[:1]
	case k.Sides():
		span := 1 + math.Abs(s.Skew)
		pieces = []piece{{span / (1 + max(2*s.Skew, 0)), 1}, {span / (1 - min(2*s.Skew, 0)), -1}}
	}
	var logs, first, second []float64
	size := 1.0
	for _, p := range pieces {
		field, precision := p.sign*x+p.factor*s.Jump, p.factor*math.Exp(-s.LogVariance)
		if !k.Sides() {
			field = p.sign * x
		}
		deviation := 1 / math.Sqrt(precision)
		mode := max(0, field/precision)
		width := min(12*deviation, 40/max(-field, 1e-9))
		size = max(size, field*field/precision)
		const steps = 8000
		low := max(0, mode-12*deviation)
		h := (mode + width - low) / steps
		top := field*mode - precision*mode*mode/2
		var total, one, two float64
		for i := range steps + 1 {
			v := low + h*float64(i)
			weight := float64(2+2*(i%2)) * h / 3
			if i == 0 || i == steps {
				weight = h / 3
			}
			density := weight * math.Exp(field*v-precision*v*v/2-top)
			total += density
			one += density * p.sign * v
			two += density * v * v * precision / 2
		}
		logs = append(logs, math.Log(total)+top)
		first, second = append(first, one/total), append(second, two/total)
	}
	most := slices.Max(logs)
	var sum float64
	for _, l := range logs {
		sum += math.Exp(l - most)
	}
	w := unitIntegrals{cumulant: most + math.Log(sum), size: size}
	for i, l := range logs {
		part := math.Exp(l - w.cumulant)
		w.mean += part * first[i]
		w.slope += part * second[i]
	}
	return w
}

// TestRealDraws: the drawn state is the quantile of the unit's distribution, for 97 numbers u from 0 on. Its error
// is 5e-6 of the scale of its side of 0 (see drawExcess), and the rounding of the state, 2⁻²¹. The error in the state times
// the density is the error in the probability. The probabilities of two sides have the errors of their
// cumulants too, at most 2⁻¹⁹·(1+(σx)²).
func TestRealDraws(t *testing.T) {
	for _, k := range RealKinds() {
		for _, s := range []Shape{{LogVariance: -6}, {}, {LogVariance: 3, Jump: 0.2, Skew: -0.7}, {Jump: -1, Skew: 0.5}} {
			if !k.Sides() {
				s.Jump, s.Skew = 0, 0
			}
			unit := shapeOf(s)
			s = Shape{float64(unit.logVariance), float64(unit.jump), float64(unit.skew)}
			for _, x := range []float32{-1000, -30, -5, -2, 0, 0.3, 2, 10} {
				x /= unit.deviation
				for step := 0; step < 1<<24; step += 1 << 24 / 97 {
					u := float32(step) * 0x1p-24
					got := float64(k.of().real.draw(x, unit, u))
					part, beyond, density, scale := quantileOf(k, float64(x), s, got)
					want := float64(u) + 0x1p-25 // the middle of the interval of u
					if got > 0 || got == 0 && k.Half() {
						want = 1 - want
					}
					bound := (5e-6*scale + 0x1p-21*math.Abs(got)) * density
					if k.Sides() {
						scaled := s.deviation() * float64(x) // σx
						bound += 0x1p-19 * part * (1 - part) * (1 + scaled*scaled)
					}
					if off := math.Abs(beyond - want); !(off <= bound) {
						t.Fatalf("%v: draw %v with field %v and shape %v: got %v, beyond which are %v, want %v ± %.2g",
							k, u, x, s, got, beyond, want, bound)
					}
				}
			}
		}
	}
}

// quantileOf returns the probability of the side of 0 that a state is on, the probability of states on this
// side beyond the state, the density there, and the scale of the side.
func quantileOf(k Kind, x float64, s Shape, state float64) (part, beyond, density, scale float64) {
	a, deviation := -s.deviation()*x, s.deviation()
	switch {
	case k.Half():
		part = 1
	case k.Sides():
		p, n := sides64(x, s)
		if state < 0 {
			p, x = n, -x
		}
		part, deviation = p.part, p.deviation
		a = -deviation * (x + p.factor*s.Jump)
	default:
		if state < 0 {
			a = -a
		}
		part = math.Erfc(a/math.Sqrt2) / 2
	}
	e := math.Abs(state) / deviation
	excess, _ := moments64(a + e)
	beyond = part * math.Exp(tail64(a+e)-tail64(a)-a*e-e*e/2)
	return part, beyond, beyond * (a + e + excess) / deviation, deviation / (1 + max(a, 0))
}

// realGroups are layers with real states, alone and between other kinds, of the given columns.
func realGroups(columns int) []Units {
	all := []Units{{{Gaussian, 0, columns}}, {{ReLU, 0, columns}}, {{DReLU, 0, columns}}}
	if columns >= 16 {
		q := wide(categorical, 3)
		all = append(all,
			Units{{Bernoulli, 0, 5}, {Gaussian, 5, 6}, {Spin, 6, columns}},
			Units{{Gaussian, 0, 7}, {q, 7, 13}, {Gaussian, 13, columns}},
			Units{{q, 0, 3}, {DReLU, 3, columns - 9}, {ReLU, columns - 9, columns}})
	}
	return all
}

// TestActivateReals: means, states, slopes and cumulants of every implementation have the bits of each unit computed
// by itself. Columns of other kinds keep the -7 that the results are filled with, or have the slope 0.
func TestActivateReals(t *testing.T) {
	d := Draw{Seed: 8, Stream: 2, Update: 3, Row: 11, Step: 4}
	forEach(t, func(t *testing.T, s *Set) {
		r := newRand()
		for _, shape := range [][2]int{{1, 1}, {3, 16}, {5, 64}, {4, 65}, {7, 200}} {
			rows, columns := shape[0], shape[1]
			for _, u := range realGroups(columns) {
				z, base := normals(t, r, rows*columns), normals(t, r, columns)
				shapes := Shapes{normals(t, r, columns), normals(t, r, columns), normals(t, r, columns)}
				betas := means(t, r, rows)
				for _, path := range []Path{Model, {Beta: 0.3, Base: base}, {Betas: betas, Base: base}} {
					got := [2][]float32{buffer[float32](t, rows*columns), buffer[float32](t, rows*columns)}
					fill := func(x []float32) []float32 {
						for i := range x {
							x[i] = -7
						}
						return x
					}
					fill(got[0])
					fill(got[1])
					all := Reals{
						Rows: rows, Columns: columns, Units: u, Shapes: shapes, Field: ByRows(z, columns), Path: path,
						Mean: ByRows(got[0], columns), State: ByRows(got[1], columns), Draw: d,
					}
					s.ActivateReals(all)
					wanted := [2][]float32{fill(make([]float32, rows*columns)), fill(make([]float32, rows*columns))}
					var numbers [columnsPerGroup]float32
					for n := range rows {
						for j := range columns {
							if !u.Of(j).Real() {
								continue
							}
							field, kind := [1]float32{z[n*columns+j]}, u.Of(j).of().real
							path.fields(field[:], field[:], n, j)
							d.group(&numbers, n, j/columnsPerGroup)
							wanted[0][n*columns+j] = kind.mean(field[0], shapes.at(j))
							wanted[1][n*columns+j] = kind.draw(field[0], shapes.at(j), numbers[j%columnsPerGroup])
						}
					}
					wantBits(t, "means", got[0], wanted[0])
					wantBits(t, "states", got[1], wanted[1])
					later := fill(make([]float32, rows*columns))
					part := all.From(rows / 2)
					part.Mean, part.State = Grid{}, ByRows(later, columns).From(rows/2)
					s.ActivateReals(part)
					wantBits(t, "states of the last rows", later[rows/2*columns:], wanted[1][rows/2*columns:])
				}
				slopes := buffer[float32](t, rows*columns)
				for by := ByEnergy; by <= BySkew; by++ {
					s.RealSlopes(slopes, z, u, shapes, by, rows, columns)
					want := make([]float32, rows*columns)
					for i, x := range z {
						j := i % columns
						switch k := u.Of(j); {
						case !k.Real() || by >= ByJump && !k.Sides():
						case by == ByEnergy:
							want[i] = halfSquare(x, shapes.LogVariance[j])
						default:
							want[i] = k.of().real.slope(x, shapes.at(j), by)
						}
					}
					wantBits(t, "slopes", slopes, want)
				}
				for _, beta := range []float32{0, 0.4, 1} {
					got, want := make([]float64, rows), make([]float64, rows)
					s.RealCumulantSum(got, ByRows(z, columns), u, shapes, beta, rows, columns)
					RealCumulantSum(want, ByRows(z, columns), u, shapes, beta, rows, columns)
					if !slices.Equal(got, want) {
						t.Errorf("%v: sums of cumulants %v, want %v", u, got, want)
					}
				}
			}
		}
	})
}

// TestRealSums: the sums over units with real states are within their rounding of sums in float64. A term
// is within 2⁻¹⁹ of its size. A weight has two cumulants, each at most 4 more than the one at β = 1. So the
// bound is 2⁻¹⁸ of the sizes.
func TestRealSums(t *testing.T) {
	const rows, columns = 3, 70
	r := newRand()
	for _, u := range realGroups(columns) {
		x := normals(t, r, rows*columns)
		shapes := Shapes{normals(t, r, columns), normals(t, r, columns), normals(t, r, columns)}
		from, to := []float32{0, 0.5, 1}, []float32{1, 0.25, 1}
		cumulants, weights, energies := make([]float64, rows), []float64{1, 2, 3}, []float64{5, 6, 7}
		RealSum(cumulants, cumulants, ByRows(x, columns), u, shapes, true, rows, columns)
		RealWeight(weights, weights, ByRows(x, columns), u, shapes, from, to, rows, columns)
		RealSum(energies, energies, ByRows(x, columns), u, shapes, false, rows, columns)
		for n := range rows {
			cumulant, weight, energy, size := 0.0, float64(1+n), float64(5+n), 8.0
			for j := range columns {
				if k := u.Of(j); k.Real() {
					shape := Shape{float64(shapes.LogVariance[j]), float64(shapes.Jump[j]), float64(shapes.Skew[j])}
					at := func(beta float32) float64 { return k.Cumulant([]float64{float64(beta * x[n*columns+j])}, shape) }
					s := float64(x[n*columns+j])
					cumulant -= at(1)
					weight += at(to[n]) - at(from[n])
					energy += s * s / 2 * math.Exp(-shape.LogVariance)
					size += 4 + math.Abs(at(1)) + s*s/2*math.Exp(-shape.LogVariance)
				}
			}
			bound := size * 0x1p-18
			for _, sum := range []struct {
				what      string
				got, want float64
			}{
				{"cumulants", cumulants[n], cumulant}, {"weights", weights[n], weight}, {"energies", energies[n], energy},
			} {
				if !(math.Abs(sum.got-sum.want) <= bound) {
					t.Errorf("%v, row %d: got %s %v, want %v ± %.3g", u, n, sum.what, sum.got, sum.want, bound)
				}
			}
		}
	}
}

// TestBound: numbers between bounds stay, others become the bound. If shared, the three columns with real states get
// the mean of -1, 1 and 2. NaN stays.
func TestBound(t *testing.T) {
	u := Units{{Bernoulli, 0, 1}, {Gaussian, 1, 4}}
	nan := float32(math.NaN())
	bounds := []float32{0, -1, -1, -1, 0, 2, 2, 2}
	got := make([]float32, 4)
	Bound(got, []float32{5, -3, 1, 9}, bounds, u, false)
	wantBits(t, "bounded", got, []float32{0, -1, 1, 2})
	Bound(got, []float32{5, -3, 1, 9}, bounds, u, true)
	wantBits(t, "shared", got, []float32{0, 2. / 3, 2. / 3, 2. / 3})
	Bound(got, []float32{0, 0, nan, 0}, bounds, u, false)
	wantBits(t, "NaN", got, []float32{0, 0, nan, 0})
}
