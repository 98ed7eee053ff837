package kernels

// Phase is one of the two sides of the gradient: a batch of visible values with
// the means of their hidden units. Where Lists is set, Visible is not read.
type Phase struct {
	Rows    int
	Visible []float32 // (Rows, V)
	Lists   Ones      // (V, Rows): for each visible unit the rows in which it is on; or zero
	Hidden  Panels    // (Rows, H)
}

func (p Phase) listed() bool { return p.Lists.Count != nil }

// Gradient writes the rows lo ≤ i < hi of the plain gradient of the weights, the
// difference of two averages of outer products. It is
//
//	for i := lo; i < hi; i++ {
//		for j := range hidden {
//			g[i,j] = (Σ_n vd[n,i]*pd[n,j])/D - (Σ_n vm[n,i]*pm[n,j])/M    // n in rising order
//		}
//	}
//
// with g (visible, hidden), vd (D, visible), pd (D, hidden), vm (M, visible) and
// pm (M, hidden) of the data and of the chains; the divisions multiply by the
// rounded reciprocal.
//
// For visible values in {0,1}, listed or not, every implementation returns the
// same bits: each sum starts at zero and adds rows of p in order. For other
// values an implementation is within γ(D+3)·Σ|vd·pd|/D + γ(M+3)·Σ|vm·pm|/M of the
// exact value, with γ as for [Field].
//
// Gradient panics if a slice is shorter than its shape.
func Gradient(g []float32, data, chains Phase, lo, hi, visible, hidden int) {
	checkGradient(g, data, chains, hi, visible, hidden)
	for i := lo; i < hi; i++ {
		for j := 0; j < hidden; j += PanelWidth {
			var block [PanelWidth]float32
			width := min(PanelWidth, hidden-j)
			gradientBlock(block[:width], data, chains, i, j, visible)
			copy(g[i*hidden+j:], block[:width])
		}
	}
}

// gradientBlock writes row i of the gradient from column j on, within a panel.
func gradientBlock(g []float32, data, chains Phase, i, j, visible int) {
	var negative [PanelWidth]float32
	clear(g)
	data.addRows(g, i, j, visible)
	chains.addRows(negative[:len(g)], i, j, visible)
	scaleData, scaleChains := 1/float32(data.Rows), 1/float32(chains.Rows)
	for k := range g {
		g[k] = float32(g[k]*scaleData) - float32(negative[k]*scaleChains)
	}
}

// addRows adds to sum the means of the hidden units from j on, over the rows in which
// visible unit i is on, or weighted by its values.
func (p Phase) addRows(sum []float32, i, j, visible int) {
	panel := p.Hidden.from(j)
	if p.listed() {
		addRows(sum, panel, p.Lists.Row(i))
		return
	}
	for n := range p.Rows {
		switch v := p.Visible[n*visible+i]; v {
		case 0:
		case 1:
			addRow(sum, panel[n*PanelWidth:])
		default:
			addScaledRow(sum, panel[n*PanelWidth:], v)
		}
	}
}

func checkGradient(g []float32, data, chains Phase, hi, visible, hidden int) {
	if len(g) < hi*hidden {
		panic("kernels: gradient: g is shorter than its shape")
	}
	checkPhases(data, chains, visible, hidden)
}

func checkPhases(data, chains Phase, visible, hidden int) {
	data.check(visible, hidden)
	chains.check(visible, hidden)
}

func (p Phase) check(visible, hidden int) {
	p.Hidden.check()
	if p.Hidden.Rows < p.Rows || p.Hidden.Columns != hidden {
		panic("kernels: gradient: the hidden means do not have their shape")
	}
	if p.listed() {
		if p.Lists.Columns < p.Rows || len(p.Lists.Count) < visible || len(p.Lists.Index) < visible*p.Lists.Columns {
			panic("kernels: gradient: the lists are shorter than their shape")
		}
		return
	}
	if len(p.Visible) < p.Rows*visible {
		panic("kernels: gradient: the visible values are shorter than their shape")
	}
}
