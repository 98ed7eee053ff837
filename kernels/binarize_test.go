package kernels

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

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

// extremes are fields at which the arithmetic takes another branch.
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

// A batch takes rows of a data set in any order, one of them twice. The implementations draw a
// few rows at a time. Some stretches of a row are zero.
func TestBinarize(t *testing.T) {
	forEach(t, func(t *testing.T, s *Set) {
		r := newRand()
		batch := []int32{6, 0, 3, 3, 5, 1, 6, 2}
		rows, dataRows := len(batch), 7
		for _, columns := range []int{0, 1, 15, 16, 63, 64, 65, 129, 500, 784} {
			data := make([]byte, dataRows*columns)
			for j := range data {
				if j%columns/64%3 != 1 {
					data[j] = byte(min(max(r.IntN(400)-70, 0), 255))
				}
			}
			d := Draw{Seed: 5, Stream: 200, Update: 77, Row: 1000}
			drawn, want, ones := newStates(t, rows, columns), make([]float32, rows*columns), 0
			for n, index := range batch {
				for j := range columns {
					want[n*columns+j] = state(uniformAt(d, int(index), j) < float32(data[int(index)*columns+j])/255)
				}
			}
			for _, part := range [][2]int{{0, 1}, {1, rows - 1}, {rows - 1, rows}} {
				ones += s.Binarize(drawn, data, batch, d, part[0], part[1], columns)
			}
			wantStates(t, fmt.Sprintf("%d columns", columns), drawn, want, rows, columns)
			wantCount(t, fmt.Sprintf("%d columns", columns), ones, want)
		}
	})
}

func TestBinarizeOfNoRowPanics(t *testing.T) {
	forEach(t, func(t *testing.T, s *Set) {
		for _, index := range []int32{-1, 2} {
			func() {
				defer func() {
					if text, ok := recover().(string); !ok || !strings.HasPrefix(text, "kernels: binarize: ") {
						t.Errorf("row %d of 2: got %q, want a panic with a string", index, text)
					}
				}()
				s.Binarize(NewStates(1, 10), make([]byte, 20), []int32{index}, Draw{}, 0, 1, 10)
			}()
		}
	})
}

// Every value of a byte, drawn with one random number per seed.
func TestBinarizeOfEveryByte(t *testing.T) {
	forEach(t, func(t *testing.T, s *Set) {
		data := make([]byte, 256)
		for j := range data {
			data[j] = byte(j)
		}
		x, drawn := make([]float32, 256), NewStates(1, 256)
		for seed := range uint64(200) {
			d := Draw{Seed: seed}
			s.Binarize(drawn, data, []int32{0}, d, 0, 1, 256)
			drawn.Unpack(x, 1)
			for j := range x {
				if want := state(float64(uniformAt(d, 0, j)) < float64(float32(j)/255)); x[j] != want {
					t.Fatalf("seed %d, byte %d: got %v, want %v", seed, j, x[j], want)
				}
			}
		}
	})
}

// The counts of ones of independent draws with one mean are chi-square distributed, and so are
// the counts of equal neighbours at a mean of one half. Each statistic exceeds its limit with one
// in a million seeds.
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
