package kernels

import "testing"

// TestParts: every row of every panel is in exactly one part, the part of its first element.
func TestParts(t *testing.T) {
	r := newRand()
	for range 2000 {
		rows, columns := 1+r.IntN(70), 1+r.IntN(300)
		size, panels := rows*columns, (columns+PanelWidth-1)/PanelWidth
		owner := make([]int, panels*rows)
		for piece, lo := 1, 0; lo < size; piece++ {
			hi := min(lo+1+r.IntN(size), size)
			eachPart(lo, hi, rows, columns, func(left, right, first, end int) {
				for j := left; j < right; j += PanelWidth {
					for n := first; n < end; n++ {
						begin := j*rows + n*min(PanelWidth, columns-j)
						if at := &owner[j/PanelWidth*rows+n]; *at != 0 || begin < lo || begin >= hi {
							t.Fatalf("%d rows, %d columns, elements %d to %d: row %d from column %d on begins with %d, and is in part %d as well",
								rows, columns, lo, hi, n, j, begin, *at)
						} else {
							*at = piece
						}
					}
				}
			})
			lo = hi
		}
		for at, piece := range owner {
			if piece == 0 {
				t.Fatalf("%d rows, %d columns: row %d of panel %d is in no part", rows, columns, at%rows, at/rows)
			}
		}
	}
}
