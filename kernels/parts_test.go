package kernels

import "testing"

// TestParts cuts matrices of up to five panels, the last one mostly narrower, into ranges at random elements.
// Every row of every panel is in the parts of exactly one range, the range of its first element.
//
// Chosen: 2000 random matrices, in a fraction of a second. About thirty have one row, and six one column.
func TestParts(t *testing.T) {
	r := newRand()
	for range 2000 {
		rows, columns := 1+r.IntN(70), 1+r.IntN(300)
		size, panels := rows*columns, (columns+PanelWidth-1)/PanelWidth
		rangeOf := make([]int, panels*rows) // for each row of each panel the number of its range, or 0
		for number, lo := 1, 0; lo < size; number++ {
			hi := min(lo+1+r.IntN(size), size)
			eachPart(lo, hi, rows, columns, func(left, right, first, end int) {
				for j := left; j < right; j += PanelWidth {
					for n := first; n < end; n++ {
						begin := j*rows + n*min(PanelWidth, columns-j)
						if at := &rangeOf[j/PanelWidth*rows+n]; *at != 0 || begin < lo || begin >= hi {
							t.Fatalf("%d rows, %d columns, elements %d to %d: row %d from column %d on begins with %d, and is also in range %d",
								rows, columns, lo, hi, n, j, begin, *at)
						} else {
							*at = number
						}
					}
				}
			})
			lo = hi
		}
		for at, number := range rangeOf {
			if number == 0 {
				t.Fatalf("%d rows, %d columns: row %d of panel %d is in no range", rows, columns, at%rows, at/rows)
			}
		}
	}
}
