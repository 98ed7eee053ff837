package engine

import (
	"fmt"
	"math"
	"testing"

	"gorgonia.org/gorgonia"
)

// gamma is γ(k) = k·u/(1-k·u) of float32 (see kernels.Field).
func gamma(k int) float64 {
	const u = 0x1p-24
	return float64(k) * u / (1 - float64(k)*u)
}

// ops build one op each, over variables of their own. Every kernel promises the same
// bits for the same operands, so the runners must agree to the bit.
var ops = map[string]func(f *fixture) *gorgonia.Node{
	"tick": func(f *fixture) *gorgonia.Node { return NewTick(f.clock(4, 2, 1)) },
	"hidden field": func(f *fixture) *gorgonia.Node {
		return NewHiddenField(f.states("v", f.B, f.V), f.reals("w", 1, f.V, f.H), f.reals("b", 1, f.H))
	},
	"visible field": func(f *fixture) *gorgonia.Node {
		return NewVisibleField(f.states("h", f.B, f.H), f.reals("w", 1, f.V, f.H), f.reals("a", 1, f.V))
	},
	"changed field": func(f *fixture) *gorgonia.Node {
		w, b, clock := f.reals("w", 1, f.V, f.H), f.reals("b", 1, f.H), f.clock(0, 0, 0)
		p := f.means("p", f.B, f.V)
		z := NewHiddenField(f.states("v", f.B, f.V), w, b)
		for step := range uint32(3) {
			z = NewChangedField(NewSample(p, clock, Sample{Seed: 5, Step: step}), z)
		}
		return z
	},
	"mean": func(f *fixture) *gorgonia.Node { return NewMean(f.reals("z", 20, f.B, f.H)) },
	"tempered mean": func(f *fixture) *gorgonia.Node {
		return NewTemperedMean(f.reals("z", 20, f.B, f.V), f.reals("base", 2, f.V), f.means("betas", 4), f.clock(2, 0, 0), 1)
	},
	"sample": func(f *fixture) *gorgonia.Node {
		return NewSample(f.means("p", f.B, f.H), f.clock(9, 0, 0), Sample{Seed: 1 << 40, Stream: 3, Step: 2})
	},
	"free energy": func(f *fixture) *gorgonia.Node {
		return NewFreeEnergy(f.means("v", f.B, f.V), f.reals("a", 1, f.V), f.reals("z", 20, f.B, f.H))
	},
	"log-weight": func(f *fixture) *gorgonia.Node {
		before := make([]float64, f.B)
		for n := range before {
			before[n] = f.random.NormFloat64()
		}
		return NewLogWeight(f.variable("w", before, f.B), f.states("v", f.B, f.V), f.reals("a", 1, f.V),
			f.reals("base", 1, f.V), f.reals("z", 5, f.B, f.H), f.means("betas", 3), f.clock(1, 0, 0))
	},
	"pseudo-likelihood": func(f *fixture) *gorgonia.Node {
		return NewPseudoLikelihood(f.states("v", f.B, f.V), f.reals("z", 5, f.B, f.H), f.reals("w", 1, f.V, f.H),
			f.reals("a", 1, f.V), f.clock(5, 0, 0), PseudoLikelihood{Seed: 2, Stream: 7})
	},
	"squared error": func(f *fixture) *gorgonia.Node {
		return NewSquaredError(f.states("x", f.B, f.V), f.means("y", f.B, f.V))
	},
	"clamp": func(f *fixture) *gorgonia.Node {
		pattern := make([]float32, f.B*f.V)
		for i := range pattern {
			pattern[i] = [3]float32{0, 1, float32(math.NaN())}[f.random.IntN(3)]
		}
		return NewClamp(f.states("x", f.B, f.V), f.variable("pattern", pattern, f.B, f.V))
	},
	"gradient": func(f *fixture) *gorgonia.Node {
		return NewGradient(f.states("v", f.B, f.V), f.means("p", f.B, f.H), f.states("vm", f.B+2, f.V), f.means("pm", f.B+2, f.H))
	},
	"gradient of one phase": func(f *fixture) *gorgonia.Node {
		v := NewSample(f.means("m", f.B, f.V), f.clock(0, 0, 0), Sample{Seed: 8})
		return NewGradient(v, f.means("p", f.B, f.H), v, f.means("pm", f.B, f.H))
	},
	"means":          func(f *fixture) *gorgonia.Node { return NewMeans(f.means("x", f.B, f.V)) },
	"weighted means": func(f *fixture) *gorgonia.Node { return NewWeightedMeans(f.means("x", f.B, f.V), f.reals("s", 1, f.B)) },
	"centered dot":   func(f *fixture) *gorgonia.Node { return NewCenteredDot(f.means("x", f.B, f.V), f.means("c", f.V)) },
	"difference":     func(f *fixture) *gorgonia.Node { return NewDifference(f.means("d", 2, f.V), f.means("m", 2, f.V)) },
	"bias gradient": func(f *fixture) *gorgonia.Node {
		return NewBiasGradient(f.reals("difference", 1, f.V), f.means("d", 2, f.V), f.means("m", 2, f.V), f.means("offset", f.V),
			f.reals("other", 1, f.H), f.means("other offset", f.H))
	},
	"ascend": func(f *fixture) *gorgonia.Node {
		w := f.reals("w", 1, f.V, f.H)
		return NewAscend(w, w, f.reals("g", 1, f.V, f.H), f.means("rates", 3, 2), f.clock(7, 2, 0), Ascend{L1: 0.1, L2: 0.2})
	},
	"ascend of a bias": func(f *fixture) *gorgonia.Node {
		a := f.reals("a", 1, f.V)
		return NewAscend(a, a, f.reals("g", 1, f.V), f.means("rates", 3, 2), f.clock(7, 1, 0), Ascend{})
	},
	"velocity along the centered gradient": func(f *fixture) *gorgonia.Node {
		return NewCenteredAscend(f.reals("velocity", 1, f.V, f.H), f.reals("w", 1, f.V, f.H), f.reals("g", 1, f.V, f.H),
			f.means("rates", 3, 2), f.clock(7, 2, 0), Centering{
				VisibleOffset: f.means("mu", f.V), HiddenOffset: f.means("lambda", f.H),
				VisibleDifference: f.reals("dv", 1, f.V), HiddenDifference: f.reals("dp", 1, f.H),
			}, Ascend{L1: 0.1, L2: 0.2, Velocity: true})
	},
	"add": func(f *fixture) *gorgonia.Node { return NewAdd(f.reals("x", 1, f.V, f.H), f.reals("y", 1, f.V, f.H)) },
	"nesterov": func(f *fixture) *gorgonia.Node {
		return NewNesterov(f.reals("w", 1, f.V, f.H), f.reals("v", 1, f.V, f.H), f.reals("before", 1, f.V, f.H),
			f.means("rates", 3, 2), f.clock(7, 2, 0))
	},
	"first moment": func(f *fixture) *gorgonia.Node {
		return NewMoment(f.reals("m", 1, f.V, f.H), f.reals("g", 1, f.V, f.H), Moment{Decay: 0.9})
	},
	"second moment": func(f *fixture) *gorgonia.Node {
		return NewMoment(f.means("s", f.V), f.reals("g", 1, f.V), Moment{Decay: 0.999, Squared: true})
	},
	"adam": func(f *fixture) *gorgonia.Node {
		return NewAdam(f.reals("w", 1, f.V, f.H), f.reals("m", 1, f.V, f.H), f.means("s", f.V, f.H), f.means("rates", 3, 2), f.clock(7, 2, 0))
	},
	"ladder mean": func(f *fixture) *gorgonia.Node {
		return NewLadderMean(f.reals("z", 20, 3*f.B, f.V), f.reals("base", 2, f.V), f.means("betas", 3), f.levels(3))
	},
	"log-ratio": func(f *fixture) *gorgonia.Node {
		return NewLogRatio(f.states("v", 3*f.B, f.V), f.reals("a", 1, f.V), f.reals("base", 1, f.V), f.reals("z", 5, 3*f.B, f.H),
			f.means("betas", 3), f.levels(3), f.clock(4, 0, 0))
	},
	"log-ratio of listed states": func(f *fixture) *gorgonia.Node {
		v := NewSample(f.means("m", 4*f.B, f.V), f.clock(3, 0, 0), Sample{Seed: 8})
		return NewLogRatio(v, f.reals("a", 1, f.V), f.reals("base", 1, f.V), f.reals("z", 5, 4*f.B, f.H),
			f.means("betas", 4), f.levels(4), f.nodes["clock"])
	},
	"swap": func(f *fixture) *gorgonia.Node {
		return NewSwap(f.levels(5), f.ratios(5), f.clock(3, 0, 0), Swap{Levels: 5, Seed: 1 << 40, Stream: 3})
	},
	"a draw at another clock than its means": func(f *fixture) *gorgonia.Node {
		clock := f.clock(1, 0, 0)
		next := NewTick(clock)
		p := NewTemperedMean(f.reals("z", 3, f.B, f.H), f.reals("base", 1, f.H), f.means("betas", 5), clock, 1)
		return NewSample(p, next, Sample{Seed: 5})
	},
	"coldest": func(f *fixture) *gorgonia.Node {
		return NewColdest(f.reals("x", 1, 3*f.B, f.V), f.levels(3), Coldest{Levels: 3})
	},
	"gradient of the coldest": func(f *fixture) *gorgonia.Node {
		v := NewSample(f.means("m", 3*f.B, f.V), f.clock(0, 0, 0), Sample{Seed: 8})
		coldest := NewColdest(v, f.levels(3), Coldest{Levels: 3})
		return NewGradient(f.states("v", f.B, f.V), f.means("p", f.B, f.H), coldest, f.means("pm", f.B, f.H))
	},
	"tally": func(f *fixture) *gorgonia.Node {
		return NewTally(f.means("tally", 8), f.levels(5), f.ratios(5), f.clock(4, 0, 0), Tally{Levels: 5})
	},
	"trips": func(f *fixture) *gorgonia.Node {
		return NewTrips(f.states("trips", 3*f.B), f.levels(3), Trips{Levels: 3})
	},
	"chance": func(f *fixture) *gorgonia.Node {
		energies := make([]*gorgonia.Node, 4)
		for i := range energies {
			energies[i] = f.energies(fmt.Sprint("f", i))
		}
		return NewChance(energies[0], energies[1], energies[2], energies[3])
	},
	"select": func(f *fixture) *gorgonia.Node {
		return NewSelect(f.states("mask", f.B, 1), f.reals("x", 1, f.B, f.V), f.reals("y", 1, f.B, f.V))
	},
	"gradient of a selection": func(f *fixture) *gorgonia.Node {
		clock := f.clock(0, 0, 0)
		x := NewSample(f.means("m", f.B, f.V), clock, Sample{Seed: 8})
		y := NewSample(f.means("n", f.B, f.V), clock, Sample{Seed: 9})
		return NewGradient(f.states("v", f.B, f.V), f.means("p", f.B, f.H), NewSelect(f.states("mask", f.B, 1), x, y), f.means("pm", f.B, f.H))
	},
	"sparsity": func(f *fixture) *gorgonia.Node {
		return NewSparsity(f.means("p", f.B, f.H), f.means("q", 1, f.H), Sparsity{Target: 0.1, Cost: 0.7})
	},
	"blend": func(f *fixture) *gorgonia.Node {
		return NewBlend(f.means("c", f.H), f.means("d", 2, f.H), f.means("m", 2, f.H), Blend{0.3})
	},
}

// dimensions are one unit of everything, fewer rows than threads, ragged sizes beyond
// one block of any kernel, and more rows than columns.
var dimensions = [][3]int{{1, 1, 1}, {2, 5, 3}, {7, 131, 67}, {65, 33, 20}}

func TestOpsAgree(t *testing.T) {
	for name, build := range ops {
		for _, d := range dimensions {
			for threads := 1; threads <= 3; threads++ {
				t.Run(fmt.Sprintf("%s %v, %d threads", name, d, threads), func(t *testing.T) {
					f := newFixture(t, d[0], d[1], d[2])
					f.agree(threads, 2, nil, build(f))
				})
			}
		}
	}
}

// TestRowsAgree takes batches from bytes and floats by every binarization, a full
// batch and a short one.
func TestRowsAgree(t *testing.T) {
	for _, d := range dimensions {
		for binarize := AsIs; binarize <= Dynamic; binarize++ {
			for _, grey := range []bool{false, true} {
				for _, bytes := range []bool{false, true} {
					for threads := 1; threads <= 3; threads++ {
						name := fmt.Sprintf("%v binarize=%d grey=%v bytes=%v threads=%d", d, binarize, grey, bytes, threads)
						t.Run(name, func(t *testing.T) { testRows(t, d, binarize, grey, bytes, threads) })
					}
				}
			}
		}
	}
}

func testRows(t *testing.T, d [3]int, binarize Binarization, grey, bytes bool, threads int) {
	f := newFixture(t, d[0], d[1], d[2])
	rows := 2*f.B + 1
	b := make([]uint8, rows*f.V)
	x := make([]float32, len(b))
	for i := range b {
		b[i] = uint8(255 * f.random.IntN(2))
		if grey {
			b[i] = uint8(f.random.IntN(256))
		}
		x[i] = float32(b[i]) / 255
	}
	data := any(x)
	if bytes {
		data = b
	}
	order := make([]int32, rows)
	Shuffle(order, 3, 1, 0)
	clock := f.clock(5, 1, 2)
	n := NewRows(f.variable("data", data, rows, f.V), f.variable("order", order, rows), clock,
		Rows{Size: f.B, Batch: f.B, Binarize: binarize, Threshold: 0.3, Seed: 11, Stream: 4})
	f.agree(threads, 2, nil, n)
}

// TestRowsValues checks a batch against the data: the rows that the order and the
// clock ask for, and the values that each binarization makes of them.
func TestRowsValues(t *testing.T) {
	for _, tc := range []struct {
		name     string
		binarize Binarization
		epochs   [2]int32
		want     [3][2]float32 // of the bytes 0, 102, 255; a range where it is drawn
		same     bool          // in both epochs
	}{
		{"as is", AsIs, [2]int32{0, 1}, [3][2]float32{{0, 0}, {0.4, 0.4}, {1, 1}}, true},
		{"threshold", Threshold, [2]int32{0, 1}, [3][2]float32{{0, 0}, {1, 1}, {1, 1}}, true},
		{"static", Static, [2]int32{0, 1}, [3][2]float32{{0, 0}, {0, 1}, {1, 1}}, true},
		{"dynamic", Dynamic, [2]int32{0, 1}, [3][2]float32{{0, 0}, {0, 1}, {1, 1}}, false},
		{"dynamic, one epoch", Dynamic, [2]int32{1, 1}, [3][2]float32{{0, 0}, {0, 1}, {1, 1}}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			const width = 300 // two draws of as many values at 0.4 are the same with probability 0.52^100
			data := make([]uint8, 5*width)
			for i := range data {
				data[i] = [3]uint8{0, 102, 255}[(i+i/width)%3]
			}
			var seen [2][]float32
			for k, epoch := range tc.epochs {
				f := newFixture(t, 2, width, 1)
				n := NewRows(f.variable("data", data, 5, width), f.variable("order", []int32{4, 3, 1, 0, 2}, 5), f.clock(0, 1, epoch),
					Rows{Size: 2, Batch: 2, Binarize: tc.binarize, Threshold: 0.3, Seed: 5})
				plan, err := Compile(f.graph, f.state(openHostFor(t, 2)), n)
				if err == nil {
					err = plan.Run()
				}
				if err != nil {
					t.Fatal(err)
				}
				seen[k] = read(t, plan, n).([]float32)
				for row, index := range []int{1, 0} { // places 2 and 3 of the order
					for j := range width {
						got, want := seen[k][row*width+j], tc.want[(j+index)%3]
						if got < want[0] || got > want[1] {
							t.Fatalf("row %d, column %d: got %v, want a value in %v", index, j, got, want)
						}
						if tc.binarize != AsIs && got != 0 && got != 1 {
							t.Fatalf("row %d, column %d: got %v, want a state", index, j, got)
						}
					}
				}
			}
			if got := fmt.Sprint(seen[0]) == fmt.Sprint(seen[1]); got != tc.same {
				t.Errorf("the two epochs draw the same: got %v, want %v", got, tc.same)
			}
		})
	}
}

// TestGreyFieldAgrees: over values other than 0 and 1 both runners are within the
// bound that kernels.Field states of the exact value.
func TestGreyFieldAgrees(t *testing.T) {
	for _, d := range dimensions {
		for threads := 1; threads <= 3; threads++ {
			f := newFixture(t, d[0], d[1], d[2])
			n := NewHiddenField(f.means("v", f.B, f.V), f.reals("w", 1, f.V, f.H), f.reals("b", 1, f.H))
			v, w, b := f.values["v"].([]float32), f.values["w"].([]float32), f.values["b"].([]float32)
			f.agree(threads, 1, func(at int) float64 {
				row, j := at/f.H, at%f.H
				size := math.Abs(float64(b[j]))
				for i := range f.V {
					size += math.Abs(float64(v[row*f.V+i]) * float64(w[i*f.H+j]))
				}
				return 2 * gamma(f.V+1) * size
			}, n)
		}
	}
}

// TestGreyGradientAgrees is the same for kernels.Gradient.
func TestGreyGradientAgrees(t *testing.T) {
	for _, d := range dimensions {
		for threads := 1; threads <= 3; threads++ {
			f := newFixture(t, d[0], d[1], d[2])
			n := NewGradient(f.means("v", f.B, f.V), f.means("p", f.B, f.H), f.means("vm", f.B, f.V), f.means("pm", f.B, f.H))
			size := func(visible, hidden string, at int) float64 {
				v, p := f.values[visible].([]float32), f.values[hidden].([]float32)
				var sum float64
				for row := range f.B {
					sum += float64(v[row*f.V+at/f.H]) * float64(p[row*f.H+at%f.H])
				}
				return sum / float64(f.B)
			}
			f.agree(threads, 1, func(at int) float64 {
				return 2 * gamma(f.B+3) * (size("v", "p", at) + size("vm", "pm", at))
			}, n)
		}
	}
}

// TestOpsRefuseShapes: what does not fit is the caller's mistake and panics where the
// graph is built.
func TestOpsRefuseShapes(t *testing.T) {
	for name, build := range map[string]func(f *fixture){
		"field":      func(f *fixture) { NewHiddenField(f.means("v", 2, 3), f.reals("w", 1, 4, 5), f.reals("b", 1, 5)) },
		"field bias": func(f *fixture) { NewVisibleField(f.means("h", 2, 5), f.reals("w", 1, 4, 5), f.reals("a", 1, 5)) },
		"changed field of means": func(f *fixture) {
			NewChangedField(f.states("v", 2, 3), NewMean(f.reals("z", 1, 2, 4)))
		},
		"changed field of other rows": func(f *fixture) {
			z := NewHiddenField(f.states("v", 2, 3), f.reals("w", 1, 3, 4), f.reals("b", 1, 4))
			NewChangedField(f.states("x", 3, 3), z)
		},
		"rank":         func(f *fixture) { NewMean(f.means("z", 3)) },
		"element type": func(f *fixture) { NewTick(f.means("clock", 3)) },
		"clock":        func(f *fixture) { NewTick(f.variable("clock", []int32{1, 2}, 2)) },
		"gradient": func(f *fixture) {
			NewGradient(f.means("v", 2, 3), f.means("p", 2, 4), f.means("vm", 5, 3), f.means("pm", 4, 4))
		},
		"ascend": func(f *fixture) {
			w := f.means("w", 2, 3)
			NewAscend(w, w, f.means("g", 3, 2), f.means("r", 1, 2), f.clock(0, 0, 0), Ascend{})
		},
		"rates": func(f *fixture) {
			w := f.means("w", 2, 3)
			NewAscend(w, w, w, f.means("r", 1, 3), f.clock(0, 0, 0), Ascend{})
		},
		"add":    func(f *fixture) { NewAdd(f.means("x", 3), f.means("y", 4)) },
		"moment": func(f *fixture) { NewMoment(f.means("m", 3), f.means("g", 4), Moment{}) },
		"adam": func(f *fixture) {
			w := f.means("w", 2, 3)
			NewAdam(w, w, f.means("s", 3, 2), f.means("r", 1, 2), f.clock(0, 0, 0))
		},
		"nesterov": func(f *fixture) {
			w := f.means("w", 2, 3)
			NewNesterov(w, w, w, f.means("r", 1, 3), f.clock(0, 0, 0))
		},
		"levels": func(f *fixture) { NewColdest(f.means("x", 4, 2), f.means("levels", 4), Coldest{Levels: 3}) },
		"select": func(f *fixture) {
			x := f.means("x", 2, 3)
			NewSelect(f.means("mask", 2, 3), x, x)
		},
		"tally": func(f *fixture) {
			NewTally(f.means("tally", 3), f.levels(3), f.ratios(3), f.clock(0, 0, 0), Tally{Levels: 3})
		},
		"blend":           func(f *fixture) { NewBlend(f.means("c", 3), f.means("d", 2, 3), f.means("m", 2, 4), Blend{}) },
		"sparsity":        func(f *fixture) { NewSparsity(f.means("p", 2, 3), f.means("q", 2, 3), Sparsity{}) },
		"assign shape":    func(f *fixture) { Assign(f.means("x", 2, 3), NewMean(f.means("z", 3, 2))) },
		"assign an input": func(f *fixture) { Assign(f.means("x", 2, 3), f.means("y", 2, 3)) },
		"assign a result": func(f *fixture) { p := NewMean(f.means("z", 3, 2)); Assign(p, p) },
		"assign twice": func(f *fixture) {
			x := f.means("x", 2, 3)
			Assign(x, NewMean(x))
			Assign(x, NewMean(f.means("y", 2, 3)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			build(newFixture(t, 1, 1, 1))
		})
	}
}
