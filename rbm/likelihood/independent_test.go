package likelihood

import (
	"context"
	"math"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm"
	"harmonium/rbm/internal/rbmtest"
)

// TestIndependent: rows under independent units have the log-likelihood of a model without weights,
// for units of all kinds, for states and for drawn states.
func TestIndependent(t *testing.T) {
	device := rbmtest.OpenDevice(t, 2)
	for name, m := range rbmtest.OfAllUnits(t, 7, 4, 1, 1) {
		for i := range m.Weights {
			m.Weights[i] = 0
		}
		for _, grey := range []bool{false, true} {
			rows, binarize := m.Visible.Rows(rbmtest.SomeRows(m, 611)), dataset.Binarization{}
			if grey {
				if m.Visible.Units.Several() {
					continue // its rows are states
				}
				rows, binarize.Mode = rbmtest.RandomRows(611, 7, true, true), dataset.Static
			}
			base := rbm.BaseLayer(m.Visible.Units, rbm.BaseRates(rows, binarize), nil, rows.N)
			m.Visible = base
			e, err := Evaluate(context.Background(), m, device, rows, EvaluateConfig{Method: "exact", Binarize: binarize, Seed: 4})
			if err != nil {
				t.Fatal(err)
			}
			got, err := Independent(context.Background(), device, base, rows, binarize, 4)
			if err != nil {
				t.Fatal(err)
			}
			// The means of 7 columns are rounded to float32, within 2⁻²⁴, and biases are at most log(612). A factor of 4 is
			// chosen for the sums of means in a batch and for the roundings of free energies, whose mean over 611 rows is small.
			if math.Abs(got-e.LogLikelihood) > 7*math.Log(612)*0x1p-22 {
				t.Errorf("%s, grey %v: got %v, want %v", name, grey, got, e.LogLikelihood)
			}
		}
	}
	narrow := rbm.Layer{Bias: make([]float32, 3)}
	_, err := Independent(context.Background(), device, narrow, rbmtest.RandomRows(2, 7, false, true), dataset.Binarization{}, 1)
	if err == nil {
		t.Error("rows of 7 values for 3 units are no error")
	}
}

// TestStanding: exact log-likelihoods beside the one of independent units, then intervals around it.
func TestStanding(t *testing.T) {
	for _, tc := range []struct {
		value, low, high, independent float64
		want                          Standing
		phrase                        string
	}{
		{-5, -5, -5, -5.03, Better, "better than independent units by 0.03 nats"},
		{-5, -5, -5, -5.01, Alike, "no better than independent units"},
		{-5, -5, -5, -4.99, Alike, "no better than independent units"},
		{-5, -5, -5, -4.9, Worse, "worse than independent units by 0.10 nats"},
		{-5, -6, -4.5, -5.9, Alike, "no better than independent units"},
		{-5, -6, -4.5, -6.1, Better, "better than independent units by 1.10 nats"},
		{-5, -6, -4.5, -4.4, Worse, "worse than independent units by 0.60 nats"},
		{-5, math.Inf(-1), -4.5, -100, Alike, "no better than independent units"},
		{-5, -6, math.Inf(1), -1, Alike, "no better than independent units"},
	} {
		got := StandingOf(tc.value, tc.low, tc.high, tc.independent)
		if phrase := got.Phrase(tc.value - tc.independent); got != tc.want || phrase != tc.phrase {
			t.Errorf("%v (%v to %v) beside %v: %v, %q, want %v, %q",
				tc.value, tc.low, tc.high, tc.independent, got, phrase, tc.want, tc.phrase)
		}
	}
}
