package engine

import (
	"maps"

	"gorgonia.org/gorgonia"
)

func init() { maps.Copy(ops, coupledOps) }

// coupledOps are the graphs of ops of coupled units, for the table ops. y stands for the fields of the units and l
// for the couplings; no op here needs y to be v·l, nor l to be symmetric.
var coupledOps = map[string]func(f *fixture) *gorgonia.Node{
	"sweep": func(f *fixture) *gorgonia.Node {
		return NewSweep(f.visibleStates("v", f.B), f.reals("y", 2, f.B, f.V), f.reals("l", 1, f.V, f.V), f.clock(9, 0, 0),
			nil, Path{}, Sweep{Units: f.visible, Draw: Draw{Seed: 1 << 40, Stream: 3, Step: 2, Row: 3}})
	},
	"sweep backward on the path of annealing, of free units": func(f *fixture) *gorgonia.Node {
		clock := f.clock(2, 0, 0)
		path := Path{Base: f.reals("base", 2, f.V), Betas: f.means("betas", 4), Clock: clock, Ahead: 1}
		return NewSweep(f.visibleStates("v", f.B), f.reals("y", 2, f.B, f.V), f.reals("l", 1, f.V, f.V), clock,
			f.states("free", f.B, f.V), path, Sweep{Units: f.visible, Draw: Draw{Seed: 8}, Backward: true})
	},
	"sweep on a ladder": func(f *fixture) *gorgonia.Node {
		v := NewSample(f.reals("m", 2, 3*f.B, f.V), f.clock(3, 0, 0), f.visible, Path{}, Draw{Seed: 8})
		path := Path{Base: f.reals("base", 2, f.V), Betas: f.means("betas", 3), Levels: f.levels(3)}
		return NewSweep(v, f.reals("y", 2, 3*f.B, f.V), f.reals("l", 1, f.V, f.V), f.nodes["clock"],
			nil, path, Sweep{Units: f.visible, Draw: Draw{Seed: 9}})
	},
	// For B = 1 the states of a sweep have the shape (1,V) of their means, and so may take turns with them in one buffer.
	"means after sweeps": func(f *fixture) *gorgonia.Node {
		clock, y, couplings := f.clock(9, 0, 0), f.reals("y", 2, f.B, f.V), f.reals("l", 1, f.V, f.V)
		sweep := func(v *gorgonia.Node, seed uint64) *gorgonia.Node {
			return NewSweep(v, y, couplings, clock, nil, Path{}, Sweep{Units: f.visible, Draw: Draw{Seed: seed}})
		}
		second := sweep(sweep(f.visibleStates("v", f.B), 8), 9)
		return NewDifference(NewMeans(second), NewMeans(sweep(second, 10)))
	},
	"pair energy": func(f *fixture) *gorgonia.Node {
		return NewPairEnergy(f.energies("f"), f.visibleStates("v", f.B), f.reals("y", 2, f.B, f.V))
	},
	"pair weight": func(f *fixture) *gorgonia.Node {
		return NewPairWeight(f.energies("f"), f.visibleStates("v", f.B), f.reals("y", 2, f.B, f.V),
			f.means("betas", 3), f.clock(1, 0, 0))
	},
	"pair ratio": func(f *fixture) *gorgonia.Node {
		return NewPairRatio(f.ratios(3), f.visibleStates("v", 3*f.B), f.reals("y", 2, 3*f.B, f.V),
			f.means("betas", 3), f.clock(1, 0, 0), f.levels(3))
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
