package kernels

import "math"

// unitFields are the fields of one unit of several columns, in a row of a layer: on a path, and after a
// change of units of the other layer.
type unitFields struct {
	z                  Grid // of the layer
	row, from, columns int  // the first column of the unit, and their number
	beta               float32
	base               []float32 // of the layer, or nil (see Path)
	change             change
}

// at returns the field of column a of the unit.
func (x *unitFields) at(a int) float32 {
	j := x.from + a
	z := x.change.field(*x.z.at(x.row, j), j)
	if x.base == nil {
		return float32(x.beta * z)
	}
	return float32(x.beta*z) + float32((1-x.beta)*x.base[j])
}

// largest returns the largest field that is not NaN, or -Inf if there is none.
func (x *unitFields) largest() float32 {
	m := float32(math.Inf(-1))
	for a := range x.columns {
		if v := x.at(a); v > m {
			m = v
		}
	}
	return m
}

// change is a change of up to two columns of the other layer: their weights (J) and their differences.
type change struct {
	weights    [2][]float32
	difference [2]float32
}

// field returns the field z of column j after the change.
func (c *change) field(z float32, j int) float32 {
	for i, w := range c.weights {
		if w != nil {
			z += float32(c.difference[i] * w[j])
		}
	}
	return z
}
