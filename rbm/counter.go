package rbm

import "harmonium/engine"

// counter counts through the states of a layer, in the order of [Layer.States]. The states of its units are
// the digits of a number. From a state to the next at most two of them change on average.
type counter struct {
	units  []digit
	states int
	at     []int // the digits
}

// digit is a unit of the layer.
type digit struct {
	from    int // first column
	states  int
	several bool // a column for each state; else one column, which is on in state 1
}

func newCounter(l Layer) *counter {
	c := &counter{states: l.CountStates()}
	l.eachUnit(func(k engine.Kind, from, _ int) {
		c.units = append(c.units, digit{from, k.States(), k.Several()})
	})
	c.at = make([]int, len(c.units))
	return c
}

// set goes to state n.
func (c *counter) set(n int) {
	for i, u := range c.units {
		c.at[i] = n % u.states
		n /= u.states
	}
}

// on returns the columns that are on.
func (c *counter) on() []int {
	var on []int
	for i, u := range c.units {
		if column, isOn := u.column(c.at[i]); isOn {
			on = append(on, column)
		}
	}
	return on
}

// column returns the column that is on in a state of the unit, if there is one.
func (u digit) column(state int) (column int, on bool) {
	if u.several {
		return u.from + state, true
	}
	return u.from, state == 1
}

// advance goes to the next state and calls turn for each column that turns on (1) or off (0).
func (c *counter) advance(turn func(column, on int)) {
	for i, u := range c.units {
		if column, isOn := u.column(c.at[i]); isOn {
			turn(column, 0)
		}
		c.at[i] = (c.at[i] + 1) % u.states
		if column, isOn := u.column(c.at[i]); isOn {
			turn(column, 1)
		}
		if c.at[i] > 0 { // no carry to the next digit
			return
		}
	}
}
