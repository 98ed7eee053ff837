//go:build gpu

package kernels

import (
	"errors"
	"flag"
	"fmt"
	"math"
	"strings"
	"testing"
)

// dyadic returns multiples of 1/64 below 1 in size. They have at most six bits, so no precision
// rounds them. Sums of them below 2¹⁸ are exact in float32, in any order.
func (p parity) dyadic(n int) []float32 {
	return input(p.T, n, func(int) float32 { return float32(p.random.IntN(127)-63) / 64 })
}

// TestFieldOfStatesOnGPU: if no sum is rounded, every precision gives the bits of the definition,
// in both directions.
func TestFieldOfStatesOnGPU(t *testing.T) {
	forParity(t, func(p parity) {
		rows, in, out := p.rows, p.visible, p.hidden
		x, w, b := states(p.T, p.random, rows*in, 0.3), p.dyadic(in*out), p.dyadic(out)
		want := make([]float32, rows*out)
		Field(want, x, panelsOf(p.T, w, in, out), b, rows)
		for _, turned := range []bool{false, true} {
			factor := w
			if turned {
				factor = transposeOf(w, in, out)
			}
			wRows, wColumns := in, out
			if turned {
				wRows, wColumns = out, in
			}
			for _, launch := range []func(z Address) error{
				func(z Address) error { return p.gpu.Product(z, p.put(x), p.put(factor), rows, in, out, turned, false) },
				func(z Address) error { return p.gpu.Product(z, p.put(x), p.put(factor), rows, in, out, turned, true) },
				func(z Address) error {
					return p.gpu.HalfProduct(z, p.copied(x, rows, in, 1), p.copied(factor, wRows, wColumns, 1), rows, in, out, turned)
				},
				func(z Address) error {
					return p.gpu.HalfProduct(z, p.copied(x, rows, in, 2), p.copied(factor, wRows, wColumns, 2), rows, in, out, turned)
				},
			} {
				z := p.room(rows * out)
				p.done(launch(z))
				p.done(p.gpu.AddBias(z, p.put(b), rows, out))
				p.wantBits("field", z, want)
			}
		}
	})
}

// TestDrawsFromAProduct: a field of the GPU, in float32, is within γ(in+1)·(|b| + Σ|x·w|) of the exact field,
// on the GPU and in the definition. So the means differ by at most half of that bound plus twice
// 2⁻²¹ of the mean. A draw is the same if its random number u is further than that from the mean
// p. On each side, the draw fits the mean of its own field.
//
// A draw differs if u falls between the two means. The chance is at most the bound plus 2⁻²⁴, the
// step of u. The expected number of such draws is at most λ, the sum of these chances. By
// Chernoff's bound the number reaches k > λ with a chance below e^(k-λ)·(λ/k)^k. The false alarm of 1e-9 for each
// shape and grid is chosen: below 1e-7 for the whole test with another seed.
func TestDrawsFromAProduct(t *testing.T) {
	forParity(t, func(p parity) {
		rows, in, out := p.rows, p.visible, p.hidden
		x, w, b := states(p.T, p.random, rows*in, 0.4), normals(p.T, p.random, in*out), normals(p.T, p.random, out)
		draw := Draw{Seed: 3, Stream: 2, Update: 8, Step: 1}
		mean := make([]float32, rows*out)
		Field(mean, x, panelsOf(p.T, w, in, out), b, rows)
		Mean(mean, mean, nil, Model, rows, out)
		want := drawnWith(mean, draw, rows, out)

		a := GPUActivation{
			Mean: p.room(rows * out), State: p.room(rows * out), Field: p.room(rows * out), Bias: p.put(b),
			Clock: p.clock(8, 0, 0), Draw: draw, Rows: rows, Columns: out,
		}
		p.done(p.gpu.Product(a.Field, p.put(x), p.put(w), rows, in, out, false, false))
		p.done(p.gpu.Activate(a))
		got := fromGPU(p, p.gpu, make([]float32, rows*out), a.State)
		gotMean := fromGPU(p, p.gpu, make([]float32, rows*out), a.Mean)
		exceptions, expected := 0, 0.0
		for n := range rows {
			for j := range out {
				at := n*out + j
				size := math.Abs(float64(b[j]))
				for i := range in {
					size += math.Abs(float64(x[n*in+i] * w[i*out+j]))
				}
				bound := gamma(in+1, 0x1p-24)*size/2 + 0x1p-20*float64(mean[at])
				if d := math.Abs(float64(gotMean[at]) - float64(mean[at])); d > bound {
					p.Fatalf("mean [%d,%d]: got %v, want %v ± %.3g", n, j, gotMean[at], mean[at], bound)
				}
				expected += bound + 0x1p-24
				u := uniformAt(draw, n, j)
				if s := state(u < gotMean[at]); got[at] != s {
					p.Fatalf("draw [%d,%d]: got %v of u %v and mean %v, want %v", n, j, got[at], u, gotMean[at], s)
				}
				if got[at] == want[at] {
					continue
				}
				exceptions++
				if d := math.Abs(float64(u) - float64(mean[at])); d > bound {
					p.Fatalf("draw [%d,%d]: got %v, want %v with u %.3g from p, further than %.3g", n, j, got[at], want[at], d, bound)
				}
			}
		}
		if most := exceptionsAtMost(expected, 1e-9); exceptions > most {
			p.Errorf("%d of %d draws differ, want at most %d where %.3g are expected at most", exceptions, rows*out, most, expected)
		}
	})
}

// exceptionsAtMost returns the smallest number that a count of independent rare events with mean
// expected exceeds with a chance below alarm.
func exceptionsAtMost(expected, alarm float64) int {
	k := math.Floor(expected) + 1
	for math.Exp(k-expected)*math.Pow(expected/k, k) >= alarm {
		k++
	}
	return int(k) - 1
}

// TestGradientOnGPU: in float32 the GPU and the definition are both within the definition's bound
// of the exact value, so they differ by at most twice that bound.
func TestGradientOnGPU(t *testing.T) {
	forParity(t, func(p parity) {
		visible, hidden := p.visible, p.hidden
		data, chains := p.rows, (p.rows+1)/2
		type side struct{ visible, hidden []float32 }
		sides := func(rows int) (side, Phase) {
			s := side{states(p.T, p.random, rows*visible, 0.5), means(p.T, p.random, rows*hidden)}
			return s, Phase{Rows: rows, Visible: s.visible, Hidden: panelsOf(p.T, s.hidden, rows, hidden)}
		}
		d, dataPhase := sides(data)
		m, chainsPhase := sides(chains)
		want := make([]float32, visible*hidden)
		Gradient(want, dataPhase, chainsPhase, 0, visible, visible, hidden)
		g := p.room(visible * hidden)
		p.done(p.gpu.Gradient(g, p.put(d.visible), p.put(d.hidden), p.put(m.visible), p.put(m.hidden),
			data, chains, visible, hidden, 0, 0, false))
		meanProduct := func(s side, rows, i, j int) float64 { // no number is negative
			var sum float64
			for n := range rows {
				sum += float64(s.visible[n*visible+i] * s.hidden[n*hidden+j])
			}
			return sum / float64(rows)
		}
		for at, got := range fromGPU(p, p.gpu, make([]float32, visible*hidden), g) {
			i, j := at/hidden, at%hidden
			bound := 2 * (gamma(data+3, 0x1p-24)*meanProduct(d, data, i, j) + gamma(chains+3, 0x1p-24)*meanProduct(m, chains, i, j))
			if diff := math.Abs(float64(got) - float64(want[at])); diff > bound {
				p.Fatalf("element [%d,%d]: got %v, want %v ± %.3g", i, j, got, want[at], bound)
			}
		}
	})
}

var smallProducts = flag.Bool("small", false, "benchmarks of products have one small size, for a simulator")

// BenchmarkProductOnGPU measures products of a card by precision and layout: the fields x·w and x·wᵀ,
// and the gradient xᵀ·y of B rows. One operation is a captured graph of sixteen products, chosen so
// that the launch and the wait of the host after it count little.
func BenchmarkProductOnGPU(b *testing.B) {
	const products = 16
	sizes := [][3]int{{512, 784, 500}, {1024, 784, 500}, {4096, 784, 500}, {8192, 784, 500}, {512, 4096, 4096}, {4096, 4096, 4096}}
	if *smallProducts {
		sizes = [][3]int{{8, 24, 16}}
	}
	g := openGPU(b)
	for _, size := range sizes {
		rows, visible, hidden := size[0], size[1], size[2]
		x, y := onGPU(b, g, benchStates(rows*visible, 0.3)), onGPU(b, g, benchNormals(rows*hidden))
		w := onGPU(b, g, benchNormals(visible*hidden))
		out := onGPU(b, g, make([]float32, max(rows*visible, rows*hidden, visible*hidden)))
		for _, precision := range []string{"f32", "tf32", "bf16", "bf16x2"} {
			if precision != "f32" && g.Major < 8 {
				continue
			}
			tensor, terms := precision == "tf32", 0
			var halfX, halfY, halfW Half
			if strings.HasPrefix(precision, "bf16") {
				terms = 1 + number(precision == "bf16x2")
				halfX = halfOnGPU(b, g, x, rows, visible, 1) // states need one term
				halfY, halfW = halfOnGPU(b, g, y, rows, hidden, terms), halfOnGPU(b, g, w, visible, hidden, terms)
			}
			launch := func(whole, half func() error) func() error {
				if terms > 0 {
					return half
				}
				return whole
			}
			for _, layout := range []struct {
				name   string
				launch func() error
			}{
				{"x·w", launch(
					func() error { return g.Product(out, x, w, rows, visible, hidden, false, tensor) },
					func() error { return g.HalfProduct(out, halfX, halfW, rows, visible, hidden, false) },
				)},
				{"x·wᵀ", launch(
					func() error { return g.Product(out, y, w, rows, hidden, visible, true, tensor) },
					func() error { return g.HalfProduct(out, halfY, halfW, rows, hidden, visible, true) },
				)},
				{"xᵀ·y", launch(
					func() error {
						return g.product(out, 1, matrix{x, visible, true}, matrix{y, hidden, false}, 0, visible, rows, hidden, tensor)
					},
					func() error {
						return g.halfProducts(out, 1, halfFactor{halfX, visible, true}, halfFactor{halfY, hidden, false}, 0, visible, rows, hidden)
					},
				)},
			} {
				name := fmt.Sprintf("precision=%s/layout=%s/B=%d/V=%d/H=%d", precision, layout.name, rows, visible, hidden)
				b.Run(name, func(b *testing.B) {
					graph, err := g.Capture(func() error {
						for range products {
							if err := layout.launch(); err != nil {
								return err
							}
						}
						return nil
					})
					if err != nil {
						b.Fatal(err)
					}
					for b.Loop() {
						if err := errors.Join(graph.Launch(), g.Sync()); err != nil {
							b.Fatal(err)
						}
					}
					seconds := b.Elapsed().Seconds() / float64(products*b.N)
					b.ReportMetric(1e6*seconds, "µs/product")
					b.ReportMetric(2*float64(rows)*float64(visible)*float64(hidden)/seconds/1e12, "TFLOP/s")
				})
			}
		}
	}
}
