package kernels

import "testing"

func TestTransposeStates(t *testing.T) {
	forEach(t, func(t *testing.T, s *Set) {
		r := newRand()
		for _, shape := range shapes {
			rows, columns, what := shape[0], shape[1], shapeName(shape)
			for _, density := range []float64{0, 0.3, 1} {
				x := states(t, r, rows*columns, density)
				from, want := statesOf(t, x, rows, columns), transposeOf(x, rows, columns)
				turned := newStates(t, columns, rows)
				s.TransposeStates(turned, from, rows, 0, columns)
				wantStates(t, what, turned, want, columns, rows)

				parts := newStates(t, columns, rows)
				for i := range parts.Bits {
					parts.Bits[i] = 0xAAAAAAAAAAAAAAAA // of another batch
				}
				for lo := 0; lo < columns; lo += 70 {
					s.TransposeStates(parts, from, rows, lo, min(lo+70, columns))
				}
				wantStates(t, "in parts "+what, parts, want, columns, rows)
			}
		}
	})
}
