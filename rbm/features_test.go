package rbm

import (
	"context"
	"fmt"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm/internal/graph"
)

func TestFeatures(t *testing.T) {
	for _, grey := range []bool{false, true} {
		m := randomModel(t, 9, 7, 2, 1)
		data := randomRows(2*graph.EvaluationBatch+203, m.Visible, grey, true) // more than fit into a batch
		got, err := Features(context.Background(), m, openDevice(t, 2), data, dataset.Binarization{Mode: dataset.None}, 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != data.N*m.Hidden {
			t.Fatalf("got %d features, want %d", len(got), data.N*m.Hidden)
		}
		v := make([]float32, data.V)
		for n := range data.N {
			data.Row(v, n)
			for j, want := range m.MeanHidden(nil, v) {
				near(t, fmt.Sprintf("grey=%v: row %d, unit %d", grey, n, j), float64(got[n*m.Hidden+j]), want,
					fieldBound(m, v, j)/4+0x1p-21)
			}
		}
	}
}

func TestFeaturesRefuse(t *testing.T) {
	m := randomModel(t, 9, 7, 2, 1)
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	for want, tc := range map[string]struct {
		ctx     context.Context
		visible int
	}{
		"rbm: features: rows of 8 values for a model of 9 visible units": {context.Background(), 8},
		"rbm: features: context canceled":                                {cancelled, 9},
	} {
		_, err := Features(tc.ctx, m, openDevice(t, 1), randomRows(3, tc.visible, false, true), dataset.Binarization{Mode: dataset.None}, 1)
		if err == nil || err.Error() != want {
			t.Errorf("got error %v, want %q", err, want)
		}
	}
}
