package kernels

import "cmp"

// Phase is one of the two sides of the gradient: a batch of visible values with the means of the
// hidden units given them. If States are given, they are the visible values and Visible is not
// read.
type Phase struct {
	Rows    int
	Of      int       // rows that the average is over where this phase is a part of them; 0 for Rows
	Visible []float32 // (Rows, V)
	States  States    // (Rows, V), or zero
	Room    []int32   // RoomForPhase(V, Rows) numbers to work in if States are given, not shared with the other phase
	Hidden  Panels    // (Rows, H)
}

// RoomForPhase returns the length of Room for rows (rows, visible) of states. The room holds, for
// each visible unit, where the list of the rows with its ones begins, then the transpose of 64
// columns of states, the lists, and the elements behind a list that may be overwritten. The
// beginnings are int32, so the room must hold fewer than 2³¹ ones.
func RoomForPhase(visible, rows int) int {
	return visible + 1 + 2*64*((rows+63)/64) + visible*rows + overrun
}

// hasStates reports whether the visible values are given as states.
func (p Phase) hasStates() bool { return p.States.Bits != nil }

// scale returns the factor that turns a sum over the rows into an average.
func (p Phase) scale() float32 { return 1 / float32(cmp.Or(p.Of, p.Rows)) }

// list lists, for each visible unit lo ≤ i < hi, the rows in which it is on.
func (p Phase) list(lo, hi int) {
	if !p.hasStates() {
		return
	}
	at := hi - lo + 1
	for i := lo; i < hi; i++ {
		p.Room[i-lo] = int32(at)
		at += p.States.listColumn(p.Room[at:], i, p.Rows)
	}
	p.Room[hi-lo] = int32(at)
}

// Gradient writes the rows lo ≤ i < hi of the plain gradient of the weights, the difference of
// two averages of outer products. It is
//
//	for i := lo; i < hi; i++ {
//		for j := range hidden {
//			g[i,j] = (Σ_n vd[n,i]*pd[n,j])/D - (Σ_n vm[n,i]*pm[n,j])/M    // n in rising order
//		}
//	}
//
// with g (visible, hidden). The data are vd (D, visible) and pd (D, hidden), and the chains vm
// (M, visible) and pm (M, hidden). Where Of is given, it takes the place of D or M in the division. A
// division multiplies by the rounded reciprocal.
//
// For visible values in {0,1}, given as values or as states, every implementation returns the
// same bits: each sum starts at zero and adds rows of p in order. The same holds for states of
// other kinds, whose sum is
//
//	(high-low)*Σ_{n with bit 1} p[n,j] + low*Σ_n p[n,j]
//
// with low and high the worth of the bits of unit i. For other values an implementation is within
// γ(D+3)·Σ|vd·pd|/D + γ(M+3)·Σ|vm·pm|/M of the exact value, with γ as for [Field].
//
// Gradient panics if a slice is shorter than its shape; of g the rows below hi are needed. D and M
// are at least 1.
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

// difference is the difference of the averages of two phases, whose lists begin with visible unit
// lo.
type difference struct {
	data, chains Phase
	lo, visible  int

	dataTotal, chainsTotal [PanelWidth]float32 // see Phase.total
	totalsFrom             int                 // first column of the panel of the totals; -1 before the first one
}

// differences lists the rows of both phases for the visible units lo ≤ i < hi and returns their difference.
func differences(data, chains Phase, lo, hi, visible int) difference {
	data.list(lo, hi)
	chains.list(lo, hi)
	return difference{data: data, chains: chains, lo: lo, visible: visible, totalsFrom: -1}
}

// row writes row i of the gradient from column j on, within a panel.
func (d *difference) row(g []float32, i, j int) {
	var negative [PanelWidth]float32
	if d.totalsFrom != j {
		d.data.total(&d.dataTotal, j)
		d.chains.total(&d.chainsTotal, j)
		d.totalsFrom = j
	}
	clear(g)
	d.data.addRows(g, i, j, d.lo, d.visible)
	d.data.weigh(g, &d.dataTotal, i)
	d.chains.addRows(negative[:len(g)], i, j, d.lo, d.visible)
	d.chains.weigh(negative[:len(g)], &d.chainsTotal, i)
	scaleData, scaleChains := d.data.scale(), d.chains.scale()
	for k := range g {
		g[k] = float32(g[k]*scaleData) - float32(negative[k]*scaleChains)
	}
}

// addRows adds to sum the means of the hidden units from column j on: over the rows in which
// visible unit i is on or, if the phase has values, over all rows times the value of unit i. The
// lists begin with visible unit lo.
func (p Phase) addRows(sum []float32, i, j, lo, visible int) {
	panel := p.Hidden.from(j)
	if p.hasStates() {
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

// otherWorth reports whether the bits of some visible units are worth other numbers than 0 and 1.
func (p Phase) otherWorth() bool { return p.hasStates() && !p.States.Units.Plain() }

// total writes the sum of the hidden means over all rows, in the panel that begins with column j.
// It writes nothing if the bits of all visible units are worth 0 and 1.
func (p Phase) total(sum *[PanelWidth]float32, j int) {
	if !p.otherWorth() {
		return
	}
	panel := p.Hidden.from(j)
	clear(sum[:])
	for n := range p.Rows {
		addRow(sum[:], panel[n*PanelWidth:])
	}
}

// weigh turns a sum of hidden means over the rows in which visible unit i has the bit 1 into their
// sum over all rows, each times the worth of the unit's bit in the row. total is the sum over all
// rows.
func (p Phase) weigh(sum []float32, total *[PanelWidth]float32, i int) {
	if !p.otherWorth() {
		return
	}
	kind := p.States.Units.Of(i)
	low, span := kind.Low(), kind.span()
	if low == 0 && span == 1 {
		return
	}
	for k := range sum {
		sum[k] = float32(span*sum[k]) + float32(low*total[k])
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
	if p.hasStates() {
		if p.States.check(p.Rows, visible); len(p.Room) < RoomForPhase(visible, p.Rows) {
			panic("kernels: gradient: the lists have no room")
		}
		return
	}
	if len(p.Visible) < p.Rows*visible {
		panic("kernels: gradient: the visible values are shorter than their shape")
	}
}
