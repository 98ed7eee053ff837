package rbm_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm"
	"harmonium/rbm/internal/rbmtest"
)

// TestBaseRates: the base rate of a column is the mean of its grey levels, or, with a threshold, the share of rows
// above it.
func TestBaseRates(t *testing.T) {
	rows := &dataset.Rows{N: 4, V: 3, Floats: []float32{
		0, 0.5, 1,
		0, 0.75, 1,
		0, 0.25, 1,
		0.5, 1, 1,
	}}
	for _, c := range []struct {
		mode string
		want []float32 // exact: sums and quotients of powers of two
	}{
		{"none", []float32{0.125, 0.625, 1}},
		{"static", []float32{0.125, 0.625, 1}},
		{"dynamic", []float32{0.125, 0.625, 1}},
		{"threshold", []float32{0, 0.5, 1}},
		{"threshold=0.25", []float32{0.25, 0.75, 1}},
	} {
		b, err := dataset.ParseBinarization(c.mode)
		if err != nil {
			t.Fatal(err)
		}
		if got := rbm.BaseRates(rows, b); !slices.Equal(got, c.want) {
			t.Errorf("%s: base rates %v, want %v", c.mode, got, c.want)
		}
	}
}

// TestBaseLayer: the mean of a unit of two states is Low + (High-Low)(nr + 1)/(n + 2), with the rate r of n rows, and
// the means of a unit of several columns are in the ratios of nr + 1.
func TestBaseLayer(t *testing.T) {
	rates := []float32{0, 1, 0.5, 0.25, 0.125}
	for name, units := range rbmtest.UnitsOf(len(rates)) {
		for _, n := range []int{1, 10, 10000} {
			l := rbm.BaseLayer(units, rates, nil, n)
			fields := make([]float64, l.Len())
			for i, b := range l.Bias {
				fields[i] = float64(b)
			}
			for i, mean := range l.Means(fields) {
				k := units.Of(i)
				low, span := float64(k.Low()), float64(k.High())-float64(k.Low())
				want := low + span*(float64(rates[i])*float64(n)+1)/float64(n+2)
				if k.Several() {
					_, first := units.At(i)
					var total float64
					for _, r := range rates[first : first+k.Width()] {
						total += float64(r)*float64(n) + 1
					}
					want = (float64(rates[i])*float64(n) + 1) / total
				}
				// Each bias of the unit is rounded to float32, and a mean rises by at most span²/4 a field. The mean
				// itself takes fewer than 16 operations of float64.
				biases := math.Abs(float64(l.Bias[i]))
				if k.Several() {
					_, first := units.At(i)
					for _, b := range l.Bias[first : first+k.Width()] {
						biases += math.Abs(float64(b))
					}
				}
				tolerance := 0x1p-24*biases*span*span/4 + 16*rbmtest.U*(math.Abs(low)+span)
				rbmtest.Near(t, fmt.Sprintf("%s, %d rows: unit %d", name, n, i), mean, want, tolerance)
			}
		}
	}
}

// TestLogBasePartition compares with the sum over all states of the base model, whose hidden
// units have no biases and no weights. Both are within LogBound.
func TestLogBasePartition(t *testing.T) {
	for name, m := range rbmtest.OfAllUnits(t, 5, 3, 2, 1) {
		rbmtest.WithBaseRates(m)
		base := &rbm.Model{
			Visible: m.Base(),
			Hidden:  rbm.Layer{Units: m.Hidden.Units, Bias: make([]float32, 3)},
			Weights: make([]float32, 15),
		}
		rbmtest.Near(t, name, m.LogBasePartition(), rbmtest.BruteLogPartition(base), 2*rbmtest.LogBound(base))
	}
}
