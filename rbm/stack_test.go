package rbm_test

import (
	"math"
	"testing"

	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/internal/rbmtest"
)

// TestStackOfEnumeration: the probabilities of all visible states of a stack add up to 1, they are the
// sums of the joint probabilities of all layers, and the bound is below each of them. Logs of sums of at most
// 2^8 terms, below 30 in size, and their probabilities round by less than 2^8·2⁻⁵³·30 < 1e-12.
func TestStackOfEnumeration(t *testing.T) {
	for name, s := range rbmtest.SmallStacks(t) {
		logZ := rbmtest.BruteLogPartition(s.Top())
		var total, gap float64
		for _, v := range s[0].Visible.States() {
			log, bound := s.LogProbability(v, logZ), s.Bound(v, logZ)
			total += math.Exp(log)
			gap = max(gap, log-bound)
			if bound > log+2e-12 {
				t.Errorf("%s, %v: the bound %v exceeds log p(v) %v", name, v, bound, log)
			}
			joint := 0.0
			for _, h := range s[0].Hidden.States() {
				above := s[1:]
				term := s[0].LogConditionalVisible(v, h)
				if len(above) == 2 {
					for _, k := range above[0].Hidden.States() {
						joint += math.Exp(term + above[0].LogConditionalVisible(h, k) + above[1].LogMarginalVisible(k, logZ))
					}
				} else {
					joint += math.Exp(term + above[0].LogMarginalVisible(h, logZ))
				}
			}
			rbmtest.Near(t, rbmtest.At(name+": p", v), math.Exp(log), joint, 1e-12)
		}
		rbmtest.Near(t, name+": Σp(v)", total, 1, 1e-12)
		if gap < 1e-4 { // chosen: far above the roundings
			t.Errorf("%s: the bound is at most %v below log p(v), want a model for which it is loose", name, gap)
		}
	}
}

// TestStackOnItsTranspose: a model below its transpose has the probabilities of the model alone, and
// the bound is tight (Hinton, Osindero and Teh 2006, §3), within the roundings of TestStackOfEnumeration.
func TestStackOnItsTranspose(t *testing.T) {
	for name, m := range rbmtest.OfAllUnits(t, 5, 4, 1, 1) {
		s := rbm.Stack{m, m.Transposed()}
		if err := s.Check(); err != nil {
			t.Fatal(err)
		}
		logZ := rbmtest.BruteLogPartition(m)
		for _, v := range m.Visible.States() {
			want := m.LogMarginalVisible(v, logZ)
			rbmtest.Near(t, rbmtest.At(name+": log p", v), s.LogProbability(v, logZ), want, 2e-12)
			rbmtest.Near(t, rbmtest.At(name+": bound", v), s.Bound(v, logZ), want, 2e-12)
		}
	}
}

func TestStackRefuses(t *testing.T) {
	low, high := rbmtest.RandomModel(t, 4, 3, 1, 1), rbmtest.RandomModel(t, 4, 2, 1, 1)
	spin, err := rbm.NewModelOf(engine.NewUnits(kindNamed("spin"), 3), nil, 3, 2)
	if err != nil {
		t.Fatal(err)
	}
	for want, s := range map[string]rbm.Stack{
		"rbm: a stack without models": nil,
		"rbm: model 2 of the stack has 4 visible columns, want 3, the hidden columns of model 1":                {low, high},
		"rbm: model 2 of the stack has the visible units spin:3, want bernoulli:3, the hidden units of model 1": {low, spin},
	} {
		if err := s.Check(); err == nil || err.Error() != want {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
