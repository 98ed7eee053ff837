package rbm

import "harmonium/rbm/estimate"

// odometer enumerates the layer with fewer states by a counter. The fields of the other layer follow the digits that
// change, and its units are summed out by their cumulants. It is for models whose other layer has units of several
// columns or with real states, which have no odds. It implements blocks (see partition.go).
type odometer struct{ m *Model }

func (o odometer) states() int {
	enumerated, _ := o.m.sorted()
	return enumerated.CountStates()
}

func (o odometer) offset() float64 { return 0 }

func (o odometer) newWalk(size int) func(first int) float64 {
	enumerated, summed := o.m.sorted()
	count := newCounter(enumerated)
	logs := make([]float64, 0, size)
	state, fields := make([]float32, enumerated.Len()), make([]float64, summed.Len())
	var own float64 // Σ θ_i s_i of the enumerated layer
	turn := func(column, on int) {
		k := enumerated.Units.Of(column)
		delta := float64(2*on-1) * (float64(k.High()) - float64(k.Low()))
		own += delta * float64(enumerated.Bias[column])
		o.m.addToFields(fields, column, delta)
	}
	return func(first int) float64 {
		count.set(first)
		enumerated.SetState(state, first)
		if o.m.enumeratesVisible() {
			o.m.HiddenField(fields, state)
		} else {
			o.m.VisibleField(fields, state)
		}
		own, logs = -enumerated.Energy(state), logs[:0]
		for n := first; n < min(first+size, count.states); n++ {
			if n > first {
				count.advance(turn)
			}
			logs = append(logs, summed.addCumulants(own, fields))
		}
		return estimate.LogSumExp(logs)
	}
}

// addToFields lets the fields of the layer that is summed out follow a column of the enumerated one, which
// changes by delta.
func (m *Model) addToFields(fields []float64, column int, delta float64) {
	if m.enumeratesVisible() {
		for j, w := range m.weightsOf(column) {
			fields[j] += delta * float64(w)
		}
		return
	}
	for i := range fields {
		fields[i] += delta * float64(m.weightsOf(i)[column])
	}
}
