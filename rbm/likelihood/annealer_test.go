package likelihood

import (
	"fmt"
	"testing"

	"gorgonia.org/gorgonia"

	"harmonium/dataset"
	"harmonium/rbm"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/internal/rbmtest"
	"harmonium/rbm/sample"
)

// TestGraphsAgree compares the plans of this package's graphs with Gorgonia's tape.
func TestGraphsAgree(t *testing.T) {
	const visible, hidden, rows = 9, 6, 8
	m := rbmtest.RandomModel(t, visible, hidden, 1, 1)
	data := rbmtest.RandomRows(32, visible, true, true)
	src := graph.NewSource(data, dataset.Binarization{Mode: dataset.Static}, rows, 4)
	base := rbm.BaseLayer(nil, rbmtest.Offsets(visible, 1), nil, 100).Bias
	variables := map[string]any{
		graph.Visible: sample.RandomVisible(m, rows, 2), graph.Base: base, graph.NoBase: make([]float32, hidden),
		graph.Betas:  []float32{0, 0.2, 0.5, 0.7, 1},
		graph.Chains: make([]float32, rows*hidden), graph.LogWeights: make([]float64, rows),
		graph.Known: sample.RandomVisible(m, rows, 3), graph.Free: sample.RandomVisible(m, rows, 4),
	}
	builds := map[string]func(b *graph.Builder) []*gorgonia.Node{
		"free energy": func(b *graph.Builder) []*gorgonia.Node {
			_, freeEnergy := freeEnergyGraph(b, src)
			return []*gorgonia.Node{freeEnergy}
		},
	}
	for _, clamped := range []bool{false, true} {
		builds[fmt.Sprintf("start of an annealing, clamped %v", clamped)] = func(b *graph.Builder) []*gorgonia.Node {
			annealStartGraph(annealing{b, rows, 5, clamped, false})
			return nil
		}
		builds[fmt.Sprintf("step of an annealing, clamped %v", clamped)] = func(b *graph.Builder) []*gorgonia.Node {
			annealStepGraph(annealing{b, rows, 5, clamped, false})
			return nil
		}
	}
	for name, build := range builds {
		rbmtest.CheckGraph(t, name, m, base, data, rbmtest.GraphCase{Build: build, Variables: variables})
	}
}

// TestDrawsAreDistinct: no two draws of a step share their random numbers, and the
// start of an annealing shares none with its steps.
func TestDrawsAreDistinct(t *testing.T) {
	setting := func() annealing {
		return annealing{graph.NewBuilder(graph.Layer{Len: 9}, graph.Layer{Len: 5}, 1), 3, 4, false, false}
	}
	step := annealStepGraph(setting())
	rbmtest.WantDistinctDraws(t, "annealing", step, 2) // of the hidden and of the visible states
	for draw := range rbmtest.Draws(t, annealStartGraph(setting())) {
		if rbmtest.Draws(t, step)[draw] != 0 {
			t.Errorf("the start of an annealing draws from %s, and so do its steps", draw)
		}
	}
}
