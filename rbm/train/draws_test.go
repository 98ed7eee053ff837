package train

import (
	"testing"

	"gorgonia.org/gorgonia"

	"harmonium/dataset"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/internal/rbmtest"
)

// TestDrawsOfAGraphAreDistinct: no two draws of a graph share their random numbers, and no draw
// shares them with the data. Four Gibbs steps draw each layer four times. pt adds the exchanges, and ptt exchanges and
// visible states of the frozen model. Each of three steps that fill missing cells draws each layer once.
func TestDrawsOfAGraphAreDistinct(t *testing.T) {
	rows := rbmtest.RandomRows(caseRows, caseVisible, true, true)
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
	cd := newTestTrainer(t, c, &dataset.Set{Train: rows}, 1)
	rbmtest.WantDistinctDraws(t, "cd with missing cells", cd.graph(holes), 8+2*3)

	newBuilder := func() *graph.Builder { return graph.NewBuilder(graph.Layer{Len: 9}, graph.Layer{Len: 5}, 1) }
	monitor, _ := monitorGraph(newBuilder(), src)
	step, _ := stepGraph(newBuilder(), 3)
	drift, _ := driftGraph(newBuilder(), 3)
	stage := builder{newBuilder()}
	stage.bridgeStage(3)
	for name, g := range map[string]*gorgonia.ExprGraph{
		"monitor": monitor, "autocorrelation": step, "drift": drift, "stage of a bridge": stage.Graph,
	} {
		rbmtest.WantDistinctDraws(t, name, g, 2)
	}
}
