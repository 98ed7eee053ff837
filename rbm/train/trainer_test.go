package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/internal/rbmtest"
)

// deviationTolerance returns five standard errors of the deviation of n normal numbers: the square of a normal number
// has the variance 2, and a root half the relative error. A correct program exceeds it with one of 1.7 million seeds.
func deviationTolerance(deviation float64, n int) float64 {
	return 5 * deviation / math.Sqrt(2*float64(n))
}

// TestRunBegins: weights from N(0, 0.01²), visible biases and offsets from the base
// rates of the states, hidden biases 0 and offsets one half. float32 rounds a rate by 2⁻²⁵ at most, and the offset of a
// unit with the values 0 and 1 is the rate.
func TestRunBegins(t *testing.T) {
	const rateRounding = 0x1p-25 + 1e-15 // and of a mean of 23 numbers in float64
	// The bias is the logit of a rate with one row more of each state (see [rbm.BaseLayer]). The slope of
	// the logit is at most 1/(p(1-p)) = 25·25/24 < 27, at p = 1/25. Biases below 4 round by 2⁻²³.
	const biasRounding = 27*rateRounding + 0x1p-23
	rows := rbmtest.RandomRows(caseRows, caseVisible, true, true)
	for n := range rows.N { // constant columns
		rows.Bytes[n*9], rows.Bytes[n*9+1] = 0, 255
	}
	for _, binarize := range []string{"dynamic", "static", "none", "threshold=0.4"} {
		c := pcdConfig()
		c.Hidden, c.Binarize = 300, binarize
		trainer := newTestTrainer(t, c, &dataset.Set{Train: rows}, 1)
		m, err := trainer.Model()
		if err != nil {
			t.Fatal(err)
		}
		mu := trainer.floats(t, graph.VisibleOffset)
		for i, rate := range rows.Means() {
			if binarize == "threshold=0.4" {
				rate = 0
				for _, v := range floatRows(rows) {
					if v[i] > 0.4 {
						rate += 1 / float64(rows.N)
					}
				}
			}
			rbmtest.Near(t, fmt.Sprint(binarize, ": base rate ", i), float64(m.BaseRates[i]), rate, rateRounding)
			rbmtest.Near(t, fmt.Sprint(binarize, ": offset ", i), float64(mu[i]), rate, rateRounding)
			on := 23*rate + 1
			rbmtest.Near(t, fmt.Sprint(binarize, ": visible bias ", i), float64(m.Visible.Bias[i]), math.Log(on/(25-on)), biasRounding)
		}
		for j, b := range m.Hidden.Bias {
			if lambda := trainer.floats(t, graph.HiddenOffset)[j]; b != 0 || lambda != 0.5 {
				t.Errorf("hidden unit %d begins with bias %v and offset %v, want 0 and 0.5", j, b, lambda)
			}
		}
		rbmtest.Near(t, "weights", rootMeanSquare(m.Weights), 0.01, deviationTolerance(0.01, 9*300))
	}
}

// TestInitialDeviation: the weights begin with the deviation of the configuration.
func TestInitialDeviation(t *testing.T) {
	c := pcdConfig()
	c.Hidden, c.InitialDeviation = 300, 0.2
	m, err := newTestTrainer(t, c, &dataset.Set{Train: rbmtest.RandomRows(caseRows, caseVisible, true, true)}, 1).Model()
	if err != nil {
		t.Fatal(err)
	}
	rbmtest.Near(t, "weights", rootMeanSquare(m.Weights), 0.2, deviationTolerance(0.2, 9*300))
}

// TestBaseRatesAtTheThreshold: a value at the threshold is off, as in the batches.
func TestBaseRatesAtTheThreshold(t *testing.T) {
	rows := &dataset.Rows{N: 2, V: 2, Floats: []float32{0.1, 0.2, 0.1, 0.1}}
	got := rbm.BaseRates(rows, dataset.Binarization{Mode: dataset.Threshold, Threshold: 0.1})
	if want := []float32{0, 0.5}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestTrainStops at the number asked for, at the end of an epoch, at the end of the run,
// and when it is cancelled, and goes on from there.
func TestTrainStops(t *testing.T) {
	c := pcdConfig()
	c.Hidden, c.BatchSize, c.Updates = 2, 10, 5
	trainer := newTestTrainer(t, c, &dataset.Set{Train: rbmtest.RandomRows(23, 4, true, true)}, 1)
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	for _, tc := range []struct {
		ctx                 context.Context
		ask, updates, epoch int
		err                 error
		done                bool
	}{
		{context.Background(), 2, 2, 0, nil, false},
		{context.Background(), 9, 3, 1, nil, false}, // the end of the epoch
		{cancelled, 9, 3, 1, context.Canceled, false},
		{context.Background(), 9, 5, 1, nil, true}, // the end of the run
		{context.Background(), 9, 5, 1, nil, true},
	} {
		err := trainer.Train(tc.ctx, tc.ask)
		updates, total := trainer.Updates()
		if !errors.Is(err, tc.err) || updates != tc.updates || total != 5 || trainer.epoch() != tc.epoch || trainer.Done() != tc.done {
			t.Errorf("asked for %d: got %d of %d updates, epoch %d, done %v, error %v, want %+v",
				tc.ask, updates, total, trainer.epoch(), trainer.Done(), err, tc)
		}
	}
	if got := trainer.EpochUpdates(); got != 3 {
		t.Errorf("an epoch has %d updates, want 3", got)
	}
	c.Updates, c.Epochs = 0, 4
	trainer = newTestTrainer(t, c, &dataset.Set{Train: rbmtest.RandomRows(23, 4, true, true)}, 1)
	if _, total := trainer.Updates(); total != 12 {
		t.Errorf("four epochs have %d updates, want 12", total)
	}
}

// TestBatchIsNeverLargerThanTheData: a batch size above the number of rows makes one batch of all rows an epoch.
func TestBatchIsNeverLargerThanTheData(t *testing.T) {
	c := pcdConfig()
	c.Hidden, c.BatchSize = 2, 1000
	trainer := newTestTrainer(t, c, &dataset.Set{Train: rbmtest.RandomRows(23, 4, true, true)}, 1)
	if trainer.batch != 23 || trainer.EpochUpdates() != 1 {
		t.Errorf("got a batch of %d and %d updates an epoch, want 23 and 1", trainer.batch, trainer.EpochUpdates())
	}
}

// TestNewTrainerRefuses: a number of hidden units out of range, no rows, and rows without weight are errors.
func TestNewTrainerRefuses(t *testing.T) {
	for _, tc := range []struct {
		hidden int
		rows   *dataset.Rows
		want   string
	}{
		{-1, rbmtest.RandomRows(23, 4, true, true),
			"train: Hidden is -1, want at least 1, or 0 to leave it to the data, or for none with couplings"},
		{0, &dataset.Rows{V: 4}, "train: training rows: dataset: 0 rows of 4 columns, want at least 1 of both"},
		{0, &dataset.Rows{N: 1, V: 4, Bytes: make([]uint8, 4), Weights: []float32{0}},
			"train: training rows: dataset: all weights are 0, want a positive one"},
	} {
		c := pcdConfig()
		c.Hidden = tc.hidden
		if _, err := New(c, &dataset.Set{Train: tc.rows}, rbmtest.OpenDevice(t, 1)); err == nil || err.Error() != tc.want {
			t.Errorf("got error %v, want %q", err, tc.want)
		}
	}
}

// TestNewRefusesSets: data sets that are nil or inconsistent, and a device that is nil, are refused.
func TestNewRefusesSets(t *testing.T) {
	rows := rbmtest.RandomRows(23, 4, true, true)
	d := rbmtest.OpenDevice(t, 1)
	c := pcdConfig()
	for want, set := range map[string]*dataset.Set{
		"no data set": nil, "training rows: ": {}, "92 values, want 96": {Train: &dataset.Rows{N: 24, V: 4, Bytes: rows.Bytes}},
		"validation rows: ": {Train: rows, Valid: rbmtest.RandomRows(3, 5, true, true)},
		"weight -2, want":   {Train: rows, Test: &dataset.Rows{N: 1, V: 4, Bytes: make([]uint8, 4), Weights: []float32{-2}}},
	} {
		if _, err := New(c, set, d); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if _, err := New(c, &dataset.Set{Train: rows}, nil); err == nil || err.Error() != "train: no device: nil" {
		t.Errorf("without a device: %v", err)
	}
}

// TestNewChecksRows: rows of any part of the data that the visible units cannot take are refused before the run.
func TestNewChecksRows(t *testing.T) {
	good := func() *dataset.Rows { return &dataset.Rows{N: 2, V: 3, Bytes: []uint8{255, 0, 0, 0, 0, 255}} }
	c := pcdConfig()
	c.VisibleUnits, c.Hidden, c.Binarize = "categorical/3", 2, "none"
	for bad, name := range []string{"training", "validation", "test"} {
		parts := []*dataset.Rows{good(), good(), good()}
		parts[bad].Bytes[4] = 255 // a second state of the unit
		_, err := New(c, &dataset.Set{Train: parts[0], Valid: parts[1], Test: parts[2]}, rbmtest.OpenDevice(t, 1))
		if want := "train: " + name + " rows: row 1: columns 0 to 2"; err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got error %v, want one that begins with %q", err, want)
		}
	}
}

// pcdConfig is the default configuration with persistent contrastive divergence.
func pcdConfig() Config {
	c := DefaultConfig()
	c.Algorithm = "pcd"
	return c
}

// TestOneRowOneChain: a run with one row a batch and one chain makes its updates, by each training graph. Gorgonia could
// take a matrix with one row for a vector.
func TestOneRowOneChain(t *testing.T) {
	for name, tc := range trainingCases() {
		for _, hidden := range []int{1, 5} {
			c := tc.config
			c.BatchSize, c.Hidden, c.Epochs = 1, hidden, 1
			if c.Algorithm != "cd" {
				c.Chains = 1
			}
			got := newTestTrainer(t, c, &dataset.Set{Train: tc.rows(3, hidden)}, 2)
			finish(t, got)
			if done, _ := got.Updates(); done != 3 {
				t.Errorf("%s, %d hidden units: %d updates, want 3", name, hidden, done)
			}
		}
	}
}
