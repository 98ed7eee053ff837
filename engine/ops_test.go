package engine

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"

	"harmonium/ranks"
	"harmonium/ranks/rankstest"
)

// ops has a graph for every op, over variables of its own, and returns the node to compare. Every
// kernel returns the same bits for the same operands, so the runners must agree to the bit. The map
// rounded (rounded_test.go) has the exceptions. Seeds, and the scales of variables, are chosen: fields
// with a scale of 20 reach means that are rounded to 1, or are as small as 10⁻⁹; others stay within their slope.
var ops = map[string]func(f *fixture) *gorgonia.Node{
	"tick": func(f *fixture) *gorgonia.Node { return NewTick(f.clock(4, 2, 1)) },
	"hidden field": func(f *fixture) *gorgonia.Node {
		return NewHiddenField(f.visibleStates("v", f.B), f.reals("w", 1, f.V, f.H), f.reals("b", 1, f.H), f.visible)
	},
	"visible field": func(f *fixture) *gorgonia.Node {
		return NewVisibleField(f.hiddenStates("h", f.B), f.reals("w", 1, f.V, f.H), f.reals("a", 1, f.V), f.hidden)
	},
	"changed field": func(f *fixture) *gorgonia.Node {
		w, b, clock := f.reals("w", 1, f.V, f.H), f.reals("b", 1, f.H), f.clock(0, 0, 0)
		fields := f.reals("fields", 2, f.B, f.V)
		z := NewHiddenField(f.visibleStates("v", f.B), w, b, f.visible)
		for step := range uint32(3) {
			z = NewChangedField(NewSample(fields, clock, f.visible, Path{}, Draw{Seed: 5, Step: step}), z)
		}
		return z
	},
	"mean": func(f *fixture) *gorgonia.Node { return NewMean(f.reals("z", 20, f.B, f.H), f.hidden, Path{}) },
	"mean on the path of annealing": func(f *fixture) *gorgonia.Node {
		path := Path{Base: f.reals("base", 2, f.V), Betas: f.means("betas", 4), Clock: f.clock(2, 0, 0), Ahead: 1}
		return NewMean(f.reals("z", 20, f.B, f.V), f.visible, path)
	},
	"sample": func(f *fixture) *gorgonia.Node {
		return NewSample(f.reals("z", 3, f.B, f.H), f.clock(9, 0, 0), f.hidden, Path{},
			Draw{Seed: 1 << 40, Stream: 3, Step: 2, Row: 5}) // a seed of more than 32 bits
	},
	"toss": func(f *fixture) *gorgonia.Node {
		return NewToss(f.means("p", f.B, f.H), f.clock(9, 0, 0), Draw{Seed: 1 << 40, Stream: 3, Step: 2, Row: 5})
	},
	"free energy": func(f *fixture) *gorgonia.Node {
		return NewFreeEnergy(f.means("v", f.B, f.V), f.reals("a", 1, f.V), f.reals("z", 20, f.B, f.H), f.hidden)
	},
	"log-weight": func(f *fixture) *gorgonia.Node {
		before := make([]float64, f.B)
		for n := range before {
			before[n] = f.random.NormFloat64()
		}
		return NewLogWeight(f.variable("w", before, f.B), f.visibleStates("v", f.B), f.reals("a", 1, f.V),
			f.reals("base", 1, f.V), f.reals("z", 5, f.B, f.H), f.means("betas", 3), f.clock(1, 0, 0), f.hidden)
	},
	"pseudo-likelihood": func(f *fixture) *gorgonia.Node {
		return NewPseudoLikelihood(f.visibleStates("v", f.B), f.reals("z", 5, f.B, f.H), f.reals("w", 1, f.V, f.H),
			f.reals("a", 1, f.V), f.clock(5, 0, 0),
			PseudoLikelihood{Visible: f.visible, Hidden: f.hidden, Draw: Draw{Seed: 2, Stream: 7, Row: 3}})
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
	"gradient": func(f *fixture) *gorgonia.Node { return f.gradient(Gradient{}) },
	"gradient among more rows": func(f *fixture) *gorgonia.Node {
		return f.gradient(Gradient{Data: 2*f.B + 1, Chains: 4 * (f.B + 2)})
	},
	"gradient with the data as chains": func(f *fixture) *gorgonia.Node {
		v := NewSample(f.reals("m", 2, f.B, f.V), f.clock(0, 0, 0), f.visible, Path{}, Draw{Seed: 8})
		return NewGradient(v, f.means("p", f.B, f.H), v, f.means("pm", f.B, f.H), Gradient{Units: f.visible})
	},
	"total of a gradient": func(f *fixture) *gorgonia.Node {
		return NewTotal(f.gradient(Gradient{}))
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
		return NewAdam(f.reals("w", 1, f.V, f.H), f.reals("m", 1, f.V, f.H), f.means("s", f.V, f.H),
			f.means("rates", 3, 2), f.clock(7, 2, 0))
	},
	"mean on a ladder": func(f *fixture) *gorgonia.Node {
		path := Path{Base: f.reals("base", 2, f.V), Betas: f.means("betas", 3), Levels: f.levels(3)}
		return NewMean(f.reals("z", 20, 3*f.B, f.V), f.visible, path)
	},
	"log-ratio in an even update": func(f *fixture) *gorgonia.Node {
		return NewLogRatio(f.visibleStates("v", 3*f.B), f.reals("a", 1, f.V), f.reals("base", 1, f.V),
			f.reals("z", 5, 3*f.B, f.H), f.means("betas", 3), f.levels(3), f.clock(4, 0, 0), f.hidden)
	},
	"log-ratio of drawn states in an odd update": func(f *fixture) *gorgonia.Node {
		v := NewSample(f.reals("m", 2, 4*f.B, f.V), f.clock(3, 0, 0), f.visible, Path{}, Draw{Seed: 8})
		return NewLogRatio(v, f.reals("a", 1, f.V), f.reals("base", 1, f.V), f.reals("z", 5, 4*f.B, f.H),
			f.means("betas", 4), f.levels(4), f.nodes["clock"], f.hidden)
	},
	"swap": func(f *fixture) *gorgonia.Node {
		return NewSwap(f.levels(5), f.ratios(5), f.clock(3, 0, 0), Swap{Levels: 5, Seed: 1 << 40, Stream: 3, Row: 10})
	},
	"coldest": func(f *fixture) *gorgonia.Node {
		return NewColdest(f.reals("x", 1, 3*f.B, f.V), f.levels(3), Coldest{Levels: 3})
	},
	"gradient of the coldest": func(f *fixture) *gorgonia.Node {
		v := NewSample(f.reals("m", 2, 3*f.B, f.V), f.clock(0, 0, 0), f.visible, Path{}, Draw{Seed: 8})
		coldest := NewColdest(v, f.levels(3), Coldest{Levels: 3})
		return f.gradientOver(coldest)
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
	"select cells": func(f *fixture) *gorgonia.Node {
		return NewSelect(f.states("mask", f.B, f.V), f.reals("x", 1, f.B, f.V), f.reals("y", 1, f.B, f.V))
	},
	"gradient of selected cells": func(f *fixture) *gorgonia.Node {
		clock := f.clock(0, 0, 0)
		x := NewSample(f.reals("m", 2, f.B, f.V), clock, f.visible, Path{}, Draw{Seed: 8})
		y := NewSample(f.reals("n", 2, f.B, f.V), clock, f.visible, Path{}, Draw{Seed: 9})
		mask := NewSample(f.reals("o", 2, f.B, f.V), clock, nil, Path{}, Draw{Seed: 10})
		return f.gradientOver(NewSelect(mask, x, y))
	},
	"gradient of a selection": func(f *fixture) *gorgonia.Node {
		clock := f.clock(0, 0, 0)
		x := NewSample(f.reals("m", 2, f.B, f.V), clock, f.visible, Path{}, Draw{Seed: 8})
		y := NewSample(f.reals("n", 2, f.B, f.V), clock, f.visible, Path{}, Draw{Seed: 9})
		return f.gradientOver(NewSelect(f.states("mask", f.B, 1), x, y))
	},
	"part": func(f *fixture) *gorgonia.Node {
		return NewPart(f.reals("x", 1, 3*f.B, f.V), Part{From: f.B / 2, Size: f.B - f.B/2, Blocks: 3})
	},
	"part of a vector": func(f *fixture) *gorgonia.Node { return NewPart(f.levels(3), Part{From: f.B / 2, Size: 1, Blocks: 3}) },
	"gradient of a part": func(f *fixture) *gorgonia.Node {
		states := NewSample(f.reals("m", 2, 2*f.B, f.V), f.clock(0, 0, 0), f.visible, Path{}, Draw{Seed: 8})
		v := NewPart(states, Part{From: f.B / 2, Size: f.B, Blocks: 1})
		return NewGradient(v, f.means("p", f.B, f.H), v, f.means("pm", f.B, f.H), Gradient{Units: f.visible})
	},
	"put": func(f *fixture) *gorgonia.Node {
		parts := []*gorgonia.Node{f.reals("y", 1, 2, f.V), f.visibleStates("v", 2*f.B)}
		return NewPut(f.reals("x", 1, 4*f.B, f.V), parts, Put{From: f.B - 1, Blocks: 2})
	},
	"put into a vector": func(f *fixture) *gorgonia.Node {
		return NewPut(f.levels(3), []*gorgonia.Node{f.reals("y", 1, 3)}, Put{From: f.B - 1, Blocks: 3})
	},
	"gradient of states put together": func(f *fixture) *gorgonia.Node {
		clock := f.clock(0, 0, 0)
		x := NewSample(f.reals("m", 2, 2*f.B, f.V), clock, f.visible, Path{}, Draw{Seed: 8})
		parts := []*gorgonia.Node{NewPart(x, Part{From: f.B, Size: f.B, Blocks: 1}), NewPart(x, Part{Size: f.B, Blocks: 1})}
		data := NewPut(x, parts, Put{Blocks: 1})
		chains := NewPut(data, parts[:1], Put{From: f.B, Blocks: 1})
		return NewGradient(data, f.means("p", 2*f.B, f.H), chains, f.means("pm", 2*f.B, f.H), Gradient{Units: f.visible})
	},
	"totals": func(f *fixture) *gorgonia.Node {
		x, y := NewTotal(f.reals("x", 1, 1, f.V)), NewTotal(f.reals("y", 1, 1, f.V))
		return NewDifference(x, y)
	},
	"total": func(f *fixture) *gorgonia.Node { return NewTotal(f.reals("x", 1, f.B, f.V)) },
	"sparsity": func(f *fixture) *gorgonia.Node {
		return NewSparsity(f.means("p", f.B, f.H), f.means("q", 1, f.H), Sparsity{Target: 0.1, Cost: 0.7})
	},
	"squared L1 penalty": func(f *fixture) *gorgonia.Node {
		return NewSquaredL1(f.reals("g", 1, f.V, f.H), f.reals("w", 1, f.V, f.H), SquaredL1{Cost: 0.7, Units: f.hidden})
	},
	"group lasso of edges":        func(f *fixture) *gorgonia.Node { return f.shrunk(Edges, 0.3) },
	"group lasso of hidden units": func(f *fixture) *gorgonia.Node { return f.shrunk(HiddenUnits, 0.6*math.Sqrt(float64(f.V))) },
	"group lasso of visible units": func(f *fixture) *gorgonia.Node {
		return f.shrunk(VisibleUnits, 0.6*math.Sqrt(float64(f.H)))
	},
	"zero sum of visible units": func(f *fixture) *gorgonia.Node {
		return NewZeroSum(f.reals("w", 1, f.V, f.H), ZeroSum{Units: f.visible})
	},
	"zero sum of hidden units": func(f *fixture) *gorgonia.Node {
		return NewZeroSum(f.reals("w", 1, f.V, f.H), ZeroSum{Units: f.hidden, Side: HiddenSide})
	},
	"zero sum of biases": func(f *fixture) *gorgonia.Node {
		return NewZeroSum(f.reals("a", 1, f.V), ZeroSum{Units: f.visible, Side: HiddenSide})
	},
	"zero-sum shift by visible units": func(f *fixture) *gorgonia.Node {
		return NewZeroSumShift(f.reals("b", 1, f.H), f.reals("w", 1, f.V, f.H), ZeroSumShift{Units: f.visible})
	},
	"zero-sum shift by hidden units": func(f *fixture) *gorgonia.Node {
		return NewZeroSumShift(f.reals("a", 1, f.V), f.reals("w", 1, f.V, f.H), ZeroSumShift{Units: f.hidden, Side: HiddenSide})
	},
	"scaled rows":   func(f *fixture) *gorgonia.Node { return NewScaledRows(f.reals("x", 1, f.B, f.V), f.means("s", f.B, 1)) },
	"scaled states": func(f *fixture) *gorgonia.Node { return NewScaledRows(f.visibleStates("v", f.B), f.means("s", 1, 1)) },
	"blend": func(f *fixture) *gorgonia.Node {
		return NewBlend(f.means("c", f.H), f.means("d", 2, f.H), f.means("m", 2, f.H), Blend{0.3})
	},
	"assignment": func(f *fixture) *gorgonia.Node {
		x, y := f.reals("x", 1, f.B, f.V), f.reals("y", 1, f.B, f.V)
		sum := NewAdd(x, y)
		Assign(x, sum)
		return Assign(y, sum) // copies the sum, which has the buffer of x
	},
	"rows of bytes": func(f *fixture) *gorgonia.Node {
		data := make([]uint8, 4*f.B*f.V)
		for i := range data {
			data[i] = uint8(f.random.IntN(256))
		}
		return f.rows(f.variable("data", data, 4*f.B, f.V))
	},
	"rows of floats": func(f *fixture) *gorgonia.Node { return f.rows(f.means("data", 4*f.B, f.V)) },
	// A layer is a field and the draw from it, which devices launch as one op. The fields are exact in any order, as
	// a draw from rounded fields could be another state.
	"layer": func(f *fixture) *gorgonia.Node {
		z := NewHiddenField(f.visibleStates("v", f.B), f.eighths("w", f.V, f.H), f.eighths("b", f.H), f.visible)
		return NewSample(z, f.clock(3, 0, 0), f.hidden, Path{}, Draw{Seed: 8})
	},
	"layer with means and states": func(f *fixture) *gorgonia.Node {
		z := NewVisibleField(f.hiddenStates("h", f.B), f.eighths("w", f.V, f.H), f.eighths("a", f.V), f.hidden)
		p := NewMean(z, f.visible, Path{})
		return NewSquaredError(p, NewSample(z, f.clock(3, 0, 0), f.visible, Path{}, Draw{Seed: 8}))
	},
	"layer on the path of annealing": func(f *fixture) *gorgonia.Node {
		z := NewVisibleField(f.hiddenStates("h", f.B), f.eighths("w", f.V, f.H), f.eighths("a", f.V), f.hidden)
		clock := f.clock(2, 0, 0)
		path := Path{Base: f.eighths("base", f.V), Betas: f.means("betas", 4), Clock: clock, Ahead: 1}
		return NewSample(z, clock, f.visible, path, Draw{Seed: 8})
	},
	"layer on a ladder": func(f *fixture) *gorgonia.Node {
		z := NewHiddenField(f.visibleStates("v", 3*f.B), f.eighths("w", f.V, f.H), f.eighths("b", f.H), f.visible)
		path := Path{Base: f.eighths("base", f.H), Betas: f.means("betas", 3), Levels: f.levels(3)}
		return NewSample(z, f.clock(2, 0, 0), f.hidden, path, Draw{Seed: 8})
	},
	"gradient and the move along it": func(f *fixture) *gorgonia.Node {
		w := f.reals("w", 1, f.V, f.H)
		return NewAscend(w, w, f.gradient(Gradient{}), f.means("rates", 3, 2), f.clock(7, 2, 0), Ascend{})
	},
}

// gradient returns a gradient of B rows of the data and B+2 chains, with the visible units of the fixture.
func (f *fixture) gradient(g Gradient) *gorgonia.Node {
	g.Units = f.visible
	v, p := f.visibleStates("v", f.B), f.means("p", f.B, f.H)
	return NewGradient(v, p, f.visibleStates("vm", f.B+2), f.means("pm", f.B+2, f.H), g)
}

// gradientOver returns a gradient of B rows of the data and the given B chains.
func (f *fixture) gradientOver(chains *gorgonia.Node) *gorgonia.Node {
	v, p := f.visibleStates("v", f.B), f.means("p", f.B, f.H)
	return NewGradient(v, p, chains, f.means("pm", f.B, f.H), Gradient{Units: f.visible})
}

// shrunk shrinks the blocks of weights. The threshold is the learning rate 1/2 times the cost. Weights in
// [-1,1] have a root mean square of 0.58, so that with the callers' thresholds, 0.3 for a weight and 0.6·√n
// for n weights, some norms are below the threshold and some above.
func (f *fixture) shrunk(over Over, threshold float64) *gorgonia.Node {
	rates := f.variable("rates", []float32{0, 0, 0.5, 0, 0, 0}, 3, 2) // the clock is at the second row
	return NewShrink(f.reals("w", 1, f.V, f.H), rates, f.clock(7, 1, 0),
		Shrink{Cost: float32(2 * threshold), Blocks: Blocks{Over: over, Visible: f.visible, Hidden: f.hidden}})
}

// rows takes the second batch of B rows from a data set of 4B.
func (f *fixture) rows(data *gorgonia.Node) *gorgonia.Node {
	order := make([]int32, 4*f.B)
	Shuffle(order, 3, 1, 0)
	return NewRows(data, f.variable("order", order, len(order)), f.clock(5, 1, 2),
		Rows{Size: f.B, Batch: f.B, Binarize: Dynamic, Units: f.visible, Seed: 11, Stream: 4})
}

// dimensions are (B, V, H) of the tensors of a test.
var dimensions = [][3]int{
	{1, 1, 1},    // nothing to split or to add up
	{2, 5, 3},    // fewer rows than threads
	{7, 131, 67}, // more columns than a block of any kernel, with a remainder
	{65, 33, 20}, // more rows than columns
}

// TestOpsAgree compares every op on every device with Gorgonia's tape: launched one by one and,
// if the device can record, recorded. On the host no launch allocates.
func TestOpsAgree(t *testing.T) {
	all, sizes := devices(t), dimensions
	if testing.Short() {
		sizes = sizes[1:3]
	}
	if raceDetector { // a host with one thread has no races, and the last size has pieces for all threads
		sizes = sizes[len(sizes)-1:]
		for on, device := range all {
			if h, ok := device.(*host); ok && h.threads() == 1 {
				delete(all, on)
			}
		}
	}
	for name, build := range ops {
		for _, d := range sizes {
			for on, device := range all {
				for _, mixed := range []bool{false, true} {
					t.Run(fmt.Sprintf("%s %v, units of all kinds %v, %s", name, d, mixed, on), func(t *testing.T) {
						f := newFixture(t, d[0], d[1], d[2])
						if mixed {
							f.visible, f.hidden = mixedUnits(f.random, f.V), mixedUnits(f.random, f.H)
						}
						testOp(t, f, device, build(f), rounded[name])
					})
				}
			}
		}
	}
}

// testOp compares the node n on a device with the tape: within the bound, if there is one and the device is a GPU, else
// to the bit.
func testOp(t *testing.T, f *fixture, device Device, n *gorgonia.Node, bound func(f *fixture, i int) float64) {
	_, onHost := device.(*host)
	var tolerance func(i int) float64
	if bound != nil && !onHost {
		tolerance = func(i int) float64 { return bound(f, i) }
	}
	plan := f.agreeOn(device, runsToReplay, tolerance, n)
	if !onHost {
		return
	}
	if got := allocations(t, plan); got != 0 {
		t.Errorf("%v allocations a run, want 0", got)
	}
}

// allocations returns the number of allocations of a run of the plan. Allocations of the Go runtime,
// such as after a garbage collection, count too. Therefore it takes the least of three counts: a
// launch that allocates does so in each of them.
func allocations(t *testing.T, plan *Plan) float64 {
	least := math.Inf(1)
	for range 3 {
		least = min(least, testing.AllocsPerRun(10, func() {
			if err := plan.Run(); err != nil {
				t.Fatal(err)
			}
		}))
	}
	return least
}

// TestEveryOpIsTested: the table ops has a graph with every op of the package. The host's plans of
// these graphs, alone and as a rank among two machines, have every op that the host launches.
func TestEveryOpIsTested(t *testing.T) {
	tested := map[string]bool{}
	for _, build := range ops {
		f := newFixture(t, 7, 13, 5)
		n := build(f)
		for _, group := range [][]ranks.Transport{{ranks.Alone{}}, rankstest.Apart(2)} {
			host, err := OpenWith(Options{Device: "cpu", Threads: 1, Ranks: group[0]})
			if err != nil {
				t.Fatal(err)
			}
			defer host.Close()
			plan, err := Compile(f.graph, f.state(host), n)
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range plan.launches {
				tested[strings.TrimPrefix(strings.TrimPrefix(fmt.Sprintf("%T", l.op), "*"), "engine.")] = true
			}
		}
		for _, n := range f.graph.AllNodes() {
			if op, ok := n.Op().(Op); ok {
				tested[reflect.TypeOf(op.Body).Name()] = true
			}
		}
	}
	for _, op := range append(bodies(t), launched(t, "host_launch.go")...) {
		if !tested[op] {
			t.Errorf("no graph of the table ops has the op %s", op)
		}
	}
}

// TestEveryDeviceLaunchesEveryOp: the switch of each device has a case for every op of the
// package, whatever the build includes. ChangedField is optional: a device without it gets a Field
// (compiler.launched). Fused ops are optional too.
func TestEveryDeviceLaunchesEveryOp(t *testing.T) {
	for _, file := range []string{"host_launch.go", "cuda_launch.go"} {
		cases := launched(t, file)
		for _, op := range bodies(t) {
			if !slices.Contains(cases, op) && op != "ChangedField" {
				t.Errorf("%s has no launch of %s", file, op)
			}
		}
	}
}

// TestDeviceHasEightMethods: what not every device must do is an optional method, outside of Device.
func TestDeviceHasEightMethods(t *testing.T) {
	if got := reflect.TypeFor[Device]().NumMethod(); got != 8 {
		t.Errorf("Device has %d methods, want 8", got)
	}
}

// bodies returns the names of the types that are a Body, that is, that have a method signature.
func bodies(t *testing.T) []string {
	files, err := filepath.Glob("op_*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("op_*.go: found %d files, %v", len(files), err)
	}
	var names []string
	for _, name := range files {
		for _, f := range methods(t, name, "signature") {
			names = append(names, f.Recv.List[0].Type.(*ast.Ident).Name)
		}
	}
	return names
}

// launched returns the names of the types in the cases of the method launch of a file.
func launched(t *testing.T, file string) []string {
	var names []string
	for _, f := range methods(t, file, "launch") {
		ast.Inspect(f, func(n ast.Node) bool {
			if c, ok := n.(*ast.CaseClause); ok {
				for _, of := range c.List {
					if pointer, ok := of.(*ast.StarExpr); ok {
						of = pointer.X
					}
					names = append(names, of.(*ast.Ident).Name)
				}
			}
			return true
		})
	}
	if len(names) == 0 {
		t.Fatalf("%s has no method launch with cases", file)
	}
	return names
}

// methods returns the methods with the given name in a file.
func methods(t *testing.T, file, name string) []*ast.FuncDecl {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var found []*ast.FuncDecl
	for _, d := range parsed.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil && f.Name.Name == name {
			found = append(found, f)
		}
	}
	return found
}
