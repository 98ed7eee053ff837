package likelihood

import (
	"context"
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/stat"

	"harmonium/rbm"
	"harmonium/rbm/internal/rbmtest"
)

// TestAISOfRandomMixes: of 20 random mixes of units the intervals of AIS hold the exact log Z in at least 19, and so do
// the intervals of reverse AIS. An interval has three standard errors on each side, so that a right program has two
// misses in 20 with a probability below 0.002. The samples after 50 Gibbs steps or more, of models that mix within ten,
// have the means of the model: each column is off by more than 5 standard errors with a probability below 1e-6.
func TestAISOfRandomMixes(t *testing.T) {
	const runs = 200
	d := rbmtest.OpenDevice(t, 1)
	var hits [2]int // intervals of AIS, and of reverse AIS, that hold log Z
	for n, m := range rbmtest.RandomMixes(t, 20) {
		name := fmt.Sprintf("mix %d, %v beside %v", n, m.Visible.Units, m.Hidden.Units)
		exact := rbmtest.LogPartition(t, m)
		up := anneal(t, m, AISConfig{Runs: runs, Betas: LinearBetas(40), Seed: 1})
		var start []float32
		for range runs {
			start = append(start, anyState(m.Visible)...)
		}
		samples, err := Equilibrate(context.Background(), m, d, start, 50, 2)
		if err != nil {
			t.Fatal(err)
		}
		down, err := ReverseAIS(context.Background(), m, d, samples, AISConfig{Betas: LinearBetas(40), Seed: 3})
		if err != nil {
			t.Fatal(err)
		}
		for k, p := range []*Partition{up, down} {
			if p.Low <= exact && exact <= p.High {
				hits[k]++
			}
			if p.High-p.Low > 0.5 { // six standard errors of 200 weights of a variance below 1.3
				t.Errorf("%s: log Z by %s is between %v and %v, want less than 0.5 between", name, p.Method, p.Low, p.High)
			}
		}
		g, err := m.LogLikelihoodGradient(samples, exact)
		if err != nil {
			t.Fatal(err)
		}
		for i, off := range g.VisibleBias {
			var column []float64
			for k := i; k < len(samples); k += m.Visible.Len() {
				column = append(column, float64(samples[k]))
			}
			if limit := 5 * stat.StdDev(column, nil) / math.Sqrt(runs); math.Abs(off) > limit {
				t.Errorf("%s: the mean of column %d is %v off, want at most %v", name, i, off, limit)
			}
		}
	}
	if hits[0] < 19 || hits[1] < 19 {
		t.Errorf("log Z is in %d intervals of AIS and in %d of reverse AIS, want 19 of 20", hits[0], hits[1])
	}
}

// anyState returns the state of a layer in which each discrete unit has its first state and real ones are 0.
func anyState(l rbm.Layer) []float32 {
	state := make([]float32, l.Len())
	for j := 0; j < l.Len(); {
		k := l.Units.Of(j)
		if !k.Real() {
			k.State(state[j:j+k.Width()], 0)
		}
		j += k.Width()
	}
	return state
}
