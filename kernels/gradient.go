package kernels

// Phase is one of the two sides of the gradient: a batch of visible values with
// the means of their hidden units. Where States are given, Visible is not read, and the values
// are what the states are worth.
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

// list lists the rows in which each of the visible units lo ≤ i < hi is on.
func (p Phase) list(lo, hi int) {
	if !p.drawn() {
		return
	}
	at := hi - lo + 1
	for i := lo; i < hi; i++ {
		p.Room[i-lo] = int32(at)
		at += p.States.listColumn(p.Room[at:], i, p.Rows)
	}
	p.Room[hi-lo] = int32(at)
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
// same bits: each sum starts at zero and adds rows of p in order. So it does for states of other
// kinds, whose sum is
//
//	(high-low)*Σ_{n with bit 1} p[n,j] + low*Σ_n p[n,j]
//
// with low and high what the bits of unit i are worth. For other values an implementation is within γ(D+3)·Σ|vd·pd|/D + γ(M+3)·Σ|vm·pm|/M of the
// exact value, with γ as for [Field].
//
// Gradient panics if a slice is shorter than its shape.
func Gradient(g []float32, data, chains Phase, lo, hi, visible, hidden int) {
	checkGradient(g, data, chains, hi, visible, hidden)
	d := differences(data, chains, lo, hi, visible)
	for j := 0; j < hidden; j += PanelWidth {
		for i := lo; i < hi; i++ {
			var block [PanelWidth]float32
			width := min(PanelWidth, hidden-j)
			d.row(block[:width], i, j)
			copy(g[i*hidden+j:], block[:width])
		}
	}
}

// difference is that of two phases whose lists begin with visible unit lo.
type difference struct {
	data, chains Phase
	lo, visible  int

	dataTotal, chainsTotal []float32 // see total
}

func differences(data, chains Phase, lo, hi, visible int) difference {
	data.list(lo, hi)
	chains.list(lo, hi)
	return difference{
		data: data, chains: chains, lo: lo, visible: visible, dataTotal: data.total(), chainsTotal: chains.total(),
	}
}

// row writes row i of the gradient from column j on, within a panel.
func (d *difference) row(g []float32, i, j int) {
	var negative [PanelWidth]float32
	clear(g)
	d.data.addRows(g, i, j, d.lo, d.visible)
	d.data.worth(g, d.dataTotal, i, j)
	d.chains.addRows(negative[:len(g)], i, j, d.lo, d.visible)
	d.chains.worth(negative[:len(g)], d.chainsTotal, i, j)
	scaleData, scaleChains := 1/float32(d.data.Rows), 1/float32(d.chains.Rows)
	for k := range g {
		g[k] = float32(g[k]*scaleData) - float32(negative[k]*scaleChains)
	}
}

// addRows adds to sum the means of the hidden units from j on, over the rows in which visible
// unit i is on, or weighted by its values. The lists begin with unit lo.
func (p Phase) addRows(sum []float32, i, j, lo, visible int) {
	panel := p.Hidden.from(j)
	if p.drawn() {
		addRows(sum, panel, p.Room[p.Room[i-lo]:p.Room[i-lo+1]])
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

// total returns the sums of the means of all rows (Hidden.Columns), for states that are worth
// something where their bit is 0; nil without such states.
func (p Phase) total() []float32 {
	if !p.drawn() || p.States.Units.Default() {
		return nil
	}
	total := make([]float32, p.Hidden.Columns)
	for j := 0; j < len(total); j += PanelWidth {
		panel, sum := p.Hidden.from(j), total[j:min(j+PanelWidth, len(total))]
		for n := range p.Rows {
			addRow(sum, panel[n*PanelWidth:])
		}
	}
	return total
}

// worth turns the sum of the rows in which visible unit i has the bit 1 into the sum of all rows,
// each times what its state is worth, in the columns from j on.
func (p Phase) worth(sum, total []float32, i, j int) {
	if total == nil {
		return
	}
	kind := p.States.Units.Of(i)
	low, span := kind.Low(), kind.span()
	if low == 0 && span == 1 {
		return
	}
	for k := range sum {
		sum[k] = float32(span*sum[k]) + float32(low*total[j+k])
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
