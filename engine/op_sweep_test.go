package engine

import (
	"maps"

	"gorgonia.org/gorgonia"
)

func init() { maps.Copy(ops, coupledOps) }

// coupledOps are the graphs of ops of coupled units, for the table ops.
var coupledOps = map[string]func(f *fixture) *gorgonia.Node{
	"sweep": func(f *fixture) *gorgonia.Node {
		return NewSweep(f.visibleStates("v", f.B), f.reals("y", 2, f.B, f.V), f.reals("l", 1, f.V, f.V), f.clock(9, 0, 0), nil, Path{},
			Sweep{Units: f.visible, Draw: Draw{Seed: 1 << 40, Stream: 3, Step: 2, Row: 3}})
	},
	"sweep on the path of annealing": func(f *fixture) *gorgonia.Node {
		clock := f.clock(2, 0, 0)
		return NewSweep(f.visibleStates("v", f.B), f.reals("y", 2, f.B, f.V), f.reals("l", 1, f.V, f.V), clock, f.states("free", f.B, f.V),
			Path{Base: f.reals("base", 2, f.V), Betas: f.means("betas", 4), Clock: clock, Ahead: 1}, Sweep{Units: f.visible, Draw: Draw{Seed: 8}, Backward: true})
	},
	"sweep on a ladder": func(f *fixture) *gorgonia.Node {
		v := NewSample(f.reals("m", 2, 3*f.B, f.V), f.clock(3, 0, 0), f.visible, Path{}, Draw{Seed: 8})
		return NewSweep(v, f.reals("y", 2, 3*f.B, f.V), f.reals("l", 1, f.V, f.V), f.nodes["clock"], nil,
			Path{Base: f.reals("base", 2, f.V), Betas: f.means("betas", 3), Levels: f.levels(3)}, Sweep{Units: f.visible, Draw: Draw{Seed: 9}})
	},
	"means after sweeps": func(f *fixture) *gorgonia.Node { // with one row, all matrices have the shape of the means
		clock, y, couplings := f.clock(9, 0, 0), f.reals("y", 2, f.B, f.V), f.reals("l", 1, f.V, f.V)
		v := NewSweep(f.visibleStates("v", f.B), y, couplings, clock, nil, Path{}, Sweep{Units: f.visible, Draw: Draw{Seed: 8}})
		w := NewSweep(v, y, couplings, clock, nil, Path{}, Sweep{Units: f.visible, Draw: Draw{Seed: 9}})
		return NewDifference(NewMeans(w), NewMeans(NewSweep(w, y, couplings, clock, nil, Path{}, Sweep{Units: f.visible, Draw: Draw{Seed: 10}})))
	},
	"pair energy": func(f *fixture) *gorgonia.Node {
		return NewPairEnergy(f.energies("f"), f.visibleStates("v", f.B), f.reals("y", 2, f.B, f.V))
	},
	"pair weight": func(f *fixture) *gorgonia.Node {
		return NewPairWeight(f.energies("f"), f.visibleStates("v", f.B), f.reals("y", 2, f.B, f.V), f.means("betas", 3), f.clock(1, 0, 0))
	},
	"pair ratio": func(f *fixture) *gorgonia.Node {
		return NewPairRatio(f.ratios(3), f.visibleStates("v", 3*f.B), f.reals("y", 2, 3*f.B, f.V), f.means("betas", 3), f.clock(1, 0, 0), f.levels(3))
	},
	"pair gradient": func(f *fixture) *gorgonia.Node {
		return NewPairGradient(f.reals("g", 1, f.V, f.V), nil, nil, f.visible)
	},
	"centered pair gradient": func(f *fixture) *gorgonia.Node {
		return NewPairGradient(f.reals("g", 1, f.V, f.V), f.means("mu", f.V), f.reals("d", 1, f.V), f.visible)
	},
	"pair shift": func(f *fixture) *gorgonia.Node {
		return NewPairShift(f.reals("d", 1, f.V), f.reals("g", 1, f.V, f.V), f.means("mu", f.V))
	},
}
