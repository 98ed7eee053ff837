package kernels

import "testing"

func TestColumnMeans(t *testing.T) {
	forEach(t, func(t *testing.T, s *Set) {
		r := newRand()
		for _, shape := range shapes {
			rows, columns, what := shape[1]+1, shape[2], shapeName(shape)
			x, weights := normals(t, r, rows*columns), normals(t, r, rows)
			want, wantWeighted := columnMeans(x, weights, rows, columns)

			mean, weighted := buffer[float32](t, columns), buffer[float32](t, columns)
			s.ColumnMeans(mean, weighted, ByRows(x, columns), weights, 0, columns, rows)
			wantBits(t, "mean "+what, mean, want)
			wantBits(t, "weighted "+what, weighted, wantWeighted)

			mean = buffer[float32](t, columns)
			for lo := 0; lo < columns; lo += 41 {
				s.ColumnMeans(mean, nil, ByRows(x, columns), nil, lo, min(lo+41, columns), rows)
			}
			wantBits(t, "mean alone, in parts "+what, mean, want)

			mean, weighted = buffer[float32](t, columns), buffer[float32](t, columns)
			for lo := 0; lo < columns; lo += 100 {
				s.ColumnMeans(mean, weighted, panelsOf(t, x, rows, columns).Grid(), weights, lo, min(lo+100, columns), rows)
			}
			wantBits(t, "mean in panels "+what, mean, want)
			wantBits(t, "weighted in panels "+what, weighted, wantWeighted)
		}
	})
}

func TestColumnMeansStates(t *testing.T) {
	forEach(t, func(t *testing.T, s *Set) {
		r := newRand()
		for _, shape := range shapes {
			rows, columns, what := shape[1]+1, shape[2], shapeName(shape)
			x, weights := states(t, r, rows*columns, 0.3), normals(t, r, rows)
			drawn := statesOf(t, x, rows, columns)
			want, wantWeighted := columnMeans(x, weights, rows, columns)
			mean, weighted := buffer[float32](t, columns), buffer[float32](t, columns)
			s.ColumnMeansStates(mean, weighted, drawn, weights, 0, columns, rows)
			wantBits(t, "mean "+what, mean, want)
			wantBits(t, "weighted "+what, weighted, wantWeighted)

			mean, weighted = buffer[float32](t, columns), buffer[float32](t, columns)
			for lo := 0; lo < columns; lo += 41 {
				s.ColumnMeansStates(mean, nil, drawn, nil, lo, min(lo+41, columns), rows)
				s.ColumnMeansStates(buffer[float32](t, columns), weighted, drawn, weights, lo, min(lo+41, columns), rows)
			}
			wantBits(t, "mean alone, in parts "+what, mean, want)
			wantBits(t, "weighted in parts "+what, weighted, wantWeighted)
		}
	})
}

func columnMeans(x, s []float32, rows, columns int) (mean, weighted []float32) {
	mean, weighted = make([]float32, columns), make([]float32, columns)
	for j := range columns {
		for n := range rows {
			mean[j] += x[n*columns+j]
			weighted[j] += float32(x[n*columns+j] * s[n])
		}
		mean[j] *= 1 / float32(rows)
		weighted[j] *= 1 / float32(rows)
	}
	return mean, weighted
}

func TestRowDot(t *testing.T) {
	forEach(t, func(t *testing.T, s *Set) {
		r := newRand()
		for _, shape := range shapes {
			rows, columns, what := shape[0], shape[1], shapeName(shape)
			x, c := normals(t, r, rows*columns), normals(t, r, columns)
			f := buffer[float64](t, rows)
			s.RowDot(f, ByRows(x, columns), c, rows, columns)
			wantBits64(t, what, f, rowDots(x, c, rows, columns))
			s.RowDot(f, panelsOf(t, x, rows, columns).Grid(), c, rows, columns)
			wantBits64(t, "in panels "+what, f, rowDots(x, c, rows, columns))
		}
	})
}

func TestRowDotStates(t *testing.T) {
	r := newRand()
	for _, shape := range shapes {
		rows, columns, what := shape[0], shape[1], shapeName(shape)
		x, c := states(t, r, rows*columns, 0.3), normals(t, r, columns)
		f := buffer[float64](t, rows)
		RowDotStates(f, statesOf(t, x, rows, columns), c, rows)
		wantBits64(t, what, f, rowDots(x, c, rows, columns))
	}
}

func rowDots(x, c []float32, rows, columns int) []float64 {
	f := make([]float64, rows)
	for n := range f {
		var part [16]float64
		for j := range columns {
			part[j%16] += float64(x[n*columns+j]) * float64(c[j])
		}
		f[n] = sumOfHalves(part)
	}
	return f
}

// TestCenteredDot compares with sums of terms that are exact in float64, since the numbers are
// small multiples of 1/8.
func TestCenteredDot(t *testing.T) {
	r := newRand()
	eighths := func(n int) []float32 {
		return input(t, n, func(int) float32 { return float32(r.IntN(33)-16) / 8 })
	}
	for _, shape := range shapes {
		rows, columns := shape[0], shape[1]
		x, c := eighths(rows*columns), eighths(columns)
		want := make([]float32, rows)
		for n := range want {
			var sum float64
			for j, v := range c {
				sum += (float64(x[n*columns+j]) - float64(v)) * float64(v)
			}
			want[n] = float32(sum)
		}
		got := buffer[float32](t, rows)
		CenteredDot(got, x, c, rows, columns)
		wantBits(t, shapeName(shape), got, want)
		if rows > 0 && !panics(func() { CenteredDot(got[1:], x, c, rows, columns) }) {
			t.Error("a short result: got no panic")
		}
	}
	if !panics(func() { Dot(make([]float32, 3), make([]float32, 2)) }) {
		t.Error("a dot of a longer with a shorter vector: got no panic")
	}
}
