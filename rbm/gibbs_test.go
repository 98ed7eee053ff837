package rbm

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"harmonium/dataset"
)

// falseAlarm is the probability with which each statistical test of this package fails
// although nothing is wrong, were its seed drawn anew.
const falseAlarm = 1e-6

// chiSquare fails the test if counts of independent draws do not come from p. Cells of
// an expected count below 5 are counted as one.
func chiSquare(t *testing.T, what string, counts []int, p []float64) {
	t.Helper()
	square, limit := chiSquareOf(counts, p)
	if square > limit {
		t.Errorf("%s: chi-square is %v, want at most %v", what, square, limit)
	}
}

func chiSquareOf(counts []int, p []float64) (square, limit float64) {
	var n int
	for _, c := range counts {
		n += c
	}
	cells := -1.0
	var rare, rareExpected float64
	add := func(count, expected float64) {
		square += (count - expected) * (count - expected) / expected
		cells++
	}
	for i, c := range counts {
		if expected := p[i] * float64(n); expected >= 5 {
			add(float64(c), expected)
		} else {
			rare += float64(c)
			rareExpected += expected
		}
	}
	if rareExpected >= 5 {
		add(rare, rareExpected)
	}
	return square, distuv.ChiSquared{K: cells}.Quantile(1 - falseAlarm)
}

// countStates counts rows of units in {0,1} by the number of EnumerateVisible.
func countStates(x []float32, units int) []int {
	counts := make([]int, 1<<units)
	for n := range len(x) / units {
		state := 0
		for i, v := range x[n*units : (n+1)*units] {
			state |= int(v) << i
		}
		counts[state]++
	}
	return counts
}

// visibleProbabilities are the enumerated p(v).
func visibleProbabilities(t *testing.T, m *Model) []float64 {
	var p []float64
	for _, logP := range m.EnumerateVisible(logPartition(t, m)) {
		p = append(p, math.Exp(logP))
	}
	return p
}

// drawStates draws n states of so many units with probabilities p, not by the program's
// own random numbers.
func drawStates(n, units int, p []float64) []float32 {
	r := rand.New(rand.NewPCG(7, uint64(units)))
	x := make([]float32, 0, n*units)
	for range n {
		state, left := 0, r.Float64()
		for left -= p[0]; left > 0 && state < len(p)-1; left -= p[state] {
			state++
		}
		for i := range units {
			x = append(x, float32(state>>i&1))
		}
	}
	return x
}

const manyChains = 8000

// gibbsModels mix within twenty steps: TestChainsReachTheModel would fail otherwise.
func gibbsModels(t *testing.T) []*Model {
	return []*Model{randomModel(t, 6, 5, 1, 1), randomModel(t, 4, 7, 1.5, 0.5), randomModel(t, 7, 2, 2, 1)}
}

// TestChainsReachTheModel starts independent chains at fair coins. After one, three and
// six steps their states have the frequencies that as many enumerated steps give, which
// are not yet those of the model, and after twenty they have those of the model.
func TestChainsReachTheModel(t *testing.T) {
	for i, m := range gibbsModels(t) {
		p := visibleProbabilities(t, m)
		start := RandomVisible(m, manyChains, 1)
		if square, limit := chiSquareOf(countStates(start, m.Visible), p); square < limit {
			t.Errorf("model %d: chi-square of the start is %v, want the test to refuse it above %v", i, square, limit)
		}
		chains, err := NewChains(m, openDevice(t, 2), start, nil, uint64(i))
		if err != nil {
			t.Fatal(err)
		}
		done, reached := 0, fairCoins(m.Visible)
		for _, steps := range []int{1, 3, 6, 20} {
			if err := chains.Run(context.Background(), steps-done); err != nil {
				t.Fatal(err)
			}
			for ; done < steps; done++ {
				reached = m.GibbsStep(reached)
			}
			v, err := chains.Visible()
			if err != nil {
				t.Fatal(err)
			}
			chiSquare(t, fmt.Sprintf("model %d, %d steps", i, steps), countStates(v, m.Visible), reached)
			if steps == 20 {
				chiSquare(t, fmt.Sprint("model ", i), countStates(v, m.Visible), p)
			}
		}
	}
}

// fairCoins are the probabilities of all states of so many units where each is one half.
func fairCoins(units int) []float64 {
	p := make([]float64, 1<<units)
	for n := range p {
		p[n] = 1 / float64(len(p))
	}
	return p
}

// TestChainsStayAtTheModel: the same for one and three steps from exact samples, of
// which most move. The pairs of one state and the next have the enumerated joint
// frequencies too, and so do the means the states were drawn with.
func TestChainsStayAtTheModel(t *testing.T) {
	for i, m := range gibbsModels(t) {
		p := visibleProbabilities(t, m)
		start := drawStates(manyChains, m.Visible, p)
		chains, err := NewChains(m, openDevice(t, 2), start, nil, uint64(i))
		if err != nil {
			t.Fatal(err)
		}
		for _, steps := range []int{1, 2} {
			if err := chains.Run(context.Background(), steps); err != nil {
				t.Fatal(err)
			}
			v, err := chains.Visible()
			if err != nil {
				t.Fatal(err)
			}
			chiSquare(t, fmt.Sprintf("model %d, %d steps more", i, steps), countStates(v, m.Visible), p)
			if steps == 1 {
				chiSquare(t, fmt.Sprintf("model %d, pairs", i), countStates(interleave(start, v, m.Visible), 2*m.Visible), transitions(m, p))
			}
			means, err := chains.MeanVisible()
			if err != nil {
				t.Fatal(err)
			}
			wantDrawnWith(t, fmt.Sprintf("model %d", i), v, means)
		}
	}
}

// interleave puts the rows of y behind those of x.
func interleave(x, y []float32, width int) []float32 {
	var rows []float32
	for n := 0; n < len(x); n += width {
		rows = append(append(rows, x[n:n+width]...), y[n:n+width]...)
	}
	return rows
}

// transitions are the probabilities of a state with p followed by another, Gibbs step
// by Gibbs step from each state alone.
func transitions(m *Model, p []float64) []float64 {
	joint := make([]float64, len(p)*len(p))
	for from := range p {
		start := make([]float64, len(p))
		start[from] = 1
		for to, q := range m.GibbsStep(start) {
			joint[from+to*len(p)] = p[from] * q
		}
	}
	return joint
}

// wantDrawnWith fails the test if the sum of the states is further from that of their
// means than by chance, given the means.
func wantDrawnWith(t *testing.T, what string, states, means []float32) {
	t.Helper()
	var difference, variance float64
	for i, p := range means {
		difference += float64(states[i]) - float64(p)
		variance += float64(p) * (1 - float64(p))
	}
	limit := distuv.UnitNormal.Quantile(1-falseAlarm/2) * math.Sqrt(variance)
	if math.Abs(difference) > limit {
		t.Errorf("%s: states are %v off their means, want within %v", what, difference, limit)
	}
}

// TestClampedChains: units that are held stay as they are, and the others have the
// enumerated frequencies given them.
func TestClampedChains(t *testing.T) {
	nan := float32(math.NaN())
	for i, m := range gibbsModels(t)[:2] {
		row := []float32{1, nan, nan, 0, nan, nan, 1}[:m.Visible]
		pattern := make([]float32, 0, manyChains*m.Visible)
		for range manyChains {
			pattern = append(pattern, row...)
		}
		chains, err := NewChains(m, openDevice(t, 2), RandomVisible(m, manyChains, 1), pattern, 5)
		if err == nil {
			err = chains.Run(context.Background(), 20)
		}
		if err != nil {
			t.Fatal(err)
		}
		v, err := chains.Visible()
		if err != nil {
			t.Fatal(err)
		}
		p := visibleProbabilities(t, m)
		var given float64
		for n, v := range states(m.Visible) {
			for i, fixed := range row {
				if fixed == fixed && v[i] != fixed {
					p[n] = 0
				}
			}
			given += p[n]
		}
		for n := range p {
			p[n] /= given
		}
		counts := countStates(v, m.Visible)
		for n, c := range counts {
			if p[n] == 0 && c > 0 {
				t.Fatalf("model %d: %d chains in state %b, whose held units are others", i, c, n)
			}
		}
		chiSquare(t, fmt.Sprintf("clamped model %d", i), counts, p)
		means, err := chains.MeanVisible()
		if err != nil {
			t.Fatal(err)
		}
		for n, x := range means {
			if fixed := pattern[n]; fixed == fixed && x != fixed {
				t.Fatalf("model %d: the mean of a held unit is %v, want %v", i, x, fixed)
			}
		}
	}
}

// frozen is a run of a model that does not move: its rate is too small for float32.
func frozen(t *testing.T, m *Model, c Config, rows *dataset.Rows) *watched {
	t.Helper()
	c.Hidden, c.LearningRate, c.Schedule, c.Binarize, c.Seed = m.Hidden, 1e-30, "constant", "none", 11
	w := newWatched(t, c, &dataset.Set{Train: rows})
	for name, x := range map[string][]float32{varWeights: m.Weights, varVisibleBias: m.VisibleBias, varHiddenBias: m.HiddenBias} {
		if err := w.state.Set(name, x); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// TestPersistentChains follows the chains of PCD under parameters that stand still.
// They start with all hidden units off. After each update both the visible states of the
// negative phase and the hidden states that the chains keep have the enumerated
// frequencies of as many steps.
func TestPersistentChains(t *testing.T) {
	for i, m := range gibbsModels(t) {
		for _, steps := range []int{1, 3} {
			w := frozen(t, m, Config{Algorithm: "pcd", GibbsSteps: steps, Chains: manyChains, BatchSize: 4, Updates: 3},
				randomRows(4, m.Visible, false, true))
			var p []float64
			for !w.Done() {
				if err := w.Train(context.Background(), 1); err != nil {
					t.Fatal(err)
				}
				for range steps {
					if p == nil {
						p = visibleGivenNothing(m)
					} else {
						p = m.GibbsStep(p)
					}
				}
				_, vm := w.phases(t)
				name := fmt.Sprintf("model %d, update %d of %d steps", i, w.update, steps)
				chiSquare(t, name+", visible", countStates(vm, m.Visible), p)
				chiSquare(t, name+", hidden", countStates(w.floats(t, varChains), m.Hidden), hiddenAfter(m, p))
			}
		}
	}
}

// visibleGivenNothing are the probabilities p(v|h=0).
func visibleGivenNothing(m *Model) []float64 {
	var p []float64
	for _, v := range states(m.Visible) {
		p = append(p, math.Exp(m.LogConditionalVisible(v, make([]float32, m.Hidden))))
	}
	return p
}

// hiddenAfter are the probabilities Σ_v p(h|v) p(v) of the hidden states.
func hiddenAfter(m *Model, p []float64) []float64 {
	q := make([]float64, 1<<m.Hidden)
	for n, v := range states(m.Visible) {
		for k, h := range states(m.Hidden) {
			q[k] += p[n] * math.Exp(m.LogConditionalHidden(h, v))
		}
	}
	return q
}

// TestMeanOfCDGradients compares the mean over 40 gradients of 800 rows each with the
// enumerated expectation: the gradients' own spread gives the standard error of every
// element, and the limit is that of Student's t over all elements (Bonferroni).
func TestMeanOfCDGradients(t *testing.T) {
	const updates, copies = 40, 100
	for i, m := range gibbsModels(t) {
		for _, steps := range []int{1, 2} {
			patterns := randomRows(8, m.Visible, false, true)
			order := make([]int, 0, 8*copies)
			for n := range 8 * copies {
				order = append(order, n%8)
			}
			w := frozen(t, m, Config{Algorithm: "cd", GibbsSteps: steps, BatchSize: len(order), Updates: updates}, patterns.Select(order))
			rows := make([]float32, patterns.N*patterns.V)
			for n := range patterns.N {
				patterns.Row(rows[n*patterns.V:], n)
			}
			want, err := m.ExpectedCDGradient(rows, steps)
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
				g := flat(m.positiveGradient(v).minus(m.positiveGradient(vm)))
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
			limit := student.Quantile(1 - falseAlarm/2/float64(len(sum)))
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

func flat(g *Gradient) []float64 {
	return append(append(append([]float64(nil), g.Weights...), g.VisibleBias...), g.HiddenBias...)
}
