//go:build gpu

package kernels

import "testing"

// TestZeroSumParity: for units on both sides, the biases and the weights, in place, have the bits of the definitions.
// Layers of the default kind alone have nothing to sum and are left out.
func TestZeroSumParity(t *testing.T) {
	forParity(t, func(p parity) {
		rows, columns := p.visible, p.hidden
		w := normals(p.T, p.random, rows*columns)
		for side, layer := range []int{VisibleSide: rows, HiddenSide: columns} {
			others := rows + columns - layer
			units := p.units(layer)
			if units.Default() {
				continue
			}
			bias, want := normals(p.T, p.random, others), make([]float32, others)
			z := GPUZeroSum{
				Weights: p.put(w), Words: p.kinds(units), Units: units, Side: Side(side), Faults: p.none(), Rows: rows, Columns: columns,
			}
			ZeroSumShift(want, bias, w, units, z.Side, 0, others, rows, columns)
			out := p.room(others)
			p.done(p.gpu.ZeroSumShift(out, p.put(bias), z))
			p.wantBits("shift", out, want)
			next := make([]float32, len(w))
			ZeroSum(next, w, units, z.Side, 0, others, rows, columns)
			p.done(p.gpu.ZeroSum(z))
			p.wantBits("weights", z.Weights, next)
		}
	})
}
