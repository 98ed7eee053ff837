package sample

import (
	"context"
	"fmt"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/internal/rbmtest"
)

// TestFeatures: the features of states and of grey rows are the means of the theory. A mean rises by at most a quarter of
// its field's error, and the sigmoid in float32 is within 2⁻²¹.
func TestFeatures(t *testing.T) {
	for _, grey := range []bool{false, true} {
		m := rbmtest.RandomModel(t, 9, 7, 2, 1)
		data := rbmtest.RandomRows(2*graph.EvaluationBatch+203, m.Visible.Len(), grey, true) // more than fit into a batch
		got, err := Features(context.Background(), m, rbmtest.OpenDevice(t, 2), data, dataset.Binarization{Mode: dataset.None}, 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != data.N*m.Hidden.Len() {
			t.Fatalf("got %d features, want %d", len(got), data.N*m.Hidden.Len())
		}
		v := make([]float32, data.V)
		for n := range data.N {
			data.Row(v, n)
			for j, want := range m.MeanHidden(nil, v) {
				rbmtest.Near(t, fmt.Sprintf("grey=%v: row %d, unit %d", grey, n, j), float64(got[n*m.Hidden.Len()+j]), want,
					rbmtest.FieldBound(m, v, j)/4+0x1p-21)
			}
		}
	}
}

func TestFeaturesRefuse(t *testing.T) {
	m := rbmtest.RandomModel(t, 9, 7, 2, 1)
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	for want, tc := range map[string]struct {
		ctx     context.Context
		visible int
	}{
		"sample: features: rows of 8 values for a model of 9 visible units": {context.Background(), 8},
		"sample: features: context canceled":                                {cancelled, 9},
	} {
		rows := rbmtest.RandomRows(3, tc.visible, false, true)
		_, err := Features(tc.ctx, m, rbmtest.OpenDevice(t, 1), rows, dataset.Binarization{Mode: dataset.None}, 1)
		if err == nil || err.Error() != want {
			t.Errorf("got error %v, want %q", err, want)
		}
	}
}
