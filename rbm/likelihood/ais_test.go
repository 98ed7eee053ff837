package likelihood

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"harmonium/rbm"
	"harmonium/rbm/internal/rbmtest"

	"gonum.org/v1/gonum/stat/distuv"
)

func anneal(t *testing.T, m *rbm.Model, c AISConfig) *Partition {
	t.Helper()
	p, err := AIS(context.Background(), m, rbmtest.OpenDevice(t, 1), c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestAISWeightsAreUnbiased: whatever the schedule, the mean weight is Z/Z_0. The weights of schedules of one to four
// steps spread widely.
func TestAISWeightsAreUnbiased(t *testing.T) {
	for _, betas := range [][]float32{{0, 1}, {0, 0.5, 1}, {0, 0.1, 0.1, 0.7, 1}} {
		checkUnbiased(t, rbmtest.RandomModel(t, 3, 2, 1.5, 1), betas)
		checkUnbiased(t, mixedModel(t), betas)
	}
}

// mixedModel returns a model of all kinds of units in both layers.
func mixedModel(t *testing.T) *rbm.Model {
	return rbmtest.OfAllUnits(t, 6, 5, 0.4, 0.4)["6x5, mixed by mixed, weights to 0.4"]
}

// checkUnbiased is checkUnbiasedRuns with runs enough for a normal mean of such weights.
func checkUnbiased(t *testing.T, m *rbm.Model, betas []float32) {
	t.Helper()
	checkUnbiasedRuns(t, m, betas, 50000)
}

// checkUnbiasedRuns compares the mean weight of the runs with Z/Z_0 by its standard error, with the probability FalseAlarm
// of a false alarm, and log Z with the log of this mean. Sums of up to 50,000 weights round within 50,000 u < 1e-9.
func checkUnbiasedRuns(t *testing.T, m *rbm.Model, betas []float32, runs int) {
	t.Helper()
	m = rbmtest.WithBaseRates(m)
	p := anneal(t, m, AISConfig{Runs: runs, Betas: betas, Seed: 3})
	want := math.Exp(rbmtest.LogPartition(t, m) - baseLogPartition(m))
	var sum, squares float64
	for _, l := range p.LogWeights {
		d := math.Exp(l) - want
		sum += d
		squares += d * d
	}
	n := float64(p.Runs)
	limit := distuv.UnitNormal.Quantile(1-rbmtest.FalseAlarm/2) * math.Sqrt(squares) / n
	if math.Abs(sum/n) > limit {
		t.Errorf("%v: the mean weight is %v off %v, want at most %v", betas, sum/n, want, limit)
	}
	rbmtest.Near(t, fmt.Sprint(betas, ": log of the mean weight"), p.LogZ, baseLogPartition(m)+math.Log(sum/n+want), 1e-9)
}

// baseRows is the number of rows over which rbm.Model.Base counts the base rates.
const baseRows = 10000

// baseLogPartition sums over the states of each unit of the base model.
func baseLogPartition(m *rbm.Model) float64 {
	var logZ float64
	add := func(l rbm.Layer) {
		for j := 0; j < l.Len(); {
			k := l.Units.Of(j)
			state, sum := make([]float32, k.Width()), 0.0
			for n := range k.States() {
				k.State(state, n)
				var exponent float64
				for a, s := range state {
					exponent += float64(s) * float64(l.Bias[j+a])
				}
				sum += math.Exp(exponent)
			}
			logZ += math.Log(sum)
			j += k.Width()
		}
	}
	add(rbm.Layer{Units: m.Hidden.Units, Bias: make([]float32, m.Hidden.Len())})
	add(rbm.BaseLayer(m.Visible.Units, m.BaseRates, nil, baseRows))
	return logZ
}

// TestAISOfTheBaseModel: where the model is its own base all weights are one, so that the
// estimate is exact and its interval has no width.
func TestAISOfTheBaseModel(t *testing.T) {
	m := rbmtest.WithBaseRates(rbmtest.RandomModel(t, 9, 4, 0, 0))
	copy(m.Visible.Bias, rbm.BaseLayer(nil, m.BaseRates, nil, baseRows).Bias)
	p := anneal(t, m, AISConfig{Runs: 5, Betas: LinearBetas(7), Seed: 1})
	for _, w := range p.LogWeights {
		if w != 0 {
			t.Errorf("log-weights are %v, want zeros", p.LogWeights)
			break
		}
	}
	// log Z_0 is a sum of 9+4 cumulants, each below 2 and within 8u of its size.
	rbmtest.Near(t, "log Z", p.LogZ, rbmtest.LogPartition(t, m), rbmtest.PartitionBound(m)+16*rbmtest.U*float64(9+4))
	if p.Low != p.LogZ || p.High != p.LogZ || p.ESS != 5 || p.VarLogWeight != 0 {
		t.Errorf("got %+v, want an interval without width, ESS 5 and no variance", p)
	}
}

// TestAISIsTheSameForAnyThreads, and another for another seed.
func TestAISIsTheSameForAnyThreads(t *testing.T) {
	m := rbmtest.WithBaseRates(rbmtest.RandomModel(t, 70, 9, 1, 1))
	var want []float64
	for threads := 1; threads <= 3; threads++ {
		p, err := AIS(context.Background(), m, rbmtest.OpenDevice(t, threads), AISConfig{Runs: 7, Betas: LinearBetas(20), Seed: 2})
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = p.LogWeights
		}
		if !slices.Equal(p.LogWeights, want) {
			t.Errorf("%d threads: got %v, want %v", threads, p.LogWeights, want)
		}
	}
	if other := anneal(t, m, AISConfig{Runs: 7, Betas: LinearBetas(20), Seed: 3}).LogWeights; slices.Equal(other, want) {
		t.Error("another seed has the same weights")
	}
}

// TestBetas: both schedules are valid, and the default has 500 steps to 0.5, 4,000 to 0.9 and 10,000 to 1.
func TestBetas(t *testing.T) {
	for name, betas := range map[string][]float32{"default": DefaultBetas(), "linear": LinearBetas(10)} {
		if err := (AISConfig{Betas: betas}).Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	betas := DefaultBetas()
	if got, want := len(betas), 14501; got != want {
		t.Fatalf("the default has %d values, want %d", got, want)
	}
	for at, want := range map[int]float32{0: 0, 1: 0.001, 500: 0.5, 501: 0.5001, 4500: 0.9, 4501: 0.90001, 14500: 1} {
		if betas[at] != want {
			t.Errorf("value %d of the default is %v, want %v", at, betas[at], want)
		}
	}
	if got, want := LinearBetas(4), []float32{0, 0.25, 0.5, 0.75, 1}; !slices.Equal(got, want) {
		t.Errorf("linear: got %v, want %v", got, want)
	}
}

func TestAISRefuses(t *testing.T) {
	m := rbmtest.WithBaseRates(rbmtest.RandomModel(t, 3, 2, 1, 1))
	nan := float32(math.NaN())
	for _, tc := range []struct {
		config AISConfig
		want   string
	}{
		{AISConfig{Runs: -1}, "likelihood: Runs is -1, want at least 2, or 0 for 100"},
		{AISConfig{Runs: 1}, "likelihood: Runs is 1, want at least 2, or 0 for 100"},
		{AISConfig{Betas: []float32{}}, "likelihood: Betas has 0 values from [] to [], want at least 2 from 0 to 1"},
		{AISConfig{Betas: []float32{0, 0.5}}, "likelihood: Betas has 2 values from [0] to [0.5], want at least 2 from 0 to 1"},
		{AISConfig{Betas: []float32{0.1, 1}}, "likelihood: Betas has 2 values from [0.1] to [1], want at least 2 from 0 to 1"},
		{AISConfig{Betas: []float32{0, 0.5, 0.4, 1}}, "likelihood: Betas falls from 0.5 to 0.4 at 2, want a rising schedule"},
		{AISConfig{Betas: []float32{0, nan, 1}}, "likelihood: Betas falls from 0 to NaN at 1, want a rising schedule"},
	} {
		if _, err := AIS(context.Background(), m, rbmtest.OpenDevice(t, 1), tc.config); err == nil || err.Error() != tc.want {
			t.Errorf("got error %v, want %q", err, tc.want)
		}
	}
	m.BaseRates = nil
	_, err := AIS(context.Background(), m, rbmtest.OpenDevice(t, 1), AISConfig{})
	if err == nil || !strings.Contains(err.Error(), "no base rates") {
		t.Errorf("without base rates: got error %v", err)
	}
}

func TestAISProgressAndCancel(t *testing.T) {
	m := rbmtest.WithBaseRates(rbmtest.RandomModel(t, 3, 2, 1, 1))
	var seen []int
	anneal(t, m, AISConfig{Runs: 2, Betas: LinearBetas(250), Progress: func(done, total int) { seen = append(seen, done, total) }})
	if want := []int{100, 250, 200, 250, 250, 250}; !slices.Equal(seen, want) {
		t.Errorf("progress: got %v, want %v", seen, want)
	}
	ctx, cancel := context.WithCancel(context.Background())
	_, err := AIS(ctx, m, rbmtest.OpenDevice(t, 1), AISConfig{Progress: func(int, int) { cancel() }})
	if err == nil || !strings.Contains(err.Error(), context.Canceled.Error()) {
		t.Errorf("cancelled: got error %v", err)
	}
}
