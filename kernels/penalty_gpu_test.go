//go:build gpu

package kernels

import (
	"math"
	"slices"
	"testing"
)

// unitsOfBlocks returns random groups of columns of all kinds, also of those with real states.
func (p parity) unitsOfBlocks(columns int) Units {
	u := slices.Clone(p.units(columns).groups(columns))
	for i := range u {
		if !u[i].Kind.Several() && p.random.IntN(2) == 0 {
			u[i].Kind = RealKinds()[p.random.IntN(len(RealKinds()))]
		}
	}
	return u
}

// TestPenaltyParity: both penalties of weights have the bits of their definitions, over blocks of every kind.
func TestPenaltyParity(t *testing.T) {
	forParity(t, func(p parity) {
		rows, columns := p.visible, p.hidden
		w, g := normals(p.T, p.random, rows*columns), normals(p.T, p.random, rows*columns)
		want, out := make([]float32, len(w)), p.room(len(w))
		visible, hidden := p.unitsOfBlocks(rows), p.unitsOfBlocks(columns)
		SquaredL1(want, g, w, hidden, 0.7, 0, columns, rows, columns)
		p.done(p.gpu.SquaredL1(out, p.put(g), p.put(w), p.kinds(hidden), 0.7, rows, columns))
		p.wantBits("squared L1", out, want)
		for over, size := range []int{Edges: 1, HiddenUnits: rows, VisibleUnits: columns} {
			b := Blocks{Over(over), visible, hidden}
			cost := float32(2 * math.Sqrt(float64(size)))
			rate := float32(0.4) // the threshold cost*rate is 0.8 times a typical norm of a block
			Shrink(want, w, b, cost*rate, 0, b.Lines(rows, columns), rows, columns)
			p.done(p.gpu.Shrink(GPUShrink{
				Next: out, Weights: p.put(w), Rates: p.put([]float32{9, 9, rate, 9}), Clock: p.clock(4, 1, 0), // position 1
				Cost: cost, Over: b.Over, Visible: p.kinds(visible), Hidden: p.kinds(hidden), Faults: p.none(), Rows: rows, Columns: columns,
			}))
			p.wantBits("shrink", out, want)
		}
	})
}
