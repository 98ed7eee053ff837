package sample

import (
	"context"
	"fmt"
	"math"
	"testing"

	"harmonium/rbm"
	"harmonium/rbm/internal/rbmtest"

	"gonum.org/v1/gonum/stat/distuv"
)

// TestChainsReachTheModel starts independent chains at fair coins. After one, three and six
// steps their states have the enumerated frequencies of that number of steps, which still
// differ from the model's. After twenty steps they have the frequencies of the model.
func TestChainsReachTheModel(t *testing.T) {
	for i, m := range rbmtest.GibbsModels(t) {
		p := rbmtest.VisibleProbabilities(t, m)
		start := RandomVisible(m, rbmtest.ManyChains, 1)
		if square, limit := rbmtest.ChiSquareOf(rbmtest.CountStates(start, m.Visible), p); square < limit {
			t.Errorf("model %d: chi-square of the start is %v, want the test to refuse it above %v", i, square, limit)
		}
		chains, err := NewChains(m, rbmtest.OpenDevice(t, 2), start, nil, uint64(i))
		if err != nil {
			t.Fatal(err)
		}
		done, reached := 0, fairCoins(m.Visible.CountStates())
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
			rbmtest.ChiSquare(t, fmt.Sprintf("model %d, %d steps", i, steps), rbmtest.CountStates(v, m.Visible), reached)
			if steps == 20 {
				rbmtest.ChiSquare(t, fmt.Sprint("model ", i), rbmtest.CountStates(v, m.Visible), p)
			}
		}
	}
}

// fairCoins are the probabilities of all states of independent units without a field.
func fairCoins(states int) []float64 {
	p := make([]float64, states)
	for n := range p {
		p[n] = 1 / float64(len(p))
	}
	return p
}

// TestChainsStayAtTheModel: from exact samples the states after one step, and after two more, have the frequencies of
// the model. The pairs of a start and the state after one step have the enumerated joint frequencies, and the states
// agree with the means from which they were drawn.
func TestChainsStayAtTheModel(t *testing.T) {
	for i, m := range rbmtest.GibbsModels(t) {
		p := rbmtest.VisibleProbabilities(t, m)
		start := rbmtest.DrawStates(rbmtest.ManyChains, m.Visible, p)
		chains, err := NewChains(m, rbmtest.OpenDevice(t, 2), start, nil, uint64(i))
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
			rbmtest.ChiSquare(t, fmt.Sprintf("model %d, %d steps more", i, steps), rbmtest.CountStates(v, m.Visible), p)
			if steps == 1 {
				pairs := rbmtest.CountStates(interleave(start, v, m.Visible.Len()), m.Visible, m.Visible)
				rbmtest.ChiSquare(t, fmt.Sprintf("model %d, pairs", i), pairs, transitions(m, p))
			}
			means, err := chains.MeanVisible()
			if err != nil {
				t.Fatal(err)
			}
			wantDrawnWith(t, fmt.Sprintf("model %d", i), m.Visible, v, means)
		}
	}
}

// interleave puts each row of y behind the same row of x.
func interleave(x, y []float32, width int) []float32 {
	var rows []float32
	for n := 0; n < len(x); n += width {
		rows = append(append(rows, x[n:n+width]...), y[n:n+width]...)
	}
	return rows
}

// transitions are the probabilities of all pairs of a state, with probability p, and the state after a Gibbs step from
// it. The first state is the lower digit of a pair's number.
func transitions(m *rbm.Model, p []float64) []float64 {
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

// wantDrawnWith fails the test if the sum of the states of units of one column is further from the sum of their means
// than by chance. A state in {Low,High} with the mean m has the variance (m-Low)(High-m).
func wantDrawnWith(t *testing.T, what string, l rbm.Layer, states, means []float32) {
	t.Helper()
	var difference, variance float64
	for i, mean := range means {
		k := l.Units.Of(i % l.Len())
		if k.Several() {
			continue
		}
		difference += float64(states[i]) - float64(mean)
		variance += (float64(mean) - float64(k.Low())) * (float64(k.High()) - float64(mean))
	}
	limit := distuv.UnitNormal.Quantile(1-rbmtest.FalseAlarm/2) * math.Sqrt(variance)
	if math.Abs(difference) > limit {
		t.Errorf("%s: states are %v off their means, want within %v", what, difference, limit)
	}
}

// TestClampedChains: clamped units have the values of the pattern, as states and as means, and the others have the
// enumerated frequencies given them, after 20 steps (see rbmtest.GibbsModels). The models are the three of bits.
func TestClampedChains(t *testing.T) {
	nan := float32(math.NaN())
	for i, m := range rbmtest.GibbsModels(t)[:3] {
		row := []float32{1, nan, nan, 0, nan, nan, 1}[:m.Visible.Len()]
		pattern := make([]float32, 0, rbmtest.ManyChains*m.Visible.Len())
		for range rbmtest.ManyChains {
			pattern = append(pattern, row...)
		}
		chains, err := NewChains(m, rbmtest.OpenDevice(t, 2), RandomVisible(m, rbmtest.ManyChains, 1), pattern, 5)
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
		p := rbmtest.VisibleProbabilities(t, m)
		var given float64
		for n, v := range m.Visible.States() {
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
		counts := rbmtest.CountStates(v, m.Visible)
		for n, c := range counts {
			if p[n] == 0 && c > 0 {
				t.Fatalf("model %d: %d chains in state %b, whose clamped units are others", i, c, n)
			}
		}
		rbmtest.ChiSquare(t, fmt.Sprintf("clamped model %d", i), counts, p)
		means, err := chains.MeanVisible()
		if err != nil {
			t.Fatal(err)
		}
		for n, x := range means {
			if fixed := pattern[n]; fixed == fixed && x != fixed {
				t.Fatalf("model %d: the mean of a clamped unit is %v, want %v", i, x, fixed)
			}
		}
	}
}
