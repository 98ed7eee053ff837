package engine

import (
	"maps"
	"slices"

	"gorgonia.org/gorgonia"

	"harmonium/kernels"
)

func init() { maps.Copy(ops, realOps) }

// realOps are the graphs of ops of units with real states, for the table ops. On a layer of withReals some units are of
// the default kind, on a layer of allReals none.
var realOps = map[string]func(f *fixture) *gorgonia.Node{
	"real mean": func(f *fixture) *gorgonia.Node {
		return NewRealMean(nil, f.reals("z", 2, f.B, f.V), f.shapes(f.V, false), NewUnits(realKind, f.V), Path{})
	},
	"real mean on a ladder": func(f *fixture) *gorgonia.Node {
		return NewRealMean(nil, f.reals("z", 2, 3*f.B, f.V), f.shapes(f.V, true), allReals(f.V),
			Path{Base: f.reals("base", 2, f.V), Betas: f.means("betas", 3), Levels: f.levels(3)})
	},
	"real sample on the path of annealing": func(f *fixture) *gorgonia.Node {
		clock := f.clock(2, 0, 0)
		return NewRealSample(nil, f.reals("z", 2, f.B, f.V), f.shapes(f.V, true), clock, allReals(f.V),
			Path{Base: f.reals("base", 2, f.V), Betas: f.means("betas", 4), Clock: clock, Ahead: 1}, Draw{Seed: 8, Step: 3})
	},
	// The two sums read the drawn states: SquaredError all columns, and RealSum the real ones.
	"sums of a mixed real sample": func(f *fixture) *gorgonia.Node {
		z, clock, units := f.reals("z", 2, f.B, f.V), f.clock(2, 0, 0), withReals(f.V)
		others := NewSample(z, clock, units, Path{}, Draw{Seed: 7})
		x := NewRealSample(others, z, f.shapes(f.V, false), clock, units, Path{}, Draw{Seed: 8, Step: 3, Row: 4})
		return NewRealSum(NewSquaredError(x, f.states("y", f.B, f.V)), x, f.shapes(f.V, false), RealSum{Units: units})
	},
	"real sum of fields": func(f *fixture) *gorgonia.Node {
		return NewRealSum(f.energies("f"), f.reals("z", 5, f.B, f.V), f.shapes(f.V, true),
			RealSum{Units: allReals(f.V), Fields: true})
	},
	"real weight": func(f *fixture) *gorgonia.Node {
		return NewRealWeight(f.energies("f"), f.reals("z", 5, f.B, f.V), f.shapes(f.V, true),
			f.means("betas", 3), f.clock(1, 0, 0), allReals(f.V))
	},
	"real weight without sides": func(f *fixture) *gorgonia.Node {
		return NewRealWeight(f.energies("f"), f.reals("z", 5, f.B, f.V), f.shapes(f.V, false),
			f.means("betas", 3), f.clock(1, 0, 0), withReals(f.V))
	},
	"real ratio": func(f *fixture) *gorgonia.Node {
		return NewRealRatio(f.ratios(3), f.reals("z", 5, 3*f.B, f.V), f.shapes(f.V, true),
			f.means("betas", 3), f.levels(3), f.clock(1, 0, 0), allReals(f.V))
	},
	"real slope": func(f *fixture) *gorgonia.Node {
		return NewRealSlope(f.reals("z", 5, f.B, f.V), f.shapes(f.V, false), RealSlope{Units: withReals(f.V)})
	},
	"real slope by log-variances": func(f *fixture) *gorgonia.Node {
		return NewRealSlope(f.reals("z", 5, f.B, f.V), f.shapes(f.V, true),
			RealSlope{Units: allReals(f.V), By: kernels.ByLogVariance})
	},
	"real slope by jumps": func(f *fixture) *gorgonia.Node {
		return NewRealSlope(f.reals("z", 5, f.B, f.V), f.shapes(f.V, true), RealSlope{Units: allReals(f.V), By: kernels.ByJump})
	},
	"real slope by skews": func(f *fixture) *gorgonia.Node {
		return NewRealSlope(f.reals("z", 5, f.B, f.V), f.shapes(f.V, true), RealSlope{Units: allReals(f.V), By: kernels.BySkew})
	},
	"bound": func(f *fixture) *gorgonia.Node {
		return NewBound(f.reals("s", 2, f.V), f.eighths("bounds", 2, f.V), Bound{Units: withReals(f.V)})
	},
	"shared bound": func(f *fixture) *gorgonia.Node {
		return NewBound(f.reals("s", 2, f.V), f.eighths("bounds", 2, f.V), Bound{Units: withReals(f.V), Shared: true})
	},
}

// shapes returns shapes of units, made from numbers in [-1,1], with jumps and skews if units have two sides.
func (f *fixture) shapes(columns int, sides bool) Shapes {
	s := Shapes{LogVariance: f.reals("s", 1, columns)}
	if sides {
		s.Jump, s.Skew = f.reals("jumps", 1, columns), f.reals("skews", 1, columns)
	}
	return s
}

// realKind is a kind whose states are real numbers, and sidedKind such a kind whose units have two sides.
var (
	realKind  = kernels.RealKinds()[0]
	sidedKind = kernels.RealKinds()[slices.IndexFunc(kernels.RealKinds(), Kind.Sides)]
)

// withReals returns a layer of units of the default kind in the first half and units with real states in the second.
// A single unit has a real state.
func withReals(columns int) Units {
	if columns == 1 {
		return NewUnits(realKind, 1)
	}
	return Units{{To: columns / 2}, {Kind: realKind, From: columns / 2, To: columns}}
}

// allReals returns a layer of all kinds with real states, each on about as many columns. With fewer columns than kinds
// some kinds have none, but the kind with two sides has at least the last one, as the shapes of the ops have sides.
func allReals(columns int) Units {
	var u Units
	at := 0
	for i, k := range kernels.RealKinds() {
		if to := columns * (i + 1) / len(kernels.RealKinds()); k != sidedKind && to > at {
			u = append(u, Group{Kind: k, From: at, To: to})
			at = to
		}
	}
	return append(u, Group{Kind: sidedKind, From: at, To: columns})
}
