package sample

import (
	"context"
	"math"
	"slices"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm/internal/rbmtest"
)

// TestDataVisibleDraws: of 4000 rows of the grey levels 0.2 and 0.9, every mode of binarization draws states at these
// rates, also the mode that keeps grey levels. A count lies within 5 standard deviations but for one seed in a million.
func TestDataVisibleDraws(t *testing.T) {
	const n = 4000
	means := []float32{0.2, 0.9}
	rows := &dataset.Rows{N: n, V: 2, Floats: slices.Repeat(means, n)}
	for _, mode := range []dataset.Mode{dataset.Dynamic, dataset.Static, dataset.None} {
		states, err := DataVisible(context.Background(), rbmtest.OpenDevice(t, 2), rows, dataset.Binarization{Mode: mode}, nil, n, 1)
		if err != nil {
			t.Fatal(err)
		}
		var counts [2]float64
		for i, s := range states {
			counts[i%2] += float64(s)
		}
		for i, p := range means {
			mean, variance := n*float64(p), n*float64(p)*(1-float64(p))
			if d := counts[i] - mean; d*d > 25*variance {
				t.Errorf("column %d: got %v ones of %d, want %v ± %v", i, counts[i], n, mean, 5*math.Sqrt(variance))
			}
		}
	}
}

// TestDataVisibleSpreads: rows in equal distances, repeated ones where there are too few, and weighted rows in proportion
// to their weights.
func TestDataVisibleSpreads(t *testing.T) {
	d := rbmtest.OpenDevice(t, 1)
	rows := &dataset.Rows{N: 4, V: 1, Floats: []float32{0, 1, 1, 0}}
	none := dataset.Binarization{Mode: dataset.None}
	for n, want := range map[int][]float32{1: {0}, 2: {0, 1}, 4: {0, 1, 1, 0}, 6: {0, 0, 1, 1, 1, 0}} {
		got, err := DataVisible(context.Background(), d, rows, none, nil, n, 1)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%d states: got %v, %v, want %v", n, got, err, want)
		}
	}
	weighted := &dataset.Rows{N: 4, V: 1, Floats: []float32{0, 1, 1, 0}, Weights: []float32{0, 3, 0, 1}}
	for n, want := range map[int][]float32{1: {1}, 4: {1, 1, 1, 0}, 6: {1, 1, 1, 1, 1, 0}} {
		got, err := DataVisible(context.Background(), d, weighted, none, nil, n, 1)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%d states of weighted rows: got %v, %v, want %v", n, got, err, want)
		}
	}
	// The share of ones is 3/4. It lies within five standard deviations but for one seed in a million.
	got, err := ResampledVisible(context.Background(), d, weighted, none, nil, 4000, 1)
	if err != nil {
		t.Fatal(err)
	}
	var ones float64
	for _, x := range got {
		ones += float64(x)
	}
	if d := ones - 3000; d*d > 25*4000*3./16 {
		t.Errorf("%v ones of 4000 resampled rows, want 3000 ± %v", ones, 5*math.Sqrt(750))
	}
	if _, err := DataVisible(context.Background(), d, rows, none, nil, 0, 1); err == nil {
		t.Error("no states: no error")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := DataVisible(ctx, d, rows, none, nil, 2, 1); err == nil {
		t.Error("a context that has ended: no error")
	}
}
