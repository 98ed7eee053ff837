package engine

import (
	"fmt"
	"math"
	"runtime"
	"testing"
)

// gamma is γ(k) = k·u/(1-k·u) with the unit roundoff u = 2⁻²⁴ of float32, the relative error of k roundings (see
// kernels.Field).
func gamma(k int) float64 {
	const u = 0x1p-24
	return float64(k) * u / (1 - float64(k)*u)
}

// TestRowsAgree takes the second batch of a data set from bytes and floats, with every binarization.
// The values are 0 and 255, or grey: all bytes. 0.3 as the threshold lies between two bytes.
func TestRowsAgree(t *testing.T) {
	all := devices(t)
	for _, d := range dimensions {
		for binarize := AsIs; binarize <= Dynamic; binarize++ {
			for _, grey := range []bool{false, true} {
				for _, bytes := range []bool{false, true} {
					for on, device := range all {
						name := fmt.Sprintf("%v binarize=%d grey=%v bytes=%v %s", d, binarize, grey, bytes, on)
						t.Run(name, func(t *testing.T) { testRows(t, d, binarize, grey, bytes, device) })
					}
				}
			}
		}
	}
}

func testRows(t *testing.T, d [3]int, binarize Binarization, grey, bytes bool, device Device) {
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
	f.agreeOn(device, runsToReplay, nil, n)
}

// TestRowsValues compares a batch with the data: the rows that order and clock select, and the
// values of each binarization.
func TestRowsValues(t *testing.T) {
	for _, tc := range []struct {
		name     string
		binarize Binarization
		epochs   [2]int32
		want     [3][2]float32 // least and largest values of the bytes 0, 102 (which stands for 0.4) and 255
		same     bool          // both epochs have the same values
	}{
		{"as is", AsIs, [2]int32{0, 1}, [3][2]float32{{0, 0}, {0.4, 0.4}, {1, 1}}, true},
		{"threshold", Threshold, [2]int32{0, 1}, [3][2]float32{{0, 0}, {1, 1}, {1, 1}}, true},
		{"static", Static, [2]int32{0, 1}, [3][2]float32{{0, 0}, {0, 1}, {1, 1}}, true},
		{"dynamic", Dynamic, [2]int32{0, 1}, [3][2]float32{{0, 0}, {0, 1}, {1, 1}}, false},
		{"dynamic, one epoch", Dynamic, [2]int32{1, 1}, [3][2]float32{{0, 0}, {0, 1}, {1, 1}}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			// A batch has 200 values at 0.4. Two draws of one are equal with probability 0.4²+0.6² = 0.52, and of
			// all with 0.52^200 < 10⁻⁵⁶.
			const width = 300
			data := make([]uint8, 5*width)
			for i := range data {
				data[i] = [3]uint8{0, 102, 255}[(i+i/width)%3]
			}
			var seen [2][]float32
			for k, epoch := range tc.epochs {
				f := newFixture(t, 2, width, 1)
				order := f.variable("order", []int32{4, 3, 1, 0, 2}, 5)
				n := NewRows(f.variable("data", data, 5, width), order, f.clock(0, 1, epoch),
					Rows{Size: 2, Batch: 2, Binarize: tc.binarize, Threshold: 0.3, Seed: 5})
				plan, err := Compile(f.graph, f.state(openHostFor(t, 2)), n)
				if err == nil {
					err = plan.Run()
				}
				if err != nil {
					t.Fatal(err)
				}
				seen[k] = read(t, plan, n).([]float32)
				for row, index := range []int{1, 0} { // order[2] and order[3], as the clock is at batch 1 of two rows
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

// TestGreyFieldAgrees: for values other than 0 and 1 both runners are within the bound of
// kernels.Field around the exact value, and so within twice the bound of each other.
func TestGreyFieldAgrees(t *testing.T) {
	for _, d := range dimensions {
		for threads := 1; threads <= 3; threads++ {
			f := newFixture(t, d[0], d[1], d[2])
			n := NewHiddenField(f.means("v", f.B, f.V), f.reals("w", 1, f.V, f.H), f.reals("b", 1, f.H), nil)
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

// TestGreyGradientAgrees does the same for gradients, with the bound of kernels.Gradient.
func TestGreyGradientAgrees(t *testing.T) {
	for _, d := range dimensions {
		for threads := 1; threads <= 3; threads++ {
			f := newFixture(t, d[0], d[1], d[2])
			v, p := f.means("v", f.B, f.V), f.means("p", f.B, f.H)
			n := NewGradient(v, p, f.means("vm", f.B, f.V), f.means("pm", f.B, f.H), Gradient{})
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

// TestOpsRefuse: operands that do not fit, and assignments that cannot be, are the caller's mistake, and panic
// where the graph is built.
func TestOpsRefuse(t *testing.T) {
	for name, build := range map[string]func(f *fixture){
		"rows of 3 values for weights of 4": func(f *fixture) {
			NewHiddenField(f.means("v", 2, 3), f.reals("w", 1, 4, 5), f.reals("b", 1, 5), nil)
		},
		"hidden bias of a visible field": func(f *fixture) {
			NewVisibleField(f.means("h", 2, 5), f.reals("w", 1, 4, 5), f.reals("a", 1, 5), nil)
		},
		"changed field of means": func(f *fixture) {
			NewChangedField(f.states("v", 2, 3), NewMean(f.reals("z", 1, 2, 4), nil, Path{}))
		},
		"changed field of other rows": func(f *fixture) {
			z := NewHiddenField(f.states("v", 2, 3), f.reals("w", 1, 3, 4), f.reals("b", 1, 4), nil)
			NewChangedField(f.states("x", 3, 3), z)
		},
		"mean of a vector":      func(f *fixture) { NewMean(f.means("z", 3), nil, Path{}) },
		"clock of floats":       func(f *fixture) { NewTick(f.means("clock", 3)) },
		"clock of two integers": func(f *fixture) { NewTick(f.variable("clock", []int32{1, 2}, 2)) },
		"hidden means of 4 of 5 chains": func(f *fixture) {
			NewGradient(f.means("v", 2, 3), f.means("p", 2, 4), f.means("vm", 5, 3), f.means("pm", 4, 4), Gradient{})
		},
		"ascend along a gradient of another shape": func(f *fixture) {
			w := f.means("w", 2, 3)
			NewAscend(w, w, f.means("g", 3, 2), f.means("r", 1, 2), f.clock(0, 0, 0), Ascend{})
		},
		"three rates in a row": func(f *fixture) {
			w := f.means("w", 2, 3)
			NewAscend(w, w, w, f.means("r", 1, 3), f.clock(0, 0, 0), Ascend{})
		},
		"sum of vectors of two sizes":           func(f *fixture) { NewAdd(f.means("x", 3), f.means("y", 4)) },
		"moment of a gradient of another shape": func(f *fixture) { NewMoment(f.means("m", 3), f.means("g", 4), Moment{}) },
		"adam with a second moment of another shape": func(f *fixture) {
			w := f.means("w", 2, 3)
			NewAdam(w, w, f.means("s", 3, 2), f.means("r", 1, 2), f.clock(0, 0, 0))
		},
		"nesterov with three rates in a row": func(f *fixture) {
			w := f.means("w", 2, 3)
			NewNesterov(w, w, w, f.means("r", 1, 3), f.clock(0, 0, 0))
		},
		"draw at another clock than its path": func(f *fixture) {
			clock := f.clock(1, 0, 0)
			path := Path{Base: f.means("base", 3), Betas: f.means("betas", 5), Clock: clock}
			NewSample(f.means("z", 2, 3), NewTick(clock), nil, path, Draw{})
		},
		"units of 2 of 3 columns of a mean": func(f *fixture) { NewMean(f.means("z", 2, 3), Units{{To: 2}}, Path{}) },
		"5 units for 3 columns of a field": func(f *fixture) {
			NewHiddenField(f.means("v", 2, 3), f.reals("w", 1, 3, 5), f.reals("b", 1, 5), Units{{To: 5}})
		},
		"4 rows on a ladder of 3 levels": func(f *fixture) {
			NewColdest(f.means("x", 4, 2), f.means("levels", 4), Coldest{Levels: 3})
		},
		"mask of 2 of 3 columns": func(f *fixture) {
			x := f.means("x", 2, 3)
			NewSelect(f.means("mask", 2, 2), x, x)
		},
		"tally of 3 numbers for 3 levels": func(f *fixture) {
			NewTally(f.means("tally", 3), f.levels(3), f.ratios(3), f.clock(0, 0, 0), Tally{Levels: 3})
		},
		"blend with means of 4 for 3 units": func(f *fixture) {
			NewBlend(f.means("c", 3), f.means("d", 2, 3), f.means("m", 2, 4), Blend{})
		},
		"3 factors of 2 rows": func(f *fixture) { NewScaledRows(f.means("p", 2, 3), f.means("s", 3, 1)) },
		"squared L1 over 2 of 3 hidden units": func(f *fixture) {
			NewSquaredL1(f.means("g", 2, 3), f.means("w", 2, 3), SquaredL1{Units: Units{{To: 2}}})
		},
		"group lasso over 3 of 2 visible units": func(f *fixture) {
			NewShrink(f.means("w", 2, 3), f.means("r", 1, 2), f.clock(0, 0, 0), Shrink{Blocks: Blocks{Visible: Units{{To: 3}}}})
		},
		"two rows of moving means": func(f *fixture) { NewSparsity(f.means("p", 2, 3), f.means("q", 2, 3), Sparsity{}) },
		"assignment of another shape": func(f *fixture) {
			Assign(f.means("x", 2, 3), NewMean(f.means("z", 3, 2), nil, Path{}))
		},
		"assignment of a variable":       func(f *fixture) { Assign(f.means("x", 2, 3), f.means("y", 2, 3)) },
		"assignment to a computed value": func(f *fixture) { p := NewMean(f.means("z", 3, 2), nil, Path{}); Assign(p, p) },
		"two assignments to one variable": func(f *fixture) {
			x := f.means("x", 2, 3)
			Assign(x, NewMean(x, nil, Path{}))
			Assign(x, NewMean(f.means("y", 2, 3), nil, Path{}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				fault := recover()
				if _, accident := fault.(runtime.Error); fault == nil || accident {
					t.Errorf("got panic %v, want one that the graph makes on purpose", fault)
				}
			}()
			build(newFixture(t, 1, 1, 1))
		})
	}
}
