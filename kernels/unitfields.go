package kernels

import "math"

// unitFields are the fields of one unit of several columns, in one row of a layer. They are at the inverse
// temperature beta of a [Path], and may differ from z by a change of the other layer.
type unitFields struct {
	z                  Grid // fields of the layer
	row, from, columns int  // the row, the first column of the unit, and its number of columns
	beta               float32
	base               []float32 // fields of the layer at beta = 0, or nil for zeros
	change             change    // zero for no change
}

// at returns the field of the unit in its column a, from 0 on.
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

// change is a change of the values of up to two columns of the other layer.
type change struct {
	weights    [2][]float32 // weights of each changed column to all columns of this layer; nil for none
	difference [2]float32   // new value minus old one
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
