package rbm

import "harmonium/engine"

// ZeroSum moves a model into the zero-sum gauge, in which the biases of each unit of several columns sum
// to zero over its columns, and so do its weights to each column of the other layer:
//
//	w_iaj → w_iaj - ω_ij,    b_j → b_j + Σ_i ω_ij,    a_ia → a_ia - ā_i
//
// with ω_ij and then ā_i the means over the columns a of a visible unit i, and the mirror image for hidden
// units. Couplings move like weights. p(v,h) stays as it is, up to the rounding of each parameter to float32.
// log Z falls by the sum of ā_i and of its mirror image over the units. Only models in one gauge are
// comparable parameter by parameter. Units of one column keep their weights to each other.
func (m *Model) ZeroSum() {
	z := m.zeroSum()
	z.weights.round(m.Weights)
	z.visible.round(m.Visible.Bias)
	z.hidden.round(m.Hidden.Bias)
	z.lateral.round(m.Lateral)
}

// zeroSum holds the parameters of a model in the zero-sum gauge.
type zeroSum struct{ weights, visible, hidden, lateral float64s }

// float64s are parameters that are not rounded to float32.
type float64s []float64

func float64sOf(x []float32) float64s {
	y := make(float64s, len(x))
	for i, x := range x {
		y[i] = float64(x)
	}
	return y
}

// round writes the numbers, rounded to float32, to x.
func (y float64s) round(x []float32) {
	for i, y := range y {
		x[i] = float32(y)
	}
}

// zeroSum returns the parameters in the zero-sum gauge.
func (m *Model) zeroSum() zeroSum {
	z := zeroSum{float64sOf(m.Weights), float64sOf(m.Visible.Bias), float64sOf(m.Hidden.Bias), float64sOf(m.Lateral)}
	visible, hidden := m.Visible.Len(), m.Hidden.Len()
	m.Visible.eachUnit(func(k engine.Kind, from, to int) {
		if k.Several() {
			for j := range hidden {
				z.hidden[j] += z.weights[j:].center(hidden, from, to)
			}
		}
	})
	m.Hidden.eachUnit(func(k engine.Kind, from, to int) {
		if k.Several() {
			for i := range visible {
				z.visible[i] += z.weights[i*hidden:].center(1, from, to)
			}
		}
	})
	if m.Coupled() {
		z.centerCouplings(m.Visible)
	}
	m.Visible.eachUnit(z.visible.centerUnit)
	m.Hidden.eachUnit(z.hidden.centerUnit)
	return z
}

// centerCouplings moves the couplings of units of several columns into the zero-sum gauge: of each unit,
// the mean over its columns of the couplings to another column goes to the bias of that column.
func (z *zeroSum) centerCouplings(l Layer) {
	n := l.Len()
	l.eachUnit(func(k engine.Kind, from, to int) {
		if !k.Several() {
			return
		}
		for j := range n {
			if j >= from && j < to {
				continue
			}
			z.visible[j] += z.lateral[j:].center(n, from, to)
			for i := from; i < to; i++ {
				z.lateral[j*n+i] = z.lateral[i*n+j]
			}
		}
	})
}

// centerUnit lets the biases of a unit of several columns sum to zero.
func (y float64s) centerUnit(k engine.Kind, from, to int) {
	if k.Several() {
		y.center(1, from, to)
	}
}

// center subtracts the mean of the elements from, …, to-1, which are stride apart, from each of
// them, and returns it.
func (y float64s) center(stride, from, to int) float64 {
	var sum float64
	for i := from; i < to; i++ {
		sum += y[i*stride]
	}
	mean := sum / float64(to-from)
	for i := from; i < to; i++ {
		y[i*stride] -= mean
	}
	return mean
}
