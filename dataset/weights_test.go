package dataset

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// TestWeightedMeans: a row of weight 2 counts as the row twice, a row of weight 0 not at all, and the
// scale of the weights does not matter.
func TestWeightedMeans(t *testing.T) {
	a, b, c := []float32{1, 0, 0.5}, []float32{0, 0.25, 1}, []float32{1, 1, 1}
	// The tolerances are u = 2⁻⁵³ times the number of roundings. A value of a weighted mean of at most 1 has two in its
	// sums and one each in its quotient and in the mean that is wanted; the mean of bytes has one in 51/255 too, and its
	// five are at most 0.4u each. A sum of two weights has one rounding and its square 3, the two squares and their sum 2, and the
	// quotient and 9/5 one each: 7.
	const u = 0x1p-53
	for _, factor := range []float32{1, 1e-20, 1e25} {
		weighted := &Rows{N: 3, V: 3, Floats: slices.Concat(a, b, c), Weights: []float32{2 * factor, factor, 0}}
		repeated := &Rows{N: 3, V: 3, Floats: slices.Concat(a, a, b)}
		got, want := weighted.WeightedMeans(), repeated.WeightedMeans()
		for i := range want {
			if math.Abs(got[i]-want[i]) > 4*u {
				t.Errorf("factor %v: mean %d is %v, want %v", factor, i, got[i], want[i])
			}
		}
		if got, want := weighted.RelativeWeights(), []float32{2, 1, 0}; !slices.Equal(got, want) {
			t.Errorf("factor %v: relative weights %v, want %v", factor, got, want)
		}
		if got := weighted.EffectiveRows(); math.Abs(got-9./5) > 7*u*9/5 {
			t.Errorf("factor %v: %v effective rows, want 1.8", factor, got)
		}
	}
	bytes := &Rows{N: 2, V: 1, Bytes: []uint8{51, 255}, Weights: []float32{3, 1}}
	if got := bytes.WeightedMeans()[0]; math.Abs(got-0.4) > 4*u {
		t.Errorf("mean of bytes is %v, want 0.4", got)
	}
}

// TestWeightsChecked: bad weights are an error, and weights are part of the fingerprint.
func TestWeightsChecked(t *testing.T) {
	nan := float32(math.NaN())
	rows := func(weights ...float32) *Rows { return &Rows{N: 2, V: 1, Bytes: []uint8{0, 255}, Weights: weights} }
	for _, tc := range []struct {
		weights []float32
		want    string // part of the error; empty for none
	}{
		{[]float32{0, 1}, ""},
		{[]float32{1, -1}, "row 2: weight -1, want a number of at least 0"},
		{[]float32{1, 1e31}, "row 2: weight 1e+31, want a number of at least 0 and at most 1e+30"},
		{[]float32{nan, 1}, "row 1: weight NaN"},
		{[]float32{1, float32(math.Inf(1))}, "row 2: weight +Inf"},
		{[]float32{0, 0}, "all weights are 0"},
	} {
		err := rows(tc.weights...).Validate()
		if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("weights %v: got error %v, want %q", tc.weights, err, tc.want)
		}
	}
	sums := map[string]bool{(&Rows{N: 2, V: 1, Bytes: []uint8{0, 255}}).Fingerprint(): true, rows(1, 1).Fingerprint(): true,
		rows(1, 2).Fingerprint(): true}
	if len(sums) != 3 {
		t.Errorf("%d fingerprints of rows without weights and with two kinds of weights, want 3", len(sums))
	}
}
