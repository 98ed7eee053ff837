package sample

import (
	"math"
	"testing"

	"gorgonia.org/gorgonia"

	"harmonium/dataset"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/internal/rbmtest"
)

// TestGraphsAgree compares the plans of this package's graphs with Gorgonia's tape.
func TestGraphsAgree(t *testing.T) {
	const visible, hidden, rows = 9, 6, 8
	m := rbmtest.RandomModel(t, visible, hidden, 1, 1)
	data := rbmtest.RandomRows(32, visible, true, true)
	src := graph.NewSource(data, dataset.Binarization{Mode: dataset.Static}, rows, 4)
	start := RandomVisible(m, rows, 2)
	pattern := make([]float32, rows*visible)
	for i := range pattern {
		pattern[i] = [3]float32{float32(math.NaN()), 0, 1}[i%3]
	}
	for name, build := range map[string]func(b *graph.Builder) []*gorgonia.Node{
		"features": func(b *graph.Builder) []*gorgonia.Node {
			_, means := featuresGraph(b, src)
			return []*gorgonia.Node{means}
		},
		"hidden states": func(b *graph.Builder) []*gorgonia.Node {
			_, states := statesGraph(b, src, 3)
			return []*gorgonia.Node{states}
		},
		"visible states given hidden ones": func(b *graph.Builder) []*gorgonia.Node {
			_, v := visibleGraph(b, rows, false)
			return []*gorgonia.Node{v}
		},
		"chains": func(b *graph.Builder) []*gorgonia.Node {
			_, means := chainGraph(b, rows, false)
			return []*gorgonia.Node{means}
		},
		"clamped chains": func(b *graph.Builder) []*gorgonia.Node {
			_, means := chainGraph(b, rows, true)
			return []*gorgonia.Node{means}
		},
	} {
		variables := map[string]any{graph.Visible: start, graph.Pattern: pattern, graph.Chains: make([]float32, rows*hidden)}
		rbmtest.CheckGraph(t, name, m, nil, data, rbmtest.GraphCase{Build: build, Variables: variables})
	}
}

// TestDrawsAreDistinct: no two draws of a step share their random numbers.
func TestDrawsAreDistinct(t *testing.T) {
	g, _ := chainGraph(graph.NewBuilder(graph.Layer{Len: 9}, graph.Layer{Len: 5}, 1), 3, true)
	rbmtest.WantDistinctDraws(t, "chains", g, 2) // of the hidden and of the visible states
}
