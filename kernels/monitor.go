package kernels

import "math"

// PseudoLikelihood estimates the log-pseudo-likelihood of each row from one visible unit i, drawn
// uniformly. It is
//
//	for n := range rows {
//		i := ⌊word(d,n,0)·units / 2³²⌋
//		f[n] = -units · log Σ_s exp(F(v) - F(v with unit i in state s))
//	}
//
// where s ranges over all states of the unit, with f (rows), v (rows, visible), w (visible, hidden),
// a (visible), and the fields z (rows, hidden) of the hidden units given v. units is the number of
// visible units; layers holds the kinds of the visible and of the hidden units. word(d,n,0) is the
// first word of block 0 of row n. F is the free energy, summed in float64 over cumulants in float32.
// For a unit of two states f[n] is units · log σ(F(v with unit i flipped) - F(v)). PseudoLikelihood
// panics if a slice is shorter than its shape.
//
// The estimate serves as a monitor only (Hinton, A Practical Guide to Training RBMs, 2010).
func PseudoLikelihood(f []float64, v, z, w, a []float32, layers [2]Units, d Draw, rows, visible, hidden int) {
	if len(f) < rows || len(v) < rows*visible || len(z) < rows*hidden || len(w) < visible*hidden || len(a) < visible {
		panic("kernels: pseudo-likelihood: a slice is shorter than its shape")
	}
	layers[0].check(visible)
	layers[1].check(hidden)
	units := layers[0].Count(visible)
	for n := range rows {
		kind, at := layers[0].unit(int(uint64(d.Words(n, 0)[0]) * uint64(units) >> 32))
		states, fields := v[n*visible:(n+1)*visible], z[n*hidden:(n+1)*hidden]
		weights := func(i int) []float32 { return w[i*hidden : (i+1)*hidden] }
		if !kind.Several() {
			delta := kind.Low() + kind.High() - 2*states[at] // the other state minus the present one
			c := change{[2][]float32{weights(at)}, [2]float32{delta}}
			f[n] = -float64(units) * softplus64(rise(float64(delta)*float64(a[at]), fields, c, layers[1]))
			continue
		}
		// The column whose bit is 1, or the first column if the values are no state.
		present := at + max(0, kind.StateOf(states[at:at+kind.Width()]))
		span := kind.span()
		most, total := 0.0, 1.0 // the log of the sum is most + log(total); the present state has the term 1
		for i := at; i < at+kind.Width(); i++ {
			if i == present {
				continue
			}
			c := change{[2][]float32{weights(present), weights(i)}, [2]float32{-span, span}}
			r := rise(float64(span)*(float64(a[i])-float64(a[present])), fields, c, layers[1])
			larger := math.Max(most, r)
			total = total*math.Exp(most-larger) + math.Exp(r-larger)
			most = larger
		}
		f[n] = -float64(units) * (most + math.Log(total))
	}
}

// rise returns linear plus the amount by which c raises the sum of the cumulants of hidden units with the
// fields z. If linear is the rise of a·v, the result is F before the change minus F after it.
func rise(linear float64, z []float32, c change, units Units) float64 {
	x := unitFields{z: ByRows(z, len(z)), beta: 1}
	for j := 0; j < len(z); {
		k, to := units.group(j, len(z))
		family := k.of()
		for ; j < to; j += k.Width() {
			if family.several != nil {
				x.from, x.columns, x.change = j, k.Width(), c
				linear += float64(family.several.cumulant(x))
				x.change = change{}
				linear -= float64(family.several.cumulant(x))
			} else {
				linear += float64(family.cumulant(c.field(z[j], j))) - float64(family.cumulant(z[j]))
			}
		}
	}
	return linear
}

// softplus64 is log(1+e^x) in float64.
func softplus64(x float64) float64 {
	return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
}

// SquaredError writes Σ_j (x[n,j] - y[n,j])² to f[n], in float64 and in rising order, with f
// (rows) and x and y (rows, columns). It panics if a slice is shorter than its shape.
func SquaredError(f []float64, x, y []float32, rows, columns int) {
	if len(f) < rows || len(x) < rows*columns || len(y) < rows*columns {
		panic("kernels: squared error: a slice is shorter than its shape")
	}
	for n := range rows {
		var sum float64
		for j, v := range x[n*columns : (n+1)*columns] {
			e := float64(v) - float64(y[n*columns+j])
			sum += float64(e * e)
		}
		f[n] = sum
	}
}
