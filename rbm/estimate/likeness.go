package estimate

import "math"

// Likeness says how much one set of rows looks like another, by the first two moments of its
// columns.
type Likeness struct {
	// Correlation is the Pearson correlation of the covariances of all pairs of columns. It is
	// 1 if both sets have the same structure, and near 0 if one of them has none, or if all pairs
	// have the same covariance.
	Correlation float64 `json:"correlation"`
	// Residual is the root of the mean squared difference of these covariances. The covariance of
	// two bits is at most 0.25.
	Residual float64 `json:"residual"`
	// Marginal is the largest difference of the means of a column.
	Marginal float64 `json:"marginal"`
	// Rows is the number of rows of the first set, or their effective number if they depend on each
	// other.
	Rows int `json:"rows"`
}

// likenessColumns is the largest number of columns that Moments use. Chosen: the cost rises with its square, and 300
// columns already have 44,850 covariances.
const likenessColumns = 300

// Moments are the first two moments of the columns of some rows.
type Moments struct {
	rows               int
	means, covariances []float64
}

// Likeness compares rows with other rows of as many columns, by the moments of both. Fewer than
// three columns or two rows, or columns without covariances, have the correlation 0.
func (m Moments) Likeness(other Moments) Likeness {
	l := Likeness{Correlation: pearson(m.covariances, other.covariances), Rows: m.rows}
	for i, c := range m.covariances {
		l.Residual += (c - other.covariances[i]) * (c - other.covariances[i]) / float64(len(m.covariances))
	}
	l.Residual = math.Sqrt(l.Residual)
	for i := range m.means {
		l.Marginal = max(l.Marginal, math.Abs(m.means[i]-other.means[i]))
	}
	return l
}

// MomentsOf returns the moments of rows x (n,columns) of bits or of probabilities. Of more than 300
// columns (likenessColumns) it takes 300, evenly spread.
func MomentsOf(x []float32, columns int) Moments {
	used, n := min(columns, likenessColumns), len(x)/columns
	means, covariances := make([]float64, used), make([]float64, 0, used*(used-1)/2)
	centered := make([][]float64, used)
	for k := range used {
		column := make([]float64, n)
		for i := range column {
			column[i] = float64(x[i*columns+k*columns/used])
			means[k] += column[i] / float64(n)
		}
		for i := range column {
			column[i] -= means[k]
		}
		centered[k] = column
	}
	for k := range used {
		for l := range k {
			var sum float64
			for i, a := range centered[k] {
				sum += a * centered[l][i]
			}
			covariances = append(covariances, sum/float64(n))
		}
	}
	return Moments{n, means, covariances}
}

// Covariances returns the covariances of all pairs of the columns that m uses, in the order (1,0),
// (2,0), (2,1), (3,0), ….
func (m Moments) Covariances() []float64 { return m.covariances }

// pearson returns the correlation of x and y, or 0 if one of them is constant.
func pearson(x, y []float64) float64 {
	n := float64(len(x))
	meanX, meanY := Sum(x)/n, Sum(y)/n
	var xx, yy, xy float64
	for i := range x {
		a, b := x[i]-meanX, y[i]-meanY
		xx, yy, xy = xx+a*a, yy+b*b, xy+a*b
	}
	if !(xx > 0 && yy > 0) {
		return 0
	}
	return xy / math.Sqrt(xx*yy)
}

// Differs reports whether samples with likeness l to some rows are of another distribution, where
// as many rows of the same distribution have the likeness yardstick. The samples differ if the
// correlation is more than twice as far from 1 and the covariances differ by more than twice as much,
// or if the means of a column differ by more than twice as much and by four standard errors. The
// constants added to these limits (chosen) are differences too small to count. Where the yardstick's own
// correlation is low, as of independent columns, only the means decide.
func (l Likeness) Differs(yardstick Likeness) bool {
	// The standard error of a mean of n bits is at most 1/(2√n). A yardstick may be below four of them by
	// luck.
	fourErrors := 2 / math.Sqrt(float64(l.Rows))
	return 1-l.Correlation > 2*(1-yardstick.Correlation)+0.05 && l.Residual > 2*yardstick.Residual+0.005 ||
		l.Marginal > max(2*yardstick.Marginal+0.05, fourErrors)
}
