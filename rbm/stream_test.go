package rbm

import (
	"fmt"
	"testing"

	"gorgonia.org/gorgonia"

	"harmonium/dataset"
	"harmonium/engine"
)

// draws lists the streams and steps that the draws of a graph name, each as often as it
// is drawn from.
func draws(t *testing.T, g *gorgonia.ExprGraph) map[string]int {
	t.Helper()
	count := map[string]int{}
	for _, n := range g.AllNodes() {
		op, ok := n.Op().(engine.Op)
		if !ok {
			continue
		}
		switch b := op.Body.(type) {
		case engine.Sample:
			count[fmt.Sprintf("stream %d, step %d", b.Stream, b.Step)]++
		case engine.Swap:
			count[fmt.Sprintf("stream %d, step 0", b.Stream)]++
		case engine.PseudoLikelihood:
			count[fmt.Sprintf("stream %d, step 0", b.Stream)]++
		}
	}
	return count
}

// TestDrawsOfAGraphAreDistinct: no two draws share their random numbers, nor do they share
// those of the data, and the start of an annealing shares none with its steps.
func TestDrawsOfAGraphAreDistinct(t *testing.T) {
	rows := randomRows(23, 9, true, true)
	src := newSource(rows, dataset.Binarization{}, 10, 1)
	graphs := map[string]*gorgonia.ExprGraph{}
	wanted := map[string]int{"monitor": 2, "chains": 2, "annealing": 2, "autocorrelation": 2, "drift": 2, "overlap": 2}
	for _, algorithm := range []string{"pcd", "fpcd", "pt", "ptt", "cd"} {
		c := DefaultConfig()
		c.Hidden, c.Algorithm, c.GibbsSteps, c.BatchSize = 5, algorithm, 4, 10
		graphs[algorithm] = newTestTrainer(t, c, &dataset.Set{Train: rows}, 1).graph(src)
		wanted[algorithm] = 8
		switch algorithm {
		case "pt":
			wanted[algorithm]++
		case "ptt":
			wanted[algorithm] += 2
		}
	}
	graphs["monitor"], _ = monitorGraph(newBuilder(9, 5, 1), src)
	graphs["autocorrelation"], _ = stepGraph(newBuilder(9, 5, 1), 3)
	graphs["drift"], _ = driftGraph(newBuilder(9, 5, 1), 3)
	graphs["overlap"], _ = overlapGraph(trainBuilder{newBuilder(9, 5, 1)}, 30, 3)
	graphs["chains"], _ = chainGraph(newBuilder(9, 5, 1), 3, true)
	graphs["annealing"] = annealStepGraph(annealing{newBuilder(9, 5, 1), 3, 4})
	for name, g := range graphs {
		count := draws(t, g)
		if len(count) != wanted[name] {
			t.Errorf("%s: %d draws, want %d: %v", name, len(count), wanted[name], count)
		}
		for draw, n := range count {
			if n != 1 || draw == fmt.Sprintf("stream %d, step 0", streamData) {
				t.Errorf("%s: %d draws from %s, want one, and not the data's", name, n, draw)
			}
		}
	}
	for draw := range draws(t, annealStartGraph(annealing{newBuilder(9, 5, 1), 3, 4})) {
		if draws(t, graphs["annealing"])[draw] != 0 {
			t.Errorf("the start of an annealing draws from %s, and so do its steps", draw)
		}
	}
}
