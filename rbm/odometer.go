package rbm

import (
	"slices"

	"harmonium/engine"
	"harmonium/rbm/estimate"
)

// odometer enumerates the layer with fewer states of a model whose other layer has units of several
// columns. The states of the units are the digits of a counter. The fields of the other layer follow
// the digits that change, about one and a half of them from a state to the next, and its units are
// summed out by their cumulants.
type odometer struct {
	turned bool // the visible layer is enumerated
	m      *Model
	rows   Layer // enumerated
	summed Layer
}

func newOdometer(m *Model) *odometer {
	if m.visibleIsSmaller() {
		return &odometer{true, m, m.Visible, m.Hidden}
	}
	return &odometer{false, m, m.Hidden, m.Visible}
}

func (o *odometer) states() int     { return o.rows.CountStates() }
func (o *odometer) offset() float64 { return 0 }

func (o *odometer) newWalk(size int) func(first int) float64 {
	w := &reading{odometer: o, state: make([]float32, o.rows.Len()), logs: make([]float64, 0, size), total: o.states()}
	o.rows.eachUnit(func(k engine.Kind, from, to int) {
		w.units = append(w.units, wheel{k, from, to})
	})
	return w.logSum
}

// wheel is a unit of the enumerated layer.
type wheel struct {
	kind     engine.Kind
	from, to int
}

// reading is one goroutine's place in the enumeration.
type reading struct {
	*odometer
	units  []wheel
	total  int       // number of states
	state  []float32 // of the enumerated layer
	own    float64   // Σ θ_i s_i of the enumerated layer
	fields []float64 // of the other layer
	room   []float32
	logs   []float64
}

// logSum returns the log of the sum over the states of a block.
func (w *reading) logSum(first int) float64 {
	end := min(first+cap(w.logs), w.total)
	w.rows.SetState(w.state, first)
	if w.turned {
		w.fields = w.m.HiddenField(w.fields, w.state)
	} else {
		w.fields = w.m.VisibleField(w.fields, w.state)
	}
	w.own = -w.rows.Energy(w.state)
	w.logs = w.logs[:0]
	for n := first; n < end; n++ {
		if n > first {
			w.advance()
		}
		w.logs = append(w.logs, w.summed.addCumulants(w.own, w.fields))
	}
	return estimate.LogSumExp(w.logs)
}

// advance goes to the next state.
func (w *reading) advance() {
	for _, u := range w.units {
		unit := w.state[u.from:u.to]
		n := u.kind.StateOf(unit) + 1
		carry := n == u.kind.States()
		if carry {
			n = 0
		}
		w.room = slices.Grow(w.room[:0], len(unit))[:len(unit)]
		u.kind.State(w.room, n)
		for a, s := range w.room {
			if s != unit[a] {
				w.change(u.from+a, float64(s)-float64(unit[a]))
				unit[a] = s
			}
		}
		if !carry {
			return
		}
	}
}

// change adds delta to an enumerated column.
func (w *reading) change(column int, delta float64) {
	w.own += delta * float64(w.rows.Bias[column])
	if w.turned {
		for j, x := range w.m.weightsOf(column) {
			w.fields[j] += delta * float64(x)
		}
		return
	}
	hidden := w.m.Hidden.Len()
	for i := range w.fields {
		w.fields[i] += delta * float64(w.m.Weights[i*hidden+column])
	}
}
