package report

import "math"

// likePairs is the number of pairs of columns that neighbours are compared with, at most.
const likePairs = 2000

// pictureLike reports whether rows (n,width·height) look like pictures: whether neighbours across
// and down correlate, and clearly more than pairs of columns do on average. The columns of a table
// whose number happens to be a square do not.
func pictureLike(rows []float32, width, height int) bool {
	columns := width * height
	z := standardised(rows, columns)
	across, down := mean{}, mean{}
	for i := range columns {
		if i%width+1 < width {
			across.add(z, i, i+1)
		}
		if i+width < columns {
			down.add(z, i, i+width)
		}
	}
	var all mean
	pairs := columns * (columns - 1) / 2
	stride := pairs/likePairs + 1
	n := 0
	for i := range columns {
		for j := range i {
			if n++; n%stride == 0 {
				all.addSize(z, i, j)
			}
		}
	}
	least := max(0.2, 1.5*all.value())
	return across.value() >= least && down.value() >= least
}

// standardised returns the columns of rows with mean 0 and length 1. A column without variance is
// nil.
func standardised(rows []float32, columns int) [][]float64 {
	n := min(len(rows)/columns, 500)
	z := make([][]float64, columns)
	for i := range z {
		column := make([]float64, n)
		var mean, squares float64
		for k := range column {
			column[k] = float64(rows[k*columns+i])
			mean += column[k] / float64(n)
		}
		for k := range column {
			column[k] -= mean
			squares += column[k] * column[k]
		}
		if squares < 1e-9 {
			continue
		}
		for k := range column {
			column[k] /= math.Sqrt(squares)
		}
		z[i] = column
	}
	return z
}

// mean is the mean correlation of some pairs of columns.
type mean struct {
	sum float64
	n   int
}

func (m *mean) add(z [][]float64, i, j int) {
	if z[i] != nil && z[j] != nil {
		m.sum, m.n = m.sum+dot(z[i], z[j]), m.n+1
	}
}

// addSize adds the size of the correlation.
func (m *mean) addSize(z [][]float64, i, j int) {
	if z[i] != nil && z[j] != nil {
		m.sum, m.n = m.sum+math.Abs(dot(z[i], z[j])), m.n+1
	}
}

func (m *mean) value() float64 {
	if m.n == 0 {
		return 0
	}
	return m.sum / float64(m.n)
}
