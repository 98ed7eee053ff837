package likelihood

import (
	"context"
	"math"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm/internal/rbmtest"
)

// TestCoupledAnnealing: the mean weight of runs up and down, with a sweep as their transition, is the ratio of the
// partition functions, and Bennett's estimate from both holds log Z. Each comparison fails a right program with a
// probability of 1e-6.
func TestCoupledAnnealing(t *testing.T) {
	betas := []float32{0, 0.3, 0.3, 1}
	for name, m := range rbmtest.SomeCoupledModels(t, 4, 2, 0.7) {
		checkUnbiasedRuns(t, m, betas, 8000)
		d := rbmtest.OpenDevice(t, 1)
		logZ := rbmtest.LogPartition(t, m)
		samples := rbmtest.DrawStates(4000, m.Visible, rbmtest.VisibleProbabilities(t, m))
		down, err := ReverseAIS(context.Background(), m, d, samples, AISConfig{Betas: betas, Seed: 5})
		if err != nil {
			t.Fatal(err)
		}
		both, err := Bidirectional(context.Background(), m, d, samples, AISConfig{Runs: 4000, Betas: betas, Seed: 5})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range []*Partition{down, both} {
			// The interval is three standard errors; five are exceeded with probability 6e-7. 1e-9 is for roundings.
			width := 5. / 3
			if !(logZ > p.LogZ-width*(p.LogZ-p.Low)-1e-9 && logZ < p.LogZ+width*(p.High-p.LogZ)+1e-9) {
				t.Errorf("%s: %s is %v (%v to %v), want %v", name, p.Method, p.LogZ, p.Low, p.High, logZ)
			}
		}
	}
}

// TestCoupledEvaluation: the free energies and pseudo-likelihoods of rows on a device are the theory's, and the free
// energies of known cells are sums over the states of the missing ones, logs of sums within LogBound on either side.
func TestCoupledEvaluation(t *testing.T) {
	for name, m := range rbmtest.CoupledModels(t, 5, 3, 1) {
		d := rbmtest.OpenDevice(t, 1)
		states := rbmtest.SomeRows(m, 6)
		rows, width := m.Visible.Rows(states), m.Visible.Len()
		got, err := FreeEnergies(context.Background(), m, d, rows, dataset.Binarization{}, 1)
		if err != nil {
			t.Fatal(err)
		}
		pseudo, err := PseudoLikelihoods(context.Background(), m, d, rows, dataset.Binarization{}, 1)
		if err != nil {
			t.Fatal(err)
		}
		holes := wholeUnits(m, withHoles(rows, 0.4))
		known, err := FreeEnergies(context.Background(), m, d, holes, dataset.Binarization{}, 1)
		if err != nil {
			t.Fatal(err)
		}
		for n := range rows.N {
			want := -logKnown(m, knownPattern(m, holes, n))
			rbmtest.Near(t, name+": F of known cells", known[n], want, 4*rbmtest.LogBound(m))
		}
		for n := range rows.N {
			v := states[n*width : (n+1)*width]
			rbmtest.Near(t, name+": F", got[n], m.FreeEnergy(v), rbmtest.FreeEnergyBound(m, v))
			want := 0.0
			for i := 0; i < width; {
				k := m.Visible.Units.Of(i)
				pattern := append([]float32(nil), v...)
				for a := range k.Width() {
					pattern[i+a] = float32(math.NaN())
				}
				_, logs := m.EnumerateGiven(pattern)
				want += logs[k.StateOf(v[i:i+k.Width()])]
				i += k.Width()
			}
			// A sum of at most 5 logs, each from free energies within LogBound.
			rbmtest.Near(t, name+": pseudo-likelihood", pseudo[n], want, 4*5*rbmtest.LogBound(m))
		}
	}
}
