package report

import "math"

const (
	likePairs = 2000 // pairs of columns that neighbours are compared with, at most
	likeRows  = 500  // rows that correlations are computed from, at most

	// Neighbours must correlate by leastCorrelation and by leastRatio times the mean size of all correlations.
	// Both were chosen, not measured: neighbours in pictures correlate by far more.
	leastCorrelation = 0.2
	leastRatio       = 1.5
)

// pictureLike reports whether rows (n,width·height) look like pictures: whether neighbours across
// and down correlate, and clearly more than pairs of columns do on average. The columns of a table
// whose number happens to be a square do not.
func pictureLike(rows []float32, width, height int) bool {
	columns := width * height
	z := standardised(rows, columns)
	var across, down, all meanCorrelation
	for i := range columns {
		if i%width+1 < width {
			across.add(z, i, i+1)
		}
		if i+width < columns {
			down.add(z, i, i+width)
		}
	}
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
	least := max(leastCorrelation, leastRatio*all.value())
	return across.value() >= least && down.value() >= least
}

// standardised returns the columns of the first rows with mean 0 and length 1. A column without variance is
// nil.
func standardised(rows []float32, columns int) [][]float64 {
	n := min(len(rows)/columns, likeRows)
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
		if squares < 1e-9 { // 0 but for rounding, which of values up to 1 leaves 500·(500·2⁻⁵³)² < 1e-23; a level of 1/255 in one row is 1.5e-5
			continue
		}
		for k := range column {
			column[k] /= math.Sqrt(squares)
		}
		z[i] = column
	}
	return z
}

// meanCorrelation is the mean correlation of some pairs of columns. Pairs with a column without variance are left out.
type meanCorrelation struct {
	sum float64
	n   int
}

// add adds the correlation of columns i and j.
func (m *meanCorrelation) add(z [][]float64, i, j int) {
	if z[i] != nil && z[j] != nil {
		m.sum, m.n = m.sum+dot(z[i], z[j]), m.n+1
	}
}

// addSize adds the absolute value of the correlation.
func (m *meanCorrelation) addSize(z [][]float64, i, j int) {
	if z[i] != nil && z[j] != nil {
		m.sum, m.n = m.sum+math.Abs(dot(z[i], z[j])), m.n+1
	}
}

func (m *meanCorrelation) value() float64 {
	if m.n == 0 {
		return 0
	}
	return m.sum / float64(m.n)
}
