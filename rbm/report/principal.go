package report

import "math"

const (
	planeAxes = 2 // principal axes of a plane

	// powerSteps is the number of steps of the power method for an axis. In each the part along the next axis falls by
	// the ratio of the two variances: a ratio of ½ leaves 2⁻¹⁵ of it. Axes of nearly equal variance may come out turned
	// in their plane.
	powerSteps = 15
)

// plane is the mean and the two principal axes of some rows.
type plane struct {
	mean   []float64
	axes   [planeAxes][]float64 // orthogonal, of length 1, or 0 where the rows do not vary
	shares [planeAxes]float64   // of the axes in the variance of the rows
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
	for a := range planeAxes {
		axis := make([]float64, columns)
		for i := range axis {
			axis[i] = math.Sin(float64((a + 1) * (i + 1)))
		}
		var length float64 // becomes the eigenvalue of the axis
		for range powerSteps {
			p.orthogonal(axis, a)
			axis = p.scattered(rows, axis)
			p.orthogonal(axis, a) // rounding errors along earlier axes would grow
			if length = norm(axis); length == 0 {
				break // the rows do not vary off the earlier axes, and axis is 0
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

// coordinates returns the coordinates of rows in the plane.
func (p *plane) coordinates(rows []float32) (x, y []float64) {
	columns := len(p.mean)
	for from := 0; from < len(rows); from += columns {
		var at [planeAxes]float64
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
