package train

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/internal/rbmtest"
)

// gaugeLayers are layers with categorical units in the visible layer, in the hidden one or in both, beside every other
// kind.
var gaugeLayers = []struct {
	visible        string // units, as engine.ParseUnits reads them
	visibleColumns int
	hidden         string
	hiddenColumns  int
}{
	{"categorical/3:2,bernoulli:1", 7, "bernoulli:2,spin:1,categorical/2:1", 5},
	{"bernoulli:2,spin:2", 4, "categorical/3:1,spin:1", 4},
	{"categorical/4:2", 8, "gaussian:1,relu:1,drelu:2", 4},
	{realUnits, 7, "bernoulli:4", 4},
}

// gaugeRun returns a run by configuration c over the layers number `at` of gaugeLayers, with random parameters.
func gaugeRun(t *testing.T, at int, c Config, d engine.Device) *Trainer {
	t.Helper()
	l := gaugeLayers[at]
	c.VisibleUnits, c.HiddenUnits, c.Hidden, c.Binarize = l.visible, l.hidden, l.hiddenColumns, "none"
	data := &dataset.Set{Train: measurements(20)}
	if l.visible != realUnits {
		units, err := engine.ParseUnits(l.visible, l.visibleColumns)
		if err != nil {
			t.Fatal(err)
		}
		m, err := rbm.NewModelOf(units, nil, l.visibleColumns, 1)
		if err != nil {
			t.Fatal(err)
		}
		data.Train = m.Visible.Rows(rbmtest.SomeRows(m, 20))
	}
	run, err := New(c, data, d)
	if err != nil {
		t.Fatal(err)
	}
	m := rbmtest.RandomModel(t, l.visibleColumns, l.hiddenColumns, 1, 1)
	run.setModel(t, m, "")
	return run
}

// gaugeConfig trains in the zero-sum gauge, without decay: 8 updates on 20 rows.
func gaugeConfig() Config {
	c := DefaultConfig()
	c.Algorithm, c.GibbsSteps, c.BatchSize, c.Chains, c.Epochs = "pcd", 1, 10, 10, 4
	c.LearningRate, c.L2, c.Gauge = 0.05, 0, gaugeZeroSum
	return c
}

// gaugeConfigs are gaugeConfig with another number of shards, and with fast parameters.
func gaugeConfigs() []Config {
	sharded, fast := gaugeConfig(), gaugeConfig()
	sharded.Shards = 2
	fast.Algorithm, fast.Center = "fpcd", false
	return []Config{gaugeConfig(), sharded, fast}
}

// size returns the sum of the absolute values of all parameters that a gauge moves.
func size(m *rbm.Model) (sum float64) {
	for _, list := range [][]float32{m.Weights, m.Visible.Bias, m.Hidden.Bias} {
		for _, x := range list {
			sum += math.Abs(float64(x))
		}
	}
	return sum
}

// gaugeRounding bounds the error of a parameter that the gauge moves: it is rounded at most three times, at the size of
// the sum of all parameters at most.
func gaugeRounding(m *rbm.Model) float64 { return 3 * 0x1p-24 * size(m) }

// gauged returns a copy of the model that [rbm.Model.ZeroSum] has moved.
func gauged(m *rbm.Model) *rbm.Model {
	c := *m
	c.Weights = slices.Clone(m.Weights)
	c.Visible.Bias, c.Hidden.Bias = slices.Clone(m.Visible.Bias), slices.Clone(m.Hidden.Bias)
	c.ZeroSum()
	return &c
}

// compareParameters compares the weights and the biases of two models within one tolerance.
func compareParameters(t *testing.T, name string, got, want *rbm.Model, tolerance float64) {
	t.Helper()
	within := func(int) float64 { return tolerance }
	rbmtest.CompareValues(t, name+": weights", wide(got.Weights), wide(want.Weights), within)
	rbmtest.CompareValues(t, name+": visible biases", wide(got.Visible.Bias), wide(want.Visible.Bias), within)
	rbmtest.CompareValues(t, name+": hidden biases", wide(got.Hidden.Bias), wide(want.Hidden.Bias), within)
}

// TestGauge: the plan of the gauge moves the parameters as Model.ZeroSum does and leaves p(v) as it is, on every device.
func TestGauge(t *testing.T) {
	for device, d := range testDevices(t) {
		for i, l := range gaugeLayers {
			name := fmt.Sprintf("%s: %s beside %s", device, l.visible, l.hidden)
			run := gaugeRun(t, i, gaugeConfig(), d)
			before := modelOf(t, run)
			if err := run.gauge.Run(); err != nil {
				t.Fatal(err)
			}
			after := modelOf(t, run)
			rounding := gaugeRounding(before)
			compareParameters(t, name, after, gauged(before), rounding)
			if slices.Equal(after.Weights, before.Weights) {
				t.Errorf("%s: the weights are as before", name)
			}
			// The gauge changes F(v) by the same amount for all v. Rounding moves F by the moves of the weights
			// times states of both layers, whose product is below 64 here, and the difference of two F twice.
			free := func(m *rbm.Model, v []float32) float64 { return m.FreeEnergy(v) - m.FreeEnergy(rowOf(run, 0)) }
			tolerance := 2 * 64 * float64(len(after.Weights)) * rounding
			for n := range 20 {
				v := rowOf(run, n)
				rbmtest.Near(t, rbmtest.At(name+": F", v), free(after, v), free(before, v), tolerance)
			}
		}
	}
}

// rowOf returns the states of a training row of a run.
func rowOf(t *Trainer, n int) []float32 {
	v := make([]float32, t.data.Train.V)
	t.data.Train.Row(v, n)
	for i, x := range v {
		if k := t.visible.Units.Of(i); !k.Real() {
			v[i] = k.Low() + x*(k.High()-k.Low())
		}
	}
	return v
}

// TestGaugedRun: without decay a run in the zero-sum gauge is the run without it, moved into the gauge at the end, within
// the bounds of its updates: the gauge adds three roundings to each of them. Its parameters are in the gauge, and a
// checkpoint in an epoch gives the same bits. (An optimizer that treats each parameter by itself, as Adam does, would
// make another run.)
func TestGaugedRun(t *testing.T) {
	for _, c := range gaugeConfigs() {
		for i := range gaugeLayers[:2] { // the layers without real states, whose size has no bound
			name := fmt.Sprintf("%s, %d shards, layers %d", c.Algorithm, c.Shards, i)
			run := gaugeRun(t, i, c, rbmtest.OpenDevice(t, 1))
			finish(t, run)
			plain := c
			plain.Gauge = ""
			other := gaugeRun(t, i, plain, rbmtest.OpenDevice(t, 1))
			var bound float64
			for !other.Done() {
				m := modelOf(t, other)
				bound += 3*updateBound(m, 10, 10, c.LearningRate, size(m)) + gaugeRounding(m)
				if err := other.Train(context.Background(), 1); err != nil {
					t.Fatal(err)
				}
			}
			got, want := modelOf(t, run), modelOf(t, other)
			if slices.Equal(got.Weights, want.Weights) {
				t.Errorf("%s: the runs have the same weights", name)
			}
			// Errors e of the parameters grow in the gauge: a column less the mean of q columns has an error of
			// (2-2/q)e, and a bias takes mean weights, of up to two units here. The largest error is 28/9 e.
			compareParameters(t, name, got, gauged(want), 4*bound)
			rbmtest.CompareValues(t, name+": the gauge", wide(got.Weights), wide(gauged(got).Weights),
				func(int) float64 { return gaugeRounding(got) })

			stopped := gaugeRun(t, i, c, rbmtest.OpenDevice(t, 2))
			trainTo(t, stopped, 3) // the first update of the second epoch
			resumed := saveAndResume(t, filepath.Join(t.TempDir(), "checkpoint.safetensors"), stopped, stopped.data, nil)
			finish(t, resumed)
			wantSameRun(t, name+", two threads and a checkpoint", resumed, run)
		}
	}
}

// TestGaugeRefuses: the zero-sum gauge is refused where no unit has several columns, and with couplings.
func TestGaugeRefuses(t *testing.T) {
	c := gaugeConfig()
	c.Hidden = 3
	_, err := New(c, &dataset.Set{Train: rbmtest.RandomRows(20, 4, false, true)}, rbmtest.OpenDevice(t, 1))
	if want := "Gauge is zero-sum, want as-is without units of several columns"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("Bernoulli units: error %v, want %q", err, want)
	}
	c.Lateral = true
	if err, want := c.Validate(), "want as-is with couplings"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("couplings: error %v, want %q", err, want)
	}
}
