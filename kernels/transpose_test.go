package kernels

import "testing"

func TestTranspose(t *testing.T) {
	forEach(t, func(t *testing.T, s *Set) {
		r := newRand()
		for _, shape := range shapes {
			rows, columns := shape[1], shape[2]
			src := normals(t, r, rows*columns)
			want := make([]float32, columns*rows)
			for at := range want {
				want[at] = src[at%rows*columns+at/rows]
			}
			dst := buffer[float32](t, columns*rows)
			s.Transpose(dst, src, 0, rows, rows, columns)
			wantBits(t, shapeName(shape), dst, want)

			dst = buffer[float32](t, columns*rows)
			for lo := 0; lo < rows; lo += 23 {
				s.Transpose(dst, src, lo, min(lo+23, rows), rows, columns)
			}
			wantBits(t, "in parts "+shapeName(shape), dst, want)
		}
	})
}
