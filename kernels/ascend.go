package kernels

import "math"

// Ascent describes one update of a parameter, or of its velocity, along the gradient. With the
// parameter as Keep and Scale 1, it is a plain update. With the velocity as Keep and the momentum
// as Scale, it is the new velocity.
type Ascent struct {
	Next    []float32 // (rows, columns), the result; may be Keep
	Keep    []float32 // (rows, columns)
	Scale   float32
	Weights []float32 // (rows, columns), the parameter that decays; may be Keep

	Gradient []float32 // (rows, columns), the plain gradient; nil where Update or UpdatePanels compute it from phases
	Rate     float32
	L1, L2   float32

	// Center holds the two rank-one corrections that turn the plain gradient into the centered
	// one. Its zero value leaves the gradient as it is.
	Center Center
}

// Center holds the offsets μ and λ of the two layers, and for each layer the difference of its
// means between data and chains (Montavon and Müller, Deep Boltzmann Machines and the Centering
// Trick, 2012).
type Center struct {
	VisibleOffset     []float32 // μ (rows)
	HiddenOffset      []float32 // λ (columns)
	VisibleDifference []float32 // dv (rows): average of the visible values, data minus chains
	HiddenDifference  []float32 // dp (columns): average of the hidden means, data minus chains
}

// Ascend writes the rows lo ≤ i < hi of a.Next. It is
//
//	for i := lo; i < hi; i++ {
//		for j := range columns {
//			c := g[i,j] - (μ[i]*dp[j] + dv[i]*λ[j])
//			next[i,j] = scale*keep[i,j] + rate*((c - l2*w[i,j]) - l1*sign(w[i,j]))
//		}
//	}
//
// where g is the plain gradient and sign(0) is 0. Ascend returns the smallest
// index i*columns+j whose next value is NaN or infinite, or -1 if all are finite.
// Every implementation returns the same bits. Ascend panics if a slice is shorter
// than its shape.
func Ascend(a Ascent, lo, hi, columns int) int {
	checkAscend(a, hi, columns)
	bad := -1
	for i := lo; i < hi; i++ {
		from, to := i*columns, (i+1)*columns
		k := a.row(a.Next[from:to], a.Keep[from:to], a.Weights[from:to], a.Gradient[from:to], i, 0)
		bad = firstOf(bad, k, from)
	}
	return bad
}

// Update is [Ascend] along the [Gradient] of two phases. The gradient is not stored, and
// a.Gradient is not read. columns is the number of hidden units. Update panics where Ascend or
// Gradient does.
func Update(a Ascent, data, chains Phase, lo, hi, visible, columns int) int {
	checkUpdate(a, data, chains, hi, visible, columns)
	bad := -1
	d := differences(data, chains, lo, hi, visible)
	for j := 0; j < columns; j += PanelWidth {
		for i := lo; i < hi; i++ {
			var g [PanelWidth]float32
			width := min(PanelWidth, columns-j)
			d.row(g[:width], i, j)
			from, to := i*columns+j, i*columns+j+width
			bad = firstOf(bad, a.row(a.Next[from:to], a.Keep[from:to], a.Weights[from:to], g[:width], i, j), from)
		}
	}
	return bad
}

// UpdatePanels is [Update] of a matrix in panels, in place: w stands for a.Next, a.Keep and
// a.Weights, which are not read. Where a.Gradient is given, it is [Ascend] instead and reads no phase.
// The elements lo ≤ e < hi are numbered as in [Activate], so that a thread which has the same elements
// in both finds its weights in its cache. The results are also written to turned as [PackTransposed]
// does, unless turned has no data. UpdatePanels returns what Update returns.
func UpdatePanels(w, turned Panels, a Ascent, data, chains Phase, lo, hi int) int {
	checkUpdatePanels(w, turned, a, data, chains, lo, hi)
	bad := -1
	eachPart(lo, hi, w.Rows, w.Columns, func(left, right, first, end int) {
		var d difference
		if a.Gradient == nil {
			d = differences(data, chains, first, end, w.Rows)
		}
		for j := left; j < right; j += PanelWidth {
			for i := first; i < end; i++ {
				var g [PanelWidth]float32
				width := min(PanelWidth, right-j)
				if a.Gradient != nil {
					copy(g[:width], a.Gradient[i*w.Columns+j:])
				} else {
					d.row(g[:width], i, j)
				}
				row := w.from(j)[i*PanelWidth:][:width]
				bad = firstOf(bad, a.row(row, row, row, g[:width], i, j), i*w.Columns+j)
				if turned.Data != nil {
					for k, x := range row {
						turned.from(i / PanelWidth * PanelWidth)[(j+k)*PanelWidth+i%PanelWidth] = x
					}
				}
			}
		}
	})
	return bad
}

// row writes a part of row i of the next values, from column j on, along the gradient g. It
// returns the place within the part of the first value that is NaN or infinite, or -1.
func (a Ascent) row(next, keep, w, g []float32, i, j int) int {
	bad := -1
	for k, c := range g {
		if a.Center.VisibleOffset != nil {
			c -= float32(a.Center.VisibleOffset[i]*a.Center.HiddenDifference[j+k]) +
				float32(a.Center.VisibleDifference[i]*a.Center.HiddenOffset[j+k])
		}
		c -= float32(a.L2 * w[k])
		c -= float32(a.L1 * sign(w[k]))
		next[k] = float32(a.Scale*keep[k]) + float32(a.Rate*c)
		if bad < 0 && !finite(next[k]) {
			bad = k
		}
	}
	return bad
}

// firstOf returns the smaller of two indices: bad, and place k in a part that begins at index
// from. A negative bad or k stands for none.
func firstOf(bad, k, from int) int {
	if k < 0 || bad >= 0 && bad < from+k {
		return bad
	}
	return from + k
}

func checkAscend(a Ascent, hi, columns int) {
	if len(a.Gradient) < hi*columns {
		panic("kernels: ascend: the gradient is shorter than its shape")
	}
	checkMatrices(a, hi, columns)
}

func checkUpdate(a Ascent, data, chains Phase, hi, visible, columns int) {
	checkMatrices(a, hi, columns)
	checkPhases(data, chains, visible, columns)
}

func checkUpdatePanels(w, turned Panels, a Ascent, data, chains Phase, lo, hi int) {
	w.check()
	if lo < 0 || hi > w.Rows*w.Columns {
		panic("kernels: ascend: the range ends beyond the panels")
	}
	if turned.check(); turned.Data != nil && (turned.Rows != w.Columns || turned.Columns != w.Rows) {
		panic("kernels: ascend: the panels are not of transposed shapes")
	}
	a.Center.check(w.Rows, w.Columns)
	if a.Gradient == nil {
		checkPhases(data, chains, w.Rows, w.Columns)
	} else if len(a.Gradient) < w.Rows*w.Columns {
		panic("kernels: ascend: the gradient is shorter than its shape")
	}
}

func checkMatrices(a Ascent, hi, columns int) {
	size := hi * columns
	if len(a.Next) < size || len(a.Keep) < size || len(a.Weights) < size {
		panic("kernels: ascend: a slice is shorter than its shape")
	}
	a.Center.check(hi, columns)
}

func (c Center) check(hi, columns int) {
	if c.VisibleOffset != nil && (len(c.VisibleOffset) < hi || len(c.VisibleDifference) < hi ||
		len(c.HiddenOffset) < columns || len(c.HiddenDifference) < columns) {
		panic("kernels: ascend: an offset is shorter than its shape")
	}
}

func sign(x float32) float32 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

// finite reports whether x is neither NaN nor infinite, that is, whether its exponent is not all
// ones.
func finite(x float32) bool {
	const exponent = 0x7F800000
	return math.Float32bits(x)&exponent != exponent
}

// Add writes x + y to z for the elements lo ≤ i < hi, and returns the smallest
// index whose sum is NaN or infinite, or -1. z may be x or y. Add panics if a
// slice is shorter than hi.
func Add(z, x, y []float32, lo, hi int) int {
	checkAdd(z, x, y, hi)
	bad := -1
	for i := lo; i < hi; i++ {
		z[i] = x[i] + y[i]
		if bad < 0 && !finite(z[i]) {
			bad = i
		}
	}
	return bad
}

func checkAdd(z, x, y []float32, hi int) {
	if len(z) < hi || len(x) < hi || len(y) < hi {
		panic("kernels: add: a slice is shorter than its shape")
	}
}
