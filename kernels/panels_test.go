package kernels

import "testing"

// TestPack: a matrix packed in one part and in parts of 23 rows, which no power of two divides, as it is and
// transposed, and unpacked again.
func TestPack(t *testing.T) {
	forEach(t, func(t *testing.T, s *Set) {
		r := newRand()
		for _, shape := range shapes {
			rows, columns := shape[1], shape[2]
			src := normals(t, r, rows*columns)
			for _, step := range []int{max(rows, 1), 23} {
				dst, turned := NewPanels(rows, columns), NewPanels(columns, rows)
				for lo := 0; lo < rows; lo += step {
					s.Pack(dst, src, lo, min(lo+step, rows))
					s.PackTransposed(turned, src, lo, min(lo+step, rows))
				}
				wantPanels(t, "packed "+shapeName(shape), dst, src)
				wantPanels(t, "packed transposed "+shapeName(shape), turned, transposeOf(src, rows, columns))
				back := make([]float32, rows*columns)
				Unpack(back, dst)
				wantBits(t, "unpacked "+shapeName(shape), back, src)
			}
		}
	})
}

// wantPanels checks that panels hold a matrix, with zeros behind its columns.
func wantPanels(t *testing.T, what string, got Panels, want []float32) {
	t.Helper()
	values := make([]float32, got.size())
	for i := range got.Rows {
		for j := range got.Columns {
			values[(j/PanelWidth*got.Rows+i)*PanelWidth+j%PanelWidth] = want[i*got.Columns+j]
		}
	}
	wantBits(t, what, got.Data, values)
}

// transposeOf returns the transpose of x (rows, columns).
func transposeOf(x []float32, rows, columns int) []float32 {
	y := make([]float32, len(x))
	for i := range rows {
		for j := range columns {
			y[j*rows+i] = x[i*columns+j]
		}
	}
	return y
}
