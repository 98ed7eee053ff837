package kernels

// Phase is one of the two sides of the gradient: a batch of visible values with
// the means of their hidden units. Where States are given, Visible is not read.
type Phase struct {
	Rows    int
	Visible []float32 // (Rows, V)
	States  States    // (Rows, V), or zero
	Room    []int32   // for lists of states, RoomForPhase(V, Rows) of them, of this phase alone
	Hidden  Panels    // (Rows, H)
}

// RoomForPhase returns how many numbers the lists of so many visible units in rows of states
// need room for, with the place of each list before them and, between, the transpose of 64
// columns of the states.
func RoomForPhase(visible, rows int) int {
	return visible + 1 + 2*64*((rows+63)/64) + visible*rows + overrun
}

func (p Phase) drawn() bool { return p.States.Bits != nil }

// list returns the rows in which visible unit i is on, if that is known.
func (p Phase) list(i int) []int32 {
	if !p.drawn() {
		return nil
	}
	return p.Room[:p.States.listColumn(p.Room, i, p.Rows)]
}

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
// For visible values in {0,1}, given as states or not, every implementation returns the
// same bits: each sum starts at zero and adds rows of p in order. For other
// values an implementation is within γ(D+3)·Σ|vd·pd|/D + γ(M+3)·Σ|vm·pm|/M of the
// exact value, with γ as for [Field].
//
// Gradient panics if a slice is shorter than its shape.
func Gradient(g []float32, data, chains Phase, lo, hi, visible, hidden int) {
	checkGradient(g, data, chains, hi, visible, hidden)
	for i := lo; i < hi; i++ {
		d := difference{data, chains, data.list(i), chains.list(i), i, visible}
		for j := 0; j < hidden; j += PanelWidth {
			var block [PanelWidth]float32
			width := min(PanelWidth, hidden-j)
			d.columns(block[:width], j)
			copy(g[i*hidden+j:], block[:width])
		}
	}
}

// difference is a row of the gradient, that of a visible unit, with the rows in which it is on.
type difference struct {
	data, chains       Phase
	dataOns, chainsOns []int32
	i, visible         int
}

// columns writes the gradient from column j on, within a panel.
func (d *difference) columns(g []float32, j int) {
	var negative [PanelWidth]float32
	clear(g)
	d.data.addRows(g, d.dataOns, d.i, j, d.visible)
	d.chains.addRows(negative[:len(g)], d.chainsOns, d.i, j, d.visible)
	scaleData, scaleChains := 1/float32(d.data.Rows), 1/float32(d.chains.Rows)
	for k := range g {
		g[k] = float32(g[k]*scaleData) - float32(negative[k]*scaleChains)
	}
}

// addRows adds to sum the means of the hidden units from j on, over the rows in which
// visible unit i is on, or weighted by its values.
func (p Phase) addRows(sum []float32, rows []int32, i, j, visible int) {
	panel := p.Hidden.from(j)
	if p.drawn() {
		addRows(sum, panel, rows)
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
	if p.drawn() {
		if p.States.check(p.Rows, visible); len(p.Room) < RoomForPhase(visible, p.Rows) {
			panic("kernels: gradient: the lists have no room")
		}
		return
	}
	if len(p.Visible) < p.Rows*visible {
		panic("kernels: gradient: the visible values are shorter than their shape")
	}
}
