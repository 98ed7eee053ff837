package kernels

import (
	"math"
	"testing"
)

// integral returns ∫ f(s) e^(s·x - s²/2σ²) ds by Simpson's rule, over eight deviations around the mode
// of a normal density, and the same without f. The rule's error is far below the rounding of float64.
func integral(x, deviation float64, f func(s float64) float64) (weighted, total float64) {
	const steps = 4000
	mode, width := deviation*deviation*x, 9*deviation
	h := 2 * width / steps
	for i := range steps + 1 {
		s := mode - width + h*float64(i)
		weight := float64(2 + 2*(i%2))
		if i == 0 || i == steps {
			weight = 1
		}
		// The exponent relative to its value at the mode.
		density := weight * h / 3 * math.Exp(-(s-mode)*(s-mode)/(2*deviation*deviation))
		total += density
		weighted += density * f(s)
	}
	return weighted, total
}

// TestRealKinds checks the kinds with real states against integrals over the states, in both precisions.
func TestRealKinds(t *testing.T) {
	for _, k := range RealKinds() {
		unit := k.of().real
		for _, z := range []float64{-9, -1, 0, 0.7, 5} {
			for _, x := range []float64{-80, -3, -0.2, 0, 1e-6, 0.5, 4, 60} {
				x, z := float64(float32(x)), float64(float32(z))
				deviation := math.Exp(z / 2)
				_, total := integral(x, deviation, func(float64) float64 { return 0 })
				cumulant := math.Log(total) + deviation*deviation*x*x/2
				first, _ := integral(x, deviation, func(s float64) float64 { return s })
				second, _ := integral(x, deviation, func(s float64) float64 { return s * s })
				// In float32 every term has a relative error below 2⁻²⁰.
				near := func(what string, got, want, unit, scale float64) {
					t.Helper()
					if bound := unit * max(scale, math.Abs(want)); !(math.Abs(got-want) <= bound) {
						t.Errorf("%v: %s of %v at log-variance %v: got %v, want %v ± %.2g", k, what, x, z, got, want, bound)
					}
				}
				mean := []float64{x}
				k.Means(mean, z)
				near("mean", mean[0], first/total, 1e-12, deviation)
				near("cumulant", k.Cumulant([]float64{x}, z), cumulant, 1e-12, 1)
				near("slope", k.Slope(x, z), second/total/(2*deviation*deviation), 1e-11, 1)
				const step = 1e-5
				difference := (k.Cumulant([]float64{x}, z+step) - k.Cumulant([]float64{x}, z-step)) / (2 * step)
				near("slope as a difference", k.Slope(x, z), difference, 1e-7, 1)
				f, d := float32(x), deviationOf(float32(z))
				near("mean in float32", float64(unit.mean(f, d)), mean[0], 0x1p-20, 0)
				near("cumulant in float32", float64(unit.cumulant(f, d, float32(z))), cumulant, 0x1p-19, max(1, math.Abs(z)))
				near("slope in float32", float64(unit.slope(f, d)), k.Slope(x, z), 0x1p-20, 1)
			}
		}
	}
}

// TestGaussianDraws: the drawn state is the quantile of N(σ²x, σ²), within 5e-6 of the scale.
func TestGaussianDraws(t *testing.T) {
	for _, z := range []float32{-6, 0, 3} {
		for _, x := range []float32{-2, 0, 0.3} {
			deviation := math.Exp(float64(z) / 2)
			mean := deviation * deviation * float64(x)
			for k := 0; k < 1<<24; k += 9973 {
				u := float32(k) * 0x1p-24
				got := float64(gaussian.real.draw(x, deviationOf(z), u))
				want := mean - deviation*math.Sqrt2*math.Erfcinv(2*(float64(u)+0x1p-25))
				if math.Abs(got-want) > 5e-6*max(deviation, math.Abs(mean)) {
					t.Fatalf("draw %v with mean %v and deviation %v: got %v, want %v", u, mean, deviation, got, want)
				}
			}
		}
	}
}

// realGroups are layers with real states, alone and between other kinds, of the given columns.
func realGroups(columns int) []Units {
	all := []Units{{{Gaussian, 0, columns}}}
	if columns >= 16 {
		q := wide(categorical, 3)
		all = append(all,
			Units{{Bernoulli, 0, 5}, {Gaussian, 5, 6}, {Spin, 6, columns}},
			Units{{Gaussian, 0, 7}, {q, 7, 13}, {Gaussian, 13, columns}},
			Units{{q, 0, 3}, {Spin, 3, columns - 9}, {Gaussian, columns - 9, columns}})
	}
	return all
}

// TestActivateReals: every implementation has the bits of the definition, and of each unit
// by itself, and leaves other columns alone.
func TestActivateReals(t *testing.T) {
	d := Draw{Seed: 8, Stream: 2, Update: 3, Row: 11, Step: 4}
	forEach(t, func(t *testing.T, s *Set) {
		r := newRand()
		for _, shape := range [][2]int{{1, 1}, {3, 16}, {5, 64}, {4, 65}, {7, 200}} {
			rows, columns := shape[0], shape[1]
			for _, u := range realGroups(columns) {
				z, logVariance, base := normals(t, r, rows*columns), normals(t, r, columns), normals(t, r, columns)
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
						Rows: rows, Columns: columns, Units: u, LogVariance: logVariance, Field: ByRows(z, columns), Path: path,
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
							wanted[0][n*columns+j] = kind.mean(field[0], deviationOf(logVariance[j]))
							wanted[1][n*columns+j] = kind.draw(field[0], deviationOf(logVariance[j]), numbers[j%columnsPerGroup])
						}
					}
					wantBits(t, "means", got[0], wanted[0])
					wantBits(t, "states", got[1], wanted[1])
					half := fill(make([]float32, rows*columns))
					part := all.From(rows / 2)
					part.Mean, part.State = Grid{}, ByRows(half, columns).From(rows/2)
					s.ActivateReals(part)
					wantBits(t, "states of the last rows", half[rows/2*columns:], wanted[1][rows/2*columns:])
				}
				slopes := buffer[float32](t, rows*columns)
				for _, fields := range []bool{false, true} {
					s.RealSlopes(slopes, z, u, logVariance, fields, rows, columns)
					want := make([]float32, rows*columns)
					for i, x := range z {
						j := i % columns
						switch {
						case !u.Of(j).Real():
						case fields:
							want[i] = u.Of(j).of().real.slope(x, deviationOf(logVariance[j]))
						default:
							want[i] = halfSquare(x, logVariance[j])
						}
					}
					wantBits(t, "slopes", slopes, want)
				}
			}
		}
	})
}

// TestRealSums: the sums over units with real states are within their rounding of sums in float64. A term
// is within 2⁻¹⁹ of its value.
func TestRealSums(t *testing.T) {
	const rows, columns = 3, 70
	r := newRand()
	for _, u := range realGroups(columns) {
		x, logVariance := normals(t, r, rows*columns), normals(t, r, columns)
		cumulants, energies := make([]float64, rows), []float64{5, 6, 7}
		RealSum(cumulants, cumulants, ByRows(x, columns), u, logVariance, true, rows, columns)
		RealSum(energies, energies, ByRows(x, columns), u, logVariance, false, rows, columns)
		for n := range rows {
			cumulant, energy, size := 0.0, float64(5+n), 8.0
			for j := range columns {
				if k := u.Of(j); k.Real() {
					s, z := float64(x[n*columns+j]), float64(logVariance[j])
					cumulant -= k.Cumulant([]float64{s}, z)
					energy += s * s / 2 * math.Exp(-z)
					size += 2 + math.Abs(k.Cumulant([]float64{s}, z)) + s*s/2*math.Exp(-z)
				}
			}
			if bound := size * 0x1p-19; math.Abs(cumulants[n]-cumulant) > bound || math.Abs(energies[n]-energy) > bound {
				t.Errorf("%v: sums %v and %v, want %v and %v ± %v", u, cumulants[n], energies[n], cumulant, energy, bound)
			}
		}
	}
}

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
