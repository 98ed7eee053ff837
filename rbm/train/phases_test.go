package train

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"harmonium/dataset"
	"harmonium/rbm"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/internal/rbmtest"
)

// frozenRate is a learning rate at which no weight moves: float32 rounds the moves away.
const frozenRate = 1e-30

// frozen returns a run of a model that does not move.
func frozen(t *testing.T, m *rbm.Model, c Config, rows *dataset.Rows) *watched {
	t.Helper()
	c.Hidden, c.LearningRate, c.Schedule, c.Binarize, c.Seed = m.Hidden.Len(), frozenRate, "constant", "none", 11
	c.VisibleUnits, c.HiddenUnits = m.Visible.Units.String(), m.Hidden.Units.String()
	w := newWatched(t, c, &dataset.Set{Train: rows})
	w.setModel(t, m, "")
	return w
}

// TestPersistentChains follows the chains of PCD under parameters that stand still.
// They start with all hidden units off, or at coin flips. After each update both the visible states of the
// negative phase and the hidden states that the chains keep have the frequencies of as many enumerated Gibbs steps.
// Each comparison has the false-alarm rate rbmtest.FalseAlarm.
func TestPersistentChains(t *testing.T) {
	for i, m := range rbmtest.GibbsModels(t) {
		for _, steps := range []int{1, 3} {
			w := frozen(t, m, Config{Algorithm: "pcd", GibbsSteps: steps, Chains: rbmtest.ManyChains, BatchSize: 4, Updates: 3},
				m.Visible.Rows(rbmtest.SomeRows(m, 4)))
			var p []float64
			for !w.Done() {
				if err := w.Train(context.Background(), 1); err != nil {
					t.Fatal(err)
				}
				for range steps {
					if p == nil {
						p = visibleAtFirst(m)
					} else {
						p = m.GibbsStep(p)
					}
				}
				_, vm := w.phases(t)
				h := w.floats(t, graph.Chains)
				name := fmt.Sprintf("model %d, update %d of %d steps", i, w.update, steps)
				rbmtest.ChiSquare(t, name+", visible", rbmtest.CountStates(vm, m.Visible), p)
				rbmtest.ChiSquare(t, name+", hidden", rbmtest.CountStates(h, m.Hidden), rbmtest.HiddenAfter(m, p))
			}
		}
	}
}

// visibleAtFirst returns the mean of p(v|h) over the hidden states h that chains start from: the state 0 of all units, or
// of units other than the default kind all states alike.
func visibleAtFirst(m *rbm.Model) []float64 {
	starts := [][]float32{make([]float32, m.Hidden.Len())}
	if !m.Hidden.Units.Default() {
		starts = nil
		for _, h := range m.Hidden.States() {
			starts = append(starts, slices.Clone(h))
		}
	}
	p := make([]float64, m.Visible.CountStates())
	for _, h := range starts {
		for n, v := range m.Visible.States() {
			p[n] += math.Exp(m.LogConditionalVisible(v, h)) / float64(len(starts))
		}
	}
	return p
}

// TestMeanOfCDGradients compares the mean over 40 gradients of 800 rows each with the
// enumerated expectation: the gradients' own spread gives the standard error of every
// element, and the limit is a quantile of Student's t for all elements (Bonferroni), with the false-alarm rate
// rbmtest.FalseAlarm for each model. Of the random mixes of units those without real states take part, by CD-1.
func TestMeanOfCDGradients(t *testing.T) {
	const updates, patternCount, copies = 40, 8, 100
	models := rbmtest.GibbsModels(t)
	mixes := len(models)
	for _, m := range rbmtest.RandomMixes(t, 20) {
		if !m.Visible.Units.Real() && !m.Hidden.Units.Real() {
			models = append(models, m)
		}
	}
	for i, m := range models {
		for _, steps := range []int{1, 2} {
			if steps == 2 && i >= mixes {
				continue
			}
			patterns := rbmtest.SomeRows(m, patternCount)
			order := make([]int, 0, patternCount*copies)
			for n := range patternCount * copies {
				order = append(order, n%patternCount)
			}
			c := Config{Algorithm: "cd", GibbsSteps: steps, BatchSize: len(order), Updates: updates}
			w := frozen(t, m, c, m.Visible.Rows(patterns).Select(order))
			want, err := m.ExpectedCDGradient(patterns, steps)
			if err != nil {
				t.Fatal(err)
			}
			var sum, squares []float64
			for range updates {
				if err := w.makeUpdate(); err != nil {
					t.Fatal(err)
				}
				v, vm := w.phases(t)
				if err := w.beginEpoch(); err != nil {
					t.Fatal(err)
				}
				g := flat(difference(m.PositivePhase(v), m.PositivePhase(vm)))
				if sum == nil {
					sum, squares = make([]float64, len(g)), make([]float64, len(g))
				}
				for k, x := range g {
					d := x - flat(want)[k]
					sum[k] += d
					squares[k] += d * d
				}
			}
			student := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: updates - 1}
			limit := student.Quantile(1 - rbmtest.FalseAlarm/2/float64(len(sum)))
			for k, s := range sum {
				mean := s / updates
				spread := math.Sqrt((squares[k]/updates - mean*mean) / (updates - 1))
				if !(math.Abs(mean) <= limit*spread) {
					t.Errorf("model %d, CD-%d, element %d: the mean is %v off, want at most %v of %v standard errors",
						i, steps, k, mean, limit, spread)
				}
			}
		}
	}
}

// flat lists all elements of a gradient.
func flat(g *rbm.Gradient) []float64 {
	return append(append(append([]float64(nil), g.Weights...), g.VisibleBias...), g.HiddenBias...)
}
