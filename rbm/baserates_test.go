package rbm_test

import (
	"slices"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm"
)

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
