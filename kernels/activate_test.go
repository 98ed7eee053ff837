package kernels

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// TestActivate: a layer computed in one call, by elements, by rows or in panels equals the field,
// the mean and the draw computed one after the other, whichever results are stored.
func TestActivate(t *testing.T) {
	d := Draw{Seed: 3, Stream: 9, Update: 4, Step: 1, Row: 7}
	forEach(t, func(t *testing.T, s *Set) {
		r := newRand()
		for _, shape := range shapes {
			rows, in, out := shape[0], shape[1], shape[2]
			w, b, base, betas := normals(t, r, in*out), normals(t, r, out), normals(t, r, out), means(t, r, rows)
			weights, x := panelsOf(t, w, in, out), states(t, r, rows*in, 0.3)
			z, p := sumOfRows(x, w, b, rows, in, out), make([]float32, rows*out)
			path := Path{Betas: betas, Base: base}
			Mean(p, z, nil, path, rows, out)
			drawn := drawnWith(p, d, rows, out)

			whole := Activation{
				Rows: rows, Columns: out, Path: path, Draw: d,
				Input: Input{Weights: weights, Bias: b, States: statesOf(t, x, rows, in), Room: roomFor(t, rows, in)},
			}
			for _, kept := range []string{"nothing", "means", "fields", "both"} {
				for _, split := range []int{0, 1, 64, 1003, -3} { // 0: one call; n > 0: n elements a call, or a multiple; -n: n rows a call
					what := fmt.Sprintf("%s keeping %s, pieces of %d", shapeName(shape), kept, split)
					a := whole
					a.States = newStates(t, rows, out)
					fields, probabilities := packedIn(t, make([]float32, rows*out), rows, out), buffer[float32](t, rows*out)
					if kept == "fields" || kept == "both" {
						a.Field = fields.Grid()
					}
					if kept == "means" || kept == "both" {
						a.Mean = ByRows(probabilities, out)
					}
					ones := 0
					switch {
					case split == 0:
						ones = s.Activate(a, 0, rows*out)
					case split > 0:
						ones = inParts(s, a, split*(1+rows*out/5000)) // at most 5000 calls
					default:
						for n := 0; n < rows; n -= split {
							part := a.Part(n, min(n-split, rows))
							ones += s.Activate(part, 0, part.Rows*out)
						}
					}
					wantCount(t, what, ones, drawn)
					wantStates(t, what, a.States, drawn, rows, out)
					if a.Field.Data != nil {
						wantPanels(t, "fields "+what, fields, z)
					}
					if a.Mean.Data != nil {
						wantBits(t, "means "+what, probabilities, p)
					}
				}
			}
		}
	})
}

// TestActivateWithoutReals: the bits of units with real states are 0, whatever they were before, also
// where such units fill a whole word.
func TestActivateWithoutReals(t *testing.T) {
	const rows, columns = 3, 200
	u := Units{{Bernoulli, 0, 30}, {Gaussian, 30, 170}, {Spin, 170, columns}}
	forEach(t, func(t *testing.T, s *Set) {
		z := normals(t, newRand(), rows*columns)
		drawn := newStates(t, rows, columns)
		for i := range drawn.Bits {
			drawn.Bits[i] = ^uint64(0)
		}
		ones := s.Activate(Activation{
			Rows: rows, Columns: columns, Units: u, Field: ByRows(z, columns), Path: Model, States: drawn, Draw: Draw{Seed: 5},
		}, 0, rows*columns)
		for n := range rows {
			for j := 30; j < 170; j++ {
				if *drawn.word(n, j)>>(j%64)&1 != 0 {
					t.Fatalf("bit of column %d of row %d: got 1, want 0", j, n)
				}
			}
		}
		if got := drawn.Count(rows); got != ones {
			t.Errorf("got %d ones in the states, want the %d that were counted", got, ones)
		}
	})
}

// TestActivateChecks: a single slice that is too short, and a range that is too long, panic with a message of this
// package. Without a fault nothing panics.
func TestActivateChecks(t *testing.T) {
	const rows, in, out = 3, 4, 5
	forEach(t, func(t *testing.T, s *Set) {
		for what, spoil := range map[string]func(a *Activation){
			"weights": func(a *Activation) { a.Input.Weights.Data = a.Input.Weights.Data[1:] },
			"columns": func(a *Activation) { a.Columns-- },
			"bias":    func(a *Activation) { a.Input.Bias = a.Input.Bias[1:] },
			"states":  func(a *Activation) { a.Input.States.Bits = a.Input.States.Bits[1:] },
			"past":    func(a *Activation) { a.Input.Was.Bits = a.Input.Was.Bits[1:] },
			"before":  func(a *Activation) { a.Input.Before.Data = a.Input.Before.Data[1:] },
			"room":    func(a *Activation) { a.Input.Room = a.Input.Room[1:] },
			"fields":  func(a *Activation) { a.Field.Data = a.Field.Data[1:] },
			"means":   func(a *Activation) { a.Mean.Data = a.Mean.Data[1:] },
			"betas":   func(a *Activation) { a.Path.Betas = a.Path.Betas[1:] },
			"base":    func(a *Activation) { a.Path.Base = a.Path.Base[1:] },
			"draws":   func(a *Activation) { a.States.Bits = a.States.Bits[1:] },
			"values":  func(a *Activation) { a.Input.Values = make([]float32, rows*in-1) },
			"nothing": func(a *Activation) { a.Input, a.Field, a.Mean = Input{}, Grid{}, Grid{} },
			"rows":    func(a *Activation) { a.Rows++ },
			"":        func(*Activation) {},
		} {
			matrix := func() Grid { return ByRows(make([]float32, rows*out), out) }
			a := Activation{
				Rows: rows, Columns: out, Field: matrix(), Mean: matrix(), States: NewStates(rows, out),
				Path: Path{Betas: make([]float32, rows), Base: make([]float32, out)},
				Input: Input{
					Weights: NewPanels(in, out), Bias: make([]float32, out), States: NewStates(rows, in),
					Was: NewStates(rows, in), Before: matrix(), Room: make([]int32, RoomFor(rows, in)),
				},
			}
			spoil(&a)
			if got := panics(func() { s.Activate(a, 0, a.Rows*a.Columns) }); got != (what != "") {
				t.Errorf("a spoiled %q: got a panic %v, want %v", what, got, what != "")
			}
		}
		a := Activation{Rows: rows, Columns: out, Mean: ByRows(make([]float32, rows*out), out), States: NewStates(rows, out)}
		for _, r := range [][2]int{{0, rows*out + 1}, {-1, 1}} {
			if !panics(func() { s.Activate(a, r[0], r[1]) }) {
				t.Errorf("elements %v: got no panic", r)
			}
			w, phase := NewPanels(in, out), Phase{Rows: 1, Visible: make([]float32, in), Hidden: NewPanels(1, out)}
			if !panics(func() { s.UpdatePanels(w, Panels{}, Ascent{}, phase, phase, r[0], r[1]+in*out) }) {
				t.Errorf("update of elements %v: got no panic", r)
			}
		}
	})
}

// panics reports whether call panics with a message of this package.
func panics(call func()) (yes bool) {
	defer func() {
		text, ok := recover().(string)
		yes = ok && strings.HasPrefix(text, "kernels: ")
	}()
	call()
	return false
}

// TestMean: the means of Bernoulli units have the bits of the definition along each form of a path, also in place.
func TestMean(t *testing.T) {
	forEach(t, func(t *testing.T, s *Set) {
		r := newRand()
		for _, shape := range shapes {
			rows, columns := shape[0], shape[2]
			z := input(t, rows*columns, func(int) float32 { return float32(30 * r.NormFloat64()) })
			base := normals(t, r, columns)
			betas := means(t, r, rows)
			for _, path := range []Path{
				Model, {Beta: 0.3}, {Beta: 0.3, Base: base}, {Beta: 0, Base: base}, {Betas: betas}, {Betas: betas, Base: base},
			} {
				want := make([]float32, rows*columns)
				for i := range want {
					beta := path.Beta
					if path.Betas != nil {
						beta = betas[i/columns]
					}
					field := float32(beta * z[i])
					if path.Base != nil {
						field += float32((1 - beta) * base[i%columns])
					}
					want[i] = Sigmoid(field)
				}
				what := fmt.Sprintf("%s beta %v or %d", shapeName(shape), path.Beta, len(path.Betas))
				p := buffer[float32](t, rows*columns)
				a := Activation{Rows: rows, Columns: columns, Field: ByRows(z, columns), Path: path, Mean: ByRows(p, columns)}
				s.Activate(a, 0, rows*columns)
				wantBits(t, what, p, want)

				copy(p, z)
				a.Field = a.Mean
				inParts(s, a, columns+3)
				wantBits(t, "in place, in parts "+what, p, want)
			}
		}
	})
}

// extremes are fields at which the arithmetic takes another branch, and whole numbers up to 61 fields in all, which no
// vector divides.
func extremes() []float32 {
	inf := float32(math.Inf(1))
	x := []float32{
		0, float32(math.Copysign(0, -1)), inf, -inf, float32(math.NaN()), math.Float32frombits(0xFFFFFFFF),
		87, -87, 87.00001, -87.00001, 86.99999, -86.99999, 88.8, -88.8, 104, -104, 1e-30, -1e-30,
		math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32,
	}
	for len(x) < 61 {
		x = append(x, float32(len(x)-40))
	}
	return x
}

// TestMeanOfExtremes: every implementation agrees with Sigmoid at the fields of extremes.
func TestMeanOfExtremes(t *testing.T) {
	forEach(t, func(t *testing.T, s *Set) {
		z := extremes()
		p, want := make([]float32, len(z)), make([]float32, len(z))
		for i, v := range z {
			want[i] = Sigmoid(v)
		}
		s.Activate(Activation{Rows: 1, Columns: len(z), Field: ByRows(z, len(z)), Path: Model, Mean: ByRows(p, len(z))}, 0, len(z))
		wantBits(t, "Mean", p, want)
	})
}

// TestToss: a state is 1 exactly where its uniform number is below its mean, in one call, in parts and row by row.
func TestToss(t *testing.T) {
	d := Draw{Seed: 0xFEDCBA9876543210, Stream: 3, Update: 1 << 31, Step: 2, Row: 1<<32 - 5}
	forEach(t, func(t *testing.T, s *Set) {
		r := newRand()
		for _, shape := range shapes {
			rows, columns, what := shape[0], shape[1], shapeName(shape)
			p := means(t, r, rows*columns)
			want := make([]float32, rows*columns)
			for i := range want {
				want[i] = state(uniformAt(d, i/columns, i%columns) < p[i])
			}
			a := Activation{Rows: rows, Columns: columns, Mean: ByRows(p, columns), States: newStates(t, rows, columns), Draw: d}
			wantCount(t, what, s.Activate(a, 0, rows*columns), want)
			wantStates(t, what, a.States, want, rows, columns)

			a.States = newStates(t, rows, columns)
			wantCount(t, "in parts "+what, inParts(s, a, 2*columns+9), want)
			wantStates(t, "in parts "+what, a.States, want, rows, columns)

			a.States = newStates(t, rows, columns)
			for n := range rows {
				row := a
				row.Rows, row.Mean, row.States = 1, ByRows(p[n*columns:], columns), a.States.From(n)
				row.Draw.Row += uint32(n)
				s.Activate(row, 0, columns)
			}
			wantStates(t, "by rows "+what, a.States, want, rows, columns)
		}
	})
}

// TestTossOfExtremes: a mean of NaN or of at most 0 gives a 0, a mean of 1 or more a 1.
func TestTossOfExtremes(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	forEach(t, func(t *testing.T, s *Set) {
		p := []float32{0, 1, nan, -nan, inf, -inf, -1, 2, 0, 1}
		want := []float32{0, 1, 0, 0, 1, 0, 0, 1, 0, 1}
		drawn := NewStates(1, len(p))
		s.Activate(Activation{Rows: 1, Columns: len(p), Mean: ByRows(p, len(p)), States: drawn}, 0, len(p))
		wantStates(t, "draws", drawn, want, 1, len(p))
	})
}

// TestTossFrequencies: for each mean the ones of a column, over all rows and steps, are binomial counts. wantBinomial
// states the false-alarm rate.
func TestTossFrequencies(t *testing.T) {
	const rows, columns, steps = 50, 200, 100
	x, p, drawn := make([]float32, rows*columns), make([]float32, rows*columns), NewStates(rows, columns)
	for _, mean := range []float32{0.001, 0.13, 0.5, 0.97} {
		for i := range p {
			p[i] = mean
		}
		counts := make([]int, columns)
		for step := range uint32(steps) {
			Toss(drawn, p, Draw{Seed: 2024, Step: step}, rows, columns)
			drawn.Unpack(x, rows)
			for i, v := range x {
				counts[i%columns] += int(v)
			}
		}
		wantBinomial(t, fmt.Sprintf("mean %v", mean), counts, rows*steps, float64(mean))
	}
}

// drawnWith returns the values of states drawn with the probabilities p (rows, columns).
func drawnWith(p []float32, d Draw, rows, columns int) []float32 {
	s, x := NewStates(rows, columns), make([]float32, rows*columns)
	Toss(s, p, d, rows, columns)
	s.Unpack(x, rows)
	return x
}

// TestTossIndependence: at a mean of one half, a draw agrees with the draw of the next column, row, step, update, stream
// or seed as often as independent draws do. wantBinomial states the false-alarm rate.
func TestTossIndependence(t *testing.T) {
	const rows, columns, steps = 50, 200, 100
	p := make([]float32, rows*columns)
	for i := range p {
		p[i] = 0.5
	}
	draw := func(d Draw) []float32 { return drawnWith(p, d, rows, columns) }
	agree := map[string][]int{}
	for _, other := range []string{"column", "row", "step", "update", "stream", "seed"} {
		agree[other] = make([]int, columns)
	}
	for step := range uint32(steps) {
		d := Draw{Seed: 2024, Step: 2 * step}
		x := draw(d)
		others := map[string][]float32{
			"step":   draw(Draw{Seed: 2024, Step: 2*step + 1}),
			"update": draw(Draw{Seed: 2024, Step: 2 * step, Update: 1}),
			"stream": draw(Draw{Seed: 2024, Step: 2 * step, Stream: 1}),
			"seed":   draw(Draw{Seed: 2025, Step: 2 * step}),
		}
		for i, v := range x {
			n, j := i/columns, i%columns
			for other, y := range others {
				agree[other][j] += int(state(v == y[i]))
			}
			agree["column"][j] += int(state(v == x[n*columns+(j+1)%columns]))
			agree["row"][j] += int(state(v == x[(n+1)%rows*columns+j]))
		}
	}
	for other, counts := range agree {
		wantBinomial(t, "agreement with the next "+other, counts, rows*steps, 0.5)
	}
}

// wantBinomial checks counts of trials with probability p against a chi-square limit with a
// false-alarm rate of 1e-6 (Wilson and Hilferty 1931).
func wantBinomial(t *testing.T, what string, counts []int, trials int, p float64) {
	t.Helper()
	mean, variance := float64(trials)*p, float64(trials)*p*(1-p)
	statistic := 0.0
	for _, c := range counts {
		statistic += (float64(c) - mean) * (float64(c) - mean) / variance
	}
	const quantile = 4.7534 // of the standard normal distribution at 1 - 1e-6
	freedom := float64(len(counts))
	v := 2 / (9 * freedom)
	limit := freedom * math.Pow(1-v+quantile*math.Sqrt(v), 3)
	if statistic > limit {
		t.Errorf("%s: chi-square %.1f with %g degrees of freedom, want below %.1f", what, statistic, freedom, limit)
	}
}
