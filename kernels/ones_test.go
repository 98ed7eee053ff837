package kernels

import (
	"slices"
	"testing"
)

func TestTransposeOnes(t *testing.T) {
	forEach(t, func(t *testing.T, s *Set) {
		r := newRand()
		for _, shape := range shapes {
			rows, columns, what := shape[0], shape[1], shapeName(shape)
			for _, density := range []float64{0, 0.3, 1} {
				x := states(t, r, rows*columns, density)
				from, transposed := statesOf(t, x, rows, columns), transposeOf(x, rows, columns)
				turned := newOnes(t, columns, rows)
				s.TransposeOnes(turned, from, rows, 0, columns)
				wantLists(t, what, turned, transposed, columns, rows)

				parts := newOnes(t, columns, rows)
				for lo := 0; lo < columns; lo += 70 {
					s.TransposeOnes(parts, from, rows, lo, min(lo+70, columns))
				}
				wantLists(t, "in parts "+what, parts, transposed, columns, rows)
			}
		}
	})
}

// Lists of a short last batch are transposed into room for full ones.
func TestTransposeOnesIntoMoreRoom(t *testing.T) {
	forEach(t, func(t *testing.T, s *Set) {
		states := NewStates(2, 3)
		states.Pack([]float32{1, 0, 1, 0, 0, 1}, 2)
		wide := NewOnes(3, 10)
		s.TransposeOnes(wide, states, 2, 0, 3)
		for j, want := range [][]int32{{0}, nil, {0, 1}} {
			if got := wide.Row(j); !slices.Equal(got, want) {
				t.Errorf("column %d: got rows %v, want %v", j, got, want)
			}
		}
	})
}
