package rbm

import (
	"testing"

	"gorgonia.org/gorgonia"

	"harmonium/dataset"
	"harmonium/rbm/internal/graph"
)

// TestGraphsAgree: plans of this package's graphs do what Gorgonia's tape does.
func TestAnnealGraphsAgree(t *testing.T) {
	const visible, hidden, rows = 9, 6, 8
	m := randomModel(t, visible, hidden, 1, 1)
	data := randomRows(32, visible, true, true)
	src := graph.NewSource(data, dataset.Binarization{Mode: dataset.Static}, rows, 4)
	base := SmoothedLogits(offsets(visible, 1), 100)
	variables := map[string]any{
		graph.Visible: RandomVisible(m, rows, 2), graph.Base: base, graph.NoBase: make([]float32, hidden), graph.Betas: []float32{0, 0.2, 0.5, 0.7, 1},
		graph.Chains: make([]float32, rows*hidden), graph.LogWeights: make([]float64, rows),
	}
	for name, build := range map[string]func(b *graph.Builder) []*gorgonia.Node{
		"free energy": func(b *graph.Builder) []*gorgonia.Node {
			_, freeEnergy := freeEnergyGraph(b, src)
			return []*gorgonia.Node{freeEnergy}
		},
		"start of an annealing": func(b *graph.Builder) []*gorgonia.Node {
			annealStartGraph(annealing{b, rows, 5})
			return nil
		},
		"step of an annealing": func(b *graph.Builder) []*gorgonia.Node {
			annealStepGraph(annealing{b, rows, 5})
			return nil
		},
	} {
		testGraph(t, name, m, base, data, graphCase{Build: build, Variables: variables})
	}
}

// TestAnnealDrawsAreDistinct: no two draws of a step share their random numbers, and the
// start of an annealing shares none with its steps.
func TestAnnealDrawsAreDistinct(t *testing.T) {
	step := annealStepGraph(annealing{graph.NewBuilder(9, 5, 1), 3, 4})
	wantDistinctDraws(t, "annealing", step, 2)
	for draw := range draws(t, annealStartGraph(annealing{graph.NewBuilder(9, 5, 1), 3, 4})) {
		if draws(t, step)[draw] != 0 {
			t.Errorf("the start of an annealing draws from %s, and so do its steps", draw)
		}
	}
}
