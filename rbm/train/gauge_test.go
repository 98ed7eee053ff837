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
	"harmonium/rbm/internal/graph"
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

// gaugeRun returns a run over the layers with the zero-sum gauge, or without one, and random parameters.
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
	for name, x := range map[string][]float32{graph.Weights: m.Weights, graph.VisibleBias: m.Visible.Bias, graph.HiddenBias: m.Hidden.Bias} {
		if err := run.state.Set(name, x); err != nil {
			t.Fatal(err)
		}
	}
	return run
}

func gaugeConfig() Config {
	c := DefaultConfig()
	c.Algorithm, c.GibbsSteps, c.BatchSize, c.Chains, c.Epochs, c.LearningRate, c.L2, c.Gauge = "pcd", 1, 10, 10, 4, 0.05, 0, gaugeZeroSum
	return c
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

// TestGauge: the gauge is the one of Model.ZeroSum and leaves p(v) as it is, on every device. Each parameter is
// rounded at most three times, at the size of the sum of all of them at most.
func TestGauge(t *testing.T) {
	devices := rbmtest.GPUs(t, "f32")
	if devices == nil {
		devices = map[string]engine.Device{}
	}
	devices["host"] = rbmtest.OpenDevice(t, 2)
	for device, d := range devices {
		for i, l := range gaugeLayers {
			name := fmt.Sprintf("%s: %s beside %s", device, l.visible, l.hidden)
			run := gaugeRun(t, i, gaugeConfig(), d)
			before, err := run.Model()
			if err != nil {
				t.Fatal(err)
			}
			if err := run.gauge.Run(); err != nil {
				t.Fatal(err)
			}
			after, err := run.Model()
			if err != nil {
				t.Fatal(err)
			}
			want, err := run.Model()
			if err != nil {
				t.Fatal(err)
			}
			want.Weights, want.Visible.Bias, want.Hidden.Bias = slices.Clone(before.Weights), slices.Clone(before.Visible.Bias), slices.Clone(before.Hidden.Bias)
			want.ZeroSum()
			rounding := 3 * 0x1p-24 * size(before)
			for what, x := range map[string][2][]float32{
				"weights": {after.Weights, want.Weights}, "visible biases": {after.Visible.Bias, want.Visible.Bias}, "hidden biases": {after.Hidden.Bias, want.Hidden.Bias},
			} {
				rbmtest.CompareValues(t, name+": "+what, wide(x[0]), wide(x[1]), func(int) float64 { return rounding })
			}
			if slices.Equal(after.Weights, before.Weights) {
				t.Errorf("%s: the weights are as before", name)
			}
			// The gauge changes F(v) by the same amount for all v. Rounding moves F by the moves of the parameters
			// times states of both layers, below 8 each here, and the difference of two F twice.
			free := func(m *rbm.Model, v []float32) float64 { return m.FreeEnergy(v) - m.FreeEnergy(rowOf(run, 0)) }
			for n := range 20 {
				v := rowOf(run, n)
				rbmtest.Near(t, rbmtest.At(name+": F", v), free(after, v), free(before, v), 2*8*8*float64(len(after.Weights))*rounding)
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
	for _, c := range []Config{gaugeConfig(), func() Config { c := gaugeConfig(); c.Shards = 2; return c }(), func() Config { c := gaugeConfig(); c.Algorithm, c.Center = "fpcd", false; return c }()} {
		for i := range gaugeLayers[:2] {
			name := fmt.Sprintf("%s, %d shards, layers %d", c.Algorithm, c.Shards, i)
			run := gaugeRun(t, i, c, rbmtest.OpenDevice(t, 1))
			finish(t, run)
			plain := c
			plain.Gauge = ""
			other := gaugeRun(t, i, plain, rbmtest.OpenDevice(t, 1))
			var bound float64
			for !other.Done() {
				m, err := other.Model()
				if err != nil {
					t.Fatal(err)
				}
				bound += 3*updateBound(m, 10, 10, c.LearningRate, size(m)) + 3*0x1p-24*size(m)
				if err := other.Train(context.Background(), 1); err != nil {
					t.Fatal(err)
				}
			}
			got, err := run.Model()
			if err != nil {
				t.Fatal(err)
			}
			want, err := other.Model()
			if err != nil {
				t.Fatal(err)
			}
			if slices.Equal(got.Weights, want.Weights) {
				t.Errorf("%s: the runs have the same weights", name)
			}
			want.ZeroSum()
			bound *= 4 // a gauge moves a parameter by means of others
			for what, x := range map[string][2][]float32{
				"weights": {got.Weights, want.Weights}, "visible biases": {got.Visible.Bias, want.Visible.Bias}, "hidden biases": {got.Hidden.Bias, want.Hidden.Bias},
			} {
				rbmtest.CompareValues(t, name+": "+what, wide(x[0]), wide(x[1]), func(int) float64 { return bound })
			}
			gauged := &rbm.Model{Visible: rbm.Layer{Units: got.Visible.Units, Bias: slices.Clone(got.Visible.Bias)}, Hidden: rbm.Layer{Units: got.Hidden.Units, Bias: slices.Clone(got.Hidden.Bias)}, Weights: slices.Clone(got.Weights)}
			gauged.ZeroSum()
			rbmtest.CompareValues(t, name+": the gauge", wide(got.Weights), wide(gauged.Weights), func(int) float64 { return 3 * 0x1p-24 * size(got) })

			half := gaugeRun(t, i, c, rbmtest.OpenDevice(t, 2))
			if err := half.Train(context.Background(), 3); err != nil {
				t.Fatal(err)
			}
			resumed := saveAndResume(t, filepath.Join(t.TempDir(), "checkpoint.safetensors"), half, half.data, nil)
			finish(t, resumed)
			wantSameRun(t, name+", two threads and a checkpoint", resumed, run)
		}
	}
	bad := gaugeConfig()
	bad.Hidden = 3
	if _, err := New(bad, &dataset.Set{Train: rbmtest.RandomRows(20, 4, false, true)}, rbmtest.OpenDevice(t, 1)); err == nil || !strings.Contains(err.Error(), "Gauge is zero-sum, want as-is without units of several columns") {
		t.Errorf("error %v", err)
	}
	bad.Lateral = true
	if err := bad.Validate(); err == nil || !strings.Contains(err.Error(), "want as-is with couplings") {
		t.Errorf("error %v", err)
	}
}
