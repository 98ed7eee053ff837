package report

import "math"

const (
	axes       = 2  // principal axes of a plane
	iterations = 15 // of the power method, which converges well before on axes that stand out

	// Axes are found from the first rows, as many as have planeValues values together, but at least leastPlaneRows.
	planeValues    = 1_000_000
	leastPlaneRows = 50
)

// plane is the mean and the two principal axes of some rows.
type plane struct {
	mean   []float64
	axes   [axes][]float64 // orthogonal, of length 1
	shares [axes]float64   // of the axes in the variance of the rows
}

// planeOf returns the plane of rows (n,columns). It finds the axes by the power method, each
// orthogonal to the one before, from a start that depends on the number of columns alone.
func planeOf(rows []float32, columns int) plane {
	p := plane{mean: rowsOf(rows, columns).Means()}
	var total float64 // trace of the scatter matrix
	for i, v := range rows {
		d := float64(v) - p.mean[i%columns]
		total += d * d
	}
	for a := range axes {
		axis := make([]float64, columns)
		for i := range axis {
			axis[i] = math.Sin(float64((a + 1) * (i + 1)))
		}
		var length float64 // becomes the eigenvalue of the axis
		for range iterations {
			p.orthogonal(axis, a)
			axis = p.scattered(rows, axis)
			p.orthogonal(axis, a) // rounding errors along earlier axes would grow
			if length = norm(axis); length == 0 {
				break // the rows do not vary off the earlier axes
			}
			for i := range axis {
				axis[i] /= length
			}
		}
		p.axes[a] = axis
		if total > 0 {
			p.shares[a] = length / total
		}
	}
	return p
}

// orthogonal takes the parts along the given number of earlier axes out of a vector.
func (p *plane) orthogonal(axis []float64, earlier int) {
	for _, e := range p.axes[:earlier] {
		var along float64
		for i := range axis {
			along += axis[i] * e[i]
		}
		for i := range axis {
			axis[i] -= along * e[i]
		}
	}
}

// scattered multiplies a vector by the scatter matrix Σ (x-μ)(x-μ)ᵀ of the rows x: Σ c x - (Σ c) μ with
// c = (x-μ)ᵀaxis.
func (p *plane) scattered(rows []float32, axis []float64) []float64 {
	columns := len(axis)
	offset := dot(p.mean, axis)
	product := make([]float64, columns)
	var sum float64
	for from := 0; from < len(rows); from += columns {
		row := rows[from : from+columns]
		along := -offset
		for i, v := range row {
			along += float64(v) * axis[i]
		}
		sum += along
		for i, v := range row {
			product[i] += along * float64(v)
		}
	}
	for i := range product {
		product[i] -= sum * p.mean[i]
	}
	return product
}

// of returns the coordinates of rows in the plane.
func (p *plane) of(rows []float32) (x, y []float64) {
	columns := len(p.mean)
	for from := 0; from < len(rows); from += columns {
		var at [axes]float64
		for a, axis := range p.axes {
			for i, v := range rows[from : from+columns] {
				at[a] += (float64(v) - p.mean[i]) * axis[i]
			}
		}
		x, y = append(x, at[0]), append(y, at[1])
	}
	return x, y
}

func dot(x, y []float64) (sum float64) {
	for i, v := range x {
		sum += v * y[i]
	}
	return sum
}

func norm(x []float64) float64 { return math.Sqrt(dot(x, x)) }
