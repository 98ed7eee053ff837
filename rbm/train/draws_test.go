package train

import (
	"testing"

	"gorgonia.org/gorgonia"

	"harmonium/dataset"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/internal/rbmtest"
)

// TestDrawsOfAGraphAreDistinct: no two draws of a graph share their random numbers, and no draw
// shares them with the data. Four Gibbs steps have eight draws; pt adds the exchanges, ptt also frozen states.
func TestDrawsOfAGraphAreDistinct(t *testing.T) {
	rows := rbmtest.RandomRows(23, 9, true, true)
	src := graph.NewSource(rows, dataset.Binarization{Mode: dataset.Dynamic}, 10, 1)
	for algorithm, want := range map[string]int{"pcd": 8, "fpcd": 8, "pt": 9, "ptt": 10, "cd": 8} {
		c := pcdConfig()
		c.Hidden, c.Algorithm, c.GibbsSteps, c.BatchSize = 5, algorithm, 4, 10
		rbmtest.WantDistinctDraws(t, algorithm, newTestTrainer(t, c, &dataset.Set{Train: rows}, 1).graph(src), want)
	}
	holes := src
	holes.Fill = 3
	c := pcdConfig()
	c.Hidden, c.Algorithm, c.GibbsSteps, c.BatchSize = 5, "cd", 4, 10
	rbmtest.WantDistinctDraws(t, "cd with missing cells", newTestTrainer(t, c, &dataset.Set{Train: rows}, 1).graph(holes), 8+2*3)
	monitor, _ := monitorGraph(graph.NewBuilder(graph.Layer{Len: 9}, graph.Layer{Len: 5}, 1), src)
	step, _ := stepGraph(graph.NewBuilder(graph.Layer{Len: 9}, graph.Layer{Len: 5}, 1), 3)
	drift, _ := driftGraph(graph.NewBuilder(graph.Layer{Len: 9}, graph.Layer{Len: 5}, 1), 3)
	stage := builder{graph.NewBuilder(graph.Layer{Len: 9}, graph.Layer{Len: 5}, 1)}
	stage.bridgeStage(3)
	for name, g := range map[string]*gorgonia.ExprGraph{"monitor": monitor, "autocorrelation": step, "drift": drift, "stage of a bridge": stage.Graph} {
		rbmtest.WantDistinctDraws(t, name, g, 2)
	}
}
