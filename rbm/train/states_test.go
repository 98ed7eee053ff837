package train

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/internal/rbmtest"
	"harmonium/rbm/likelihood"
	"harmonium/rbm/sample"
)

// stateBatch is the number of rows in a batch (chosen). An epoch has three full batches.
const stateBatch = 401

// TestStatesAreTheSameEverywhere: with one seed, chains start from the states of the rows that
// are evaluated. Training uses the same states, unless it draws them anew at every epoch. All
// devices have the same states.
func TestStatesAreTheSameEverywhere(t *testing.T) {
	ctx := context.Background()
	devices := testDevices(t)
	const rows, visible, seed = 3 * stateBatch, 9, 5
	for _, binarize := range []string{"none", "threshold=0.3", "static", "dynamic"} {
		for _, bytes := range []bool{true, false} {
			data := rbmtest.RandomRows(rows, visible, binarize != "none", bytes)
			b, err := dataset.ParseBinarization(binarize)
			if err != nil {
				t.Fatal(err)
			}
			want, err := sample.DataVisible(ctx, devices["cpu"], data, b, nil, rows, seed)
			if err != nil {
				t.Fatal(err)
			}
			for name, d := range devices {
				what := fmt.Sprintf("%s, bytes %v, on %s", binarize, bytes, name)
				got, err := sample.DataVisible(ctx, d, data, b, nil, rows, seed)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(got, want) {
					t.Errorf("%s: other states than on the host", what)
				}
				wantSameEnergies(t, what, d, data, b, seed, want)
				if binarize != "dynamic" {
					wantSameBatches(t, what, d, data, binarize, seed, want)
				}
			}
		}
	}
}

// wantSameEnergies fails the test unless the rows have the free energies of the states.
func wantSameEnergies(t *testing.T, what string, d engine.Device, rows *dataset.Rows, b dataset.Binarization,
	seed uint64, states []float32) {
	t.Helper()
	m := rbmtest.RandomModel(t, rows.V, 7, 1, 1)
	energies := func(rows *dataset.Rows, b dataset.Binarization) []float64 {
		f, err := likelihood.FreeEnergies(context.Background(), m, d, rows, b, seed)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	ofStates := &dataset.Rows{N: rows.N, V: rows.V, Floats: states}
	if !slices.Equal(energies(rows, b), energies(ofStates, dataset.Binarization{Mode: dataset.None})) {
		t.Errorf("%s: the states evaluated differ from the states of chains", what)
	}
}

// wantSameBatches fails the test unless the batches of two epochs of training are the states.
func wantSameBatches(t *testing.T, what string, d engine.Device, rows *dataset.Rows, binarize string,
	seed uint64, states []float32) {
	t.Helper()
	c := pcdConfig()
	c.Hidden, c.BatchSize, c.Epochs, c.Binarize, c.Seed = 3, stateBatch, 2, binarize, seed
	trainer, err := New(c, &dataset.Set{Train: rows}, d)
	if err != nil {
		t.Fatal(err)
	}
	g, v := batchGraph(trainer)
	plan, err := engine.Compile(g.Graph, trainer.state, v)
	if err != nil {
		t.Fatal(err)
	}
	order, batch := make([]int32, rows.N), make([]float32, c.BatchSize*rows.V)
	for !trainer.Done() {
		position := trainer.update % trainer.perEpoch
		if position == 0 {
			engine.Shuffle(order, seed, graph.StreamOrder, trainer.epoch())
		}
		if err := plan.Run(); err != nil {
			t.Fatal(err)
		}
		if err := plan.Read(v, batch); err != nil {
			t.Fatal(err)
		}
		for n, row := range order[position*c.BatchSize : (position+1)*c.BatchSize] {
			if !slices.Equal(batch[n*rows.V:][:rows.V], states[int(row)*rows.V:][:rows.V]) {
				t.Fatalf("%s: update %d trains on another state of row %d than chains start from", what, trainer.update+1, row)
			}
		}
		if err := trainer.Train(context.Background(), 1); err != nil {
			t.Fatal(err)
		}
	}
}

// batchGraph returns a graph of the batch that the next update takes, and changes nothing.
func batchGraph(t *Trainer) (*graph.Builder, *gorgonia.Node) {
	b := graph.NewBuilder(t.visible, t.hidden, t.config.Seed)
	return b, b.Data(graph.NewSource(t.data.Train, t.binarize, t.batch, t.config.Seed))
}
