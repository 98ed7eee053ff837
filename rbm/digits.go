package rbm

import (
	"harmonium/engine"
	"harmonium/rbm/estimate"
)

// digits enumerates a layer whose units may have several columns. The states of its units are the digits
// of a counter. The odds and fields of a partition, whose bits are the columns, follow the digits that
// change, about one and a half of them from a state to the next.
type digits struct {
	*partition
	units []digit
	count int
}

// digit is a unit of the enumerated layer.
type digit struct {
	from    int // first column
	states  int
	several bool // a column for each state; else one column, which is on in state 1
}

func newDigits(p *partition, enumerated Layer) *digits {
	d := &digits{partition: p, count: enumerated.CountStates()}
	enumerated.eachUnit(func(k engine.Kind, from, _ int) {
		d.units = append(d.units, digit{from, k.States(), k.Several()})
	})
	return d
}

func (d *digits) states() int { return d.count }

func (d *digits) newWalk(size int) func(first int) float64 {
	w := &counting{digits: d, at: make([]int, len(d.units)), walk: &walk{partition: d.partition}, logs: make([]float64, 0, size)}
	return w.logSum
}

// counting is one goroutine's place in the enumeration.
type counting struct {
	*digits
	walk *walk // without its bits
	own  float64
	at   []int // the digits
	logs []float64
}

// logSum returns the log of the sum over the states of a block.
func (w *counting) logSum(first int) float64 {
	var on []int
	for i, u := range w.units {
		w.at[i] = first % u.states
		first /= u.states
		if column, is := u.column(w.at[i]); is {
			on = append(on, column)
		}
	}
	w.walk.odds = exponentials(1, w.tame.fields(on))
	w.walk.field = w.wild.fields(on)
	w.own = 0
	for _, j := range on {
		w.own += w.bias[j]
	}
	w.logs = w.logs[:0]
	for range min(cap(w.logs), w.count-w.number()) {
		if len(w.logs) > 0 {
			w.advance()
		}
		w.logs = append(w.logs, w.walk.summedOut()+w.own)
	}
	return estimate.LogSumExp(w.logs)
}

// number returns the number of the present state.
func (w *counting) number() int {
	n := 0
	for i := len(w.units) - 1; i >= 0; i-- {
		n = n*w.units[i].states + w.at[i]
	}
	return n
}

// column returns the column that is on in a state of the unit, if there is one.
func (u digit) column(state int) (column int, on bool) {
	if u.several {
		return u.from + state, true
	}
	return u.from, state == 1
}

// advance goes to the next state.
func (w *counting) advance() {
	for i, u := range w.units {
		w.turn(u, w.at[i], 0)
		w.at[i]++
		carry := w.at[i] == u.states
		if carry {
			w.at[i] = 0
		}
		w.turn(u, w.at[i], 1)
		if !carry {
			return
		}
	}
}

// turn turns the column of a state on (1) or off (0).
func (w *counting) turn(u digit, state, on int) {
	if column, is := u.column(state); is {
		w.walk.turn(column, on)
		w.own += float64(2*on-1) * w.bias[column]
	}
}
