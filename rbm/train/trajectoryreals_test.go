package train

import (
	"fmt"
	"math"
	"testing"

	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/internal/rbmtest"
)

// TestTrajectoryOfReals: on a ladder of models of realUnits, whose variances change along it, the samples of every frozen
// model have the enumerated frequencies of its hidden states, as have the chains above the last, and log Z of the ladder
// is the exact one. Each chi-square has the false-alarm rate rbmtest.FalseAlarm for independent samples. The standard error
// of log Z, which is at most 0.1 nats (chosen), is exceeded threefold with a probability of 0.003 if the errors of the
// ratios of models are independent, and more often where they add up (see TestTrajectoryReachesItsModels). The seed is
// fixed. The number of updates is chosen.
func TestTrajectoryOfReals(t *testing.T) {
	const chains, updates, hidden = 1000, 20, 3
	rows := measurements(20)
	c := Config{Algorithm: "ptt", GibbsSteps: 1, Chains: chains, BatchSize: 4, Updates: updates}
	w := frozen(t, smallReals(t, hidden, 0, nil, nil), c, rows)
	// frozen set the biases to 0: the ladder begins with the rates, means and variances of the columns.
	bias, logVariance := w.independent().Bias, w.floats(t, graph.VisibleLogVariance)
	check := func(what string, m *rbm.Model, states []float32) {
		t.Helper()
		var p []float64
		for _, logP := range m.EnumerateHidden(rbmtest.LogPartition(t, m)) {
			p = append(p, math.Exp(logP))
		}
		rbmtest.ChiSquare(t, what, rbmtest.CountStates(states, m.Hidden), p)
	}
	var m *rbm.Model
	for k, beta := range []float32{0.25, 0.5, 0.75, 1} {
		m = smallReals(t, hidden, beta, bias, logVariance)
		w.setModel(t, m, "")
		w.set(t, graph.VisibleLogVariance, m.Visible.LogVariance)
		if err := w.freeze(); err != nil {
			t.Fatal(err)
		}
		if got, want := len(w.trajectory.Acceptance), k+2; got != want {
			t.Fatalf("%d models are frozen above the first, want %d", got, want)
		}
		check(fmt.Sprint("the reservoir of model ", k), m, w.floats(t, graph.Reservoir)[:chains*hidden])
	}
	finish(t, w.Trainer)
	check("the chains above all", m, w.floats(t, graph.Chains))
	metrics, err := w.Metrics()
	if err != nil {
		t.Fatal(err)
	}
	got := metrics.Trajectory
	rbmtest.Near(t, "log Z", got.LogPartition, rbmtest.LogPartition(t, m), 3*got.StandardError)
	if got.StandardError > 0.1 {
		t.Errorf("the standard error is %v, want at most 0.1", got.StandardError)
	}
}

// smallReals returns a model of realUnits whose visible biases and log-variances are the given ones, plus beta times fixed
// numbers. Its weights and hidden biases are beta times fixed numbers.
func smallReals(t *testing.T, hidden int, beta float32, bias, logVariance []float32) *rbm.Model {
	t.Helper()
	units, err := engine.ParseUnits(realUnits, 7)
	if err != nil {
		t.Fatal(err)
	}
	m, err := rbm.NewModelOf(units, nil, 7, hidden)
	if err != nil {
		t.Fatal(err)
	}
	copy(m.Visible.Bias, bias)
	copy(m.Visible.LogVariance, logVariance)
	for i := range m.Visible.Bias {
		m.Visible.Bias[i] += beta * float32(0.1*math.Cos(float64(2*i)))
		if m.Visible.Units.Of(i).Real() {
			m.Visible.LogVariance[i] += beta * 0.2 * float32(4-i)
		}
		for j := range hidden {
			m.Weights[i*hidden+j] = beta * float32(0.4*math.Sin(float64(3*(i*hidden+j)+1)))
		}
	}
	for j := range m.Hidden.Bias {
		m.Hidden.Bias[j] = beta * float32(0.4*math.Sin(float64(j+2)))
	}
	return m
}
