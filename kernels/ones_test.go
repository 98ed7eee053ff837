package kernels

import (
	"slices"
	"testing"
)

func TestOnes(t *testing.T) {
	forEach(t, func(t *testing.T, s *Set) {
		r := newRand()
		for _, shape := range shapes {
			rows, columns, what := shape[0], shape[1], shapeName(shape)
			for _, density := range []float64{0, 0.3, 1} {
				x := states(t, r, rows*columns, density)
				o := listsOf(t, x, rows, columns)
				wantStates(t, what, o, x, rows, columns)
				expanded := buffer[float32](t, rows*columns)
				o.Expand(expanded, rows)
				wantBits(t, "expanded "+what, expanded, x)
				if rows > 2 {
					wantStates(t, "from row 2 "+what, o.From(2), x[2*columns:], rows-2, columns)
				}
				transposed := transposeOf(x, rows, columns)
				turned := newOnes(t, columns, rows)
				s.TransposeOnes(turned, o, rows, 0, columns)
				wantLists(t, "transposed "+what, turned, transposed, columns, rows)

				parts := newOnes(t, columns, rows)
				for lo := 0; lo < columns; lo += 70 {
					s.TransposeOnes(parts, o, rows, lo, min(lo+70, columns))
				}
				wantLists(t, "transposed in parts "+what, parts, transposed, columns, rows)
			}
		}
	})
}

// Lists of a short last batch are transposed into room for full ones.
func TestTransposeOnesIntoMoreRoom(t *testing.T) {
	forEach(t, func(t *testing.T, s *Set) {
		o := NewOnes(2, 3)
		o.List([]float32{1, 0, 1, 0, 0, 1}, 2)
		wide := NewOnes(3, 10)
		s.TransposeOnes(wide, o, 2, 0, 3)
		for j, want := range [][]int32{{0}, nil, {0, 1}} {
			if got := wide.Row(j); !slices.Equal(got, want) {
				t.Errorf("column %d: got rows %v, want %v", j, got, want)
			}
		}
	})
}
