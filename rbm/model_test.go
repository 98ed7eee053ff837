package rbm_test

import (
	"slices"
	"testing"

	"harmonium/rbm"
)

func TestHiddenNorms(t *testing.T) {
	m, err := rbm.NewModel(2, 3)
	if err != nil {
		t.Fatal(err)
	}
	m.Weights = []float32{3, 0, -5, 4, 0, 12}
	if got, want := m.HiddenNorms(), []float64{5, 0, 13}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
