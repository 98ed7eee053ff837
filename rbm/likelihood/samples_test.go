package likelihood

import (
	"context"
	"math"
	"slices"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm"
	"harmonium/rbm/internal/rbmtest"
)

// TestResampled: the indices of equal weights, of one weight, and of uneven ones. The logs are raised by 700, where plain
// weights are near the largest float64.
func TestResampled(t *testing.T) {
	log := func(weights ...float64) (logs []float64) {
		for _, w := range weights {
			logs = append(logs, math.Log(w)+700)
		}
		return logs
	}
	for _, tc := range []struct {
		weights []float64
		want    []int
	}{
		{log(1, 1, 1, 1), []int{0, 1, 2, 3}},
		{log(0, 0, 5, 0), []int{2, 2, 2, 2}},
		{log(1.2, 2.8, 4, 0), []int{0, 1, 2, 2}}, // at 1/2, 3/2, 5/2 and 7/2 of 0.6, 2, 4 and 4
		{log(2), []int{0}},
	} {
		if got := resampled(tc.weights); !slices.Equal(got, tc.want) {
			t.Errorf("%v: got %v, want %v", tc.weights, got, tc.want)
		}
	}
}

// twoModes is a model of two patterns, all 0 and all 1, that Gibbs steps do not connect.
func twoModes() *rbm.Model {
	const n = 12
	m, err := rbm.NewModelOf(nil, nil, n, 1)
	if err != nil {
		panic(err)
	}
	for i := range m.Weights {
		m.Weights[i], m.Visible.Bias[i] = 12, -6
	}
	m.Hidden.Bias[0] = -6 * n
	m.BaseRates = slices.Repeat([]float32{0.5}, n)
	return m
}

// TestAnnealedSamples: both modes have the probability 1/2. The number of samples in one of them
// lies within 3.5 standard deviations of half. Resampling divides the number of independent samples by n/ESS, which
// is below 2 here, and the steps stay in a mode. A false alarm has the probability 5e-4.
func TestAnnealedSamples(t *testing.T) {
	m := twoModes()
	const n = 400
	states, effective, err := AnnealedSamples(context.Background(), m, rbmtest.OpenDevice(t, 2), n, 3)
	if err != nil {
		t.Fatal(err)
	}
	if effective < n/2 {
		t.Errorf("an effective sample size of %v, want at least half of %d samples", effective, n)
	}
	ones := 0
	for i := range n {
		if row := states[i*12 : (i+1)*12]; row[0]+row[5]+row[11] >= 2 {
			ones++
		}
	}
	if deviation := math.Sqrt(2 * n / 4); math.Abs(float64(ones)-n/2) > 3.5*deviation {
		t.Errorf("%d of %d samples are in one of two modes, want half within %.0f", ones, n, 3.5*deviation)
	}
	m.BaseRates = nil
	if _, _, err := AnnealedSamples(context.Background(), m, rbmtest.OpenDevice(t, 1), n, 3); err == nil {
		t.Error("a model without base rates is no error")
	}
}

// TestCheckSamples: the samples of a model of two modes do not differ from rows of both modes, and differ from rows that
// are all 1, with held-out rows and without. One cell in 37 is flipped to 0, so that columns have a spread. The seed is
// fixed, and its rate of false alarms not derived.
func TestCheckSamples(t *testing.T) {
	m, device := twoModes(), rbmtest.OpenDevice(t, 2)
	// Rows are of the mode of ones and of the mode of zeros in turn, or of the first alone.
	rows := func(n, modes int) *dataset.Rows {
		r := &dataset.Rows{N: n, V: 12, Floats: make([]float32, n*12)}
		for i := range n {
			for j := range 12 {
				if i%modes == 0 && (i+j)%37 != 0 {
					r.Floats[i*12+j] = 1
				}
			}
		}
		return r
	}
	for _, withTest := range []bool{true, false} {
		for modes, differ := range map[int]bool{2: false, 1: true} {
			var test *dataset.Rows
			if withTest {
				test = rows(600, modes)
			}
			c, err := CheckSamples(context.Background(), m, device, rows(1000, modes), test, dataset.Binarization{}, 1)
			if err != nil {
				t.Fatal(err)
			}
			if c.Differ() != differ {
				t.Errorf("held-out rows %v, %d modes: %+v, want a difference: %v", withTest, modes, c, differ)
			}
		}
	}
}
