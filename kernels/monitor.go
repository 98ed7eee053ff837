package kernels

import "math"

// PseudoLikelihood estimates the log-pseudo-likelihood of each row from one visible unit i, drawn
// uniformly. It is
//
//	for n := range rows {
//		i := ⌊word(d,n,0)·visible / 2³²⌋
//		f[n] = visible · log σ(F(v with unit i flipped) - F(v))
//	}
//
// with f (rows), v (rows, visible), w (visible, hidden), a (visible), and the fields z (rows,
// hidden) of the hidden units given v. units holds the kinds of the visible and of the hidden
// units. word(d,n,0) is the first word of block 0 of row n. F is the free energy, summed in
// float64 over cumulants in float32. PseudoLikelihood panics if a slice is shorter than its
// shape.
//
// The estimate serves as a monitor only (Hinton, A Practical Guide to Training RBMs, 2010).
func PseudoLikelihood(f []float64, v, z, w, a []float32, units [2]Units, d Draw, rows, visible, hidden int) {
	if len(f) < rows || len(v) < rows*visible || len(z) < rows*hidden || len(w) < visible*hidden || len(a) < visible {
		panic("kernels: pseudo-likelihood: a slice is shorter than its shape")
	}
	units[0].check(visible)
	units[1].check(hidden)
	for n := range rows {
		i := int(uint64(d.Words(n, 0)[0]) * uint64(visible) >> 32)
		kind := units[0].Of(i)
		delta := kind.Low() + kind.High() - 2*v[n*visible+i]
		rise := float64(delta) * float64(a[i])
		weights, fields := w[i*hidden:(i+1)*hidden], z[n*hidden:(n+1)*hidden]
		for j := 0; j < hidden; {
			k, to := units[1].group(j, hidden)
			cumulant := kinds[k].cumulant
			for ; j < to; j++ {
				flipped := fields[j] + float32(delta*weights[j])
				rise += float64(cumulant(flipped)) - float64(cumulant(fields[j]))
			}
		}
		// rise is F(v) - F(flipped), so log σ(-rise) = -log(1+e^rise).
		f[n] = -float64(visible) * softplus64(rise)
	}
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
