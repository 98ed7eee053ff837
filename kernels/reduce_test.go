package kernels

import (
	"math"
	"testing"
)

// TestColumnMeans: means and weighted means of rows and of panels have the bits of columnMeans, in one part and in
// parts of 41 columns, which no width divides, and of 100, which is more than a panel. A shape has one row more than
// inputs, since there is no mean of no rows.
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

// TestColumnMeansStates: means of states have the bits of columnMeans of their values, in one part and in parts.
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

// columnMeans returns the means of the columns of x (rows, columns), and of the products with the weight s of
// each row.
func columnMeans(x, s []float32, rows, columns int) (mean, weighted []float32) {
	mean, weighted = make([]float32, columns), make([]float32, columns)
	for j := range columns {
		mean[j] = sliced(0, rows, func(n int) float32 { return x[n*columns+j] }) * (1 / float32(rows))
		weighted[j] = sliced(0, rows, func(n int) float32 { return float32(x[n*columns+j] * s[n]) }) * (1 / float32(rows))
	}
	return mean, weighted
}

// sliced returns the sum of one term per row in the order of [ColumnMeans], where the first slice
// begins with start.
func sliced(start float32, rows int, term func(n int) float32) float32 {
	slice := func(i int) float32 {
		sum := start
		if i > 0 {
			sum = 0
		}
		for n := 64 * i; n < 64*i+64 && n < rows; n++ {
			sum += term(n)
		}
		return sum
	}
	var part [16]float32
	for i := 0; i == 0 || 64*i < rows; i++ {
		part[i%16] += slice(i)
	}
	var halves func(x []float32) float32
	halves = func(x []float32) float32 { // the halves of the even and of the odd elements
		if len(x) == 1 {
			return x[0]
		}
		var even, odd []float32
		for i := 0; i < len(x); i += 2 {
			even, odd = append(even, x[i]), append(odd, x[i+1])
		}
		return halves(even) + halves(odd)
	}
	return halves(part[:])
}

// TestColumnMeansError: the error of a sum grows with a slice and the parts, not with the number
// of rows. The roundings of a value are one of the product with the weight, at most 64 in its slice, one for each
// 1024 rows, which are sixteen slices, 4 of halves, and 2 of the scale 1/rows and the product with it. In float64 a
// term is exact, as rows is a power of two, and has a rounding for each row that is added.
func TestColumnMeansError(t *testing.T) {
	const rows = 1 << 16
	r := newRand()
	x, s := means(t, r, rows), normals(t, r, rows)
	var plain, weighted, size float64
	for n, v := range x {
		plain += float64(v) / rows
		weighted += float64(v) * float64(s[n]) / rows
		size += math.Abs(float64(v)*float64(s[n])) / rows
	}
	bound := gamma(1+64+rows/1024+4+2, 0x1p-24) + gamma(rows, 0x1p-53)
	forEach(t, func(t *testing.T, set *Set) {
		var got [2]float32
		set.ColumnMeans(got[:1], got[1:], ByRows(x, 1), s, 0, 1, rows)
		if diff := math.Abs(float64(got[0]) - plain); diff > bound*plain {
			t.Errorf("mean: got %v, want %v ± %.3g", got[0], plain, bound*plain)
		}
		if diff := math.Abs(float64(got[1]) - weighted); diff > bound*size {
			t.Errorf("weighted mean: got %v, want %v ± %.3g", got[1], weighted, bound*size)
		}
	})
}

// TestRowDot: inner products of rows and of panels have the bits of rowDots.
func TestRowDot(t *testing.T) {
	forEach(t, func(t *testing.T, s *Set) {
		r := newRand()
		for _, shape := range shapes {
			rows, columns, what := shape[0], shape[1], shapeName(shape)
			x, c := normals(t, r, rows*columns), normals(t, r, columns)
			f := buffer[float64](t, rows)
			s.RowDot(f, ByRows(x, columns), c, rows, columns)
			wantBits64(t, what, f, rowDots(x, c, rows, columns))
			f = buffer[float64](t, rows)
			s.RowDot(f, panelsOf(t, x, rows, columns).Grid(), c, rows, columns)
			wantBits64(t, "in panels "+what, f, rowDots(x, c, rows, columns))
		}
	})
}

// TestRowDotStates: inner products of states have the bits of rowDots of their values.
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

// rowDots returns the inner product of each row of x (rows, columns) with c, in the order of [RowDot].
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
// eighths.
func TestCenteredDot(t *testing.T) {
	r := newRand()
	for _, shape := range shapes {
		rows, columns := shape[0], shape[1]
		x, c := eighths(t, r, rows*columns), eighths(t, r, columns)
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
