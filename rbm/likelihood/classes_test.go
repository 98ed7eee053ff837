package likelihood

import (
	"context"
	"math"
	"slices"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm/internal/rbmtest"
)

// TestLogClasses: the probabilities of three classes, each with a 1 in its column and 0 in the other two, agree with the
// enumerated p(v), whatever the rows have there, and sum to 1. Classes that begin before the columns, end behind them, or are none are refused.
func TestLogClasses(t *testing.T) {
	const from, classes = 2, 3
	m := rbmtest.RandomModel(t, 6, 4, 1, 1)
	rows := allStates(m)
	got, err := LogClasses(context.Background(), m, rbmtest.OpenDevice(t, 2), rows, from, classes, dataset.Binarization{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	for n, state := range m.Visible.States() {
		v := slices.Clone(state)
		var energies [classes]float64
		total, bound, largest := 0.0, 0.0, 1.0
		for class := range energies {
			clear(v[from : from+classes])
			v[from+class] = 1
			energies[class] = m.FreeEnergy(v)
			total += math.Exp(-energies[class])
			bound, largest = max(bound, rbmtest.FreeEnergyBound(m, v)), max(largest, math.Abs(energies[class]))
		}
		sum := 0.0
		for class, f := range energies {
			log := got[n*classes+class]
			rbmtest.Near(t, rbmtest.At("log p of a class", v), log, -f-math.Log(total), 2*bound)
			sum += math.Exp(log)
		}
		// A log is the difference of -F and the logarithm of the sum of all e^(-F), both rounded and at most largest + log 3.
		// Beside that, three exp, their sum and one log in that logarithm, and an exp and the sums here are of numbers up to 3.
		rbmtest.Near(t, "sum over the classes", sum, 1, (2*(largest+math.Log(classes))+8)*rbmtest.U)
	}
	for _, c := range [][2]int{{-1, 2}, {5, 2}, {0, 0}} {
		_, err := LogClasses(context.Background(), m, rbmtest.OpenDevice(t, 1), rows, c[0], c[1], dataset.Binarization{}, 1)
		if err == nil {
			t.Errorf("%d classes from %d: no error", c[1], c[0])
		}
	}
}
