package rbmtest

import (
	"math"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm"
)

// LostMode returns a model with nearly all its mass in one state, which annealing does not reach, and 400 rows.
// All 20 visible units are on in this state, and in every hundredth row. In the other rows a unit is on with
// probability 1/9, and the base model has most of its mass there. Each of the 17 hidden units is on with the
// probability 0.95 where all visible units are, and with 1/2 where 19 are; else it is mostly off.
//
// logZ is log Z without the other states: the state has the weight (1+e³)^17 = e^51.8. The 20 states with 19 units on
// have 2^17 each, and the other 2^20 not much more than 1: less than e^16.8 = e^(51.8-35) together. tolerance is a share
// of e^-35 and the rounding of a free energy. Both layers have more units than training enumerates, 16.
func LostMode(t testing.TB) (m *rbm.Model, rows *dataset.Rows, logZ, tolerance float64) {
	t.Helper()
	const visible, hidden, n = 20, 17, 400
	coins := RandomRows(2*n, visible, false, false).Floats
	rows = &dataset.Rows{N: n, V: visible, Floats: coins[:n*visible]}
	for i := range rows.Floats {
		rows.Floats[i] *= coins[n*visible+i]
		if i/visible%100 == 0 {
			rows.Floats[i] = 1
		}
	}
	m, err := rbm.NewModel(visible, hidden)
	if err != nil {
		t.Fatal(err)
	}
	for i := range m.Weights {
		m.Weights[i] = 3
	}
	for j := range m.Hidden.Bias {
		m.Hidden.Bias[j] = -3 * (visible - 1)
	}
	for _, mean := range rows.Means() {
		m.BaseRates = append(m.BaseRates, float32(mean))
	}
	all := rows.Floats[:visible]
	return m, rows, -m.FreeEnergy(all), FreeEnergyBound(m, all) + math.Exp(-35)
}
