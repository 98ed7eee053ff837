package likelihood

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm"
	"harmonium/rbm/internal/rbmtest"
)

// exactly returns the exact log Z of a model.
func exactly(m *rbm.Model) *Partition {
	logZ := rbmtest.BruteLogPartition(m)
	return &Partition{Method: "exact", LogZ: logZ, Low: logZ, High: logZ}
}

// TestStackBound: the mean over many draws of the hidden states equals the enumerated bound, and is below
// the enumerated log-likelihood. Every row occurs many times, so that the standard error over rows is
// the standard error of the draws. Five standard errors are exceeded with a probability below 1e-6, and there are fewer than
// ten comparisons. The free energies in float32 add less than 1e-4.
func TestStackBound(t *testing.T) {
	stacks := rbmtest.SmallStacks(t)
	stacks["Gaussian units"] = rbm.Stack{realModel(t), rbmtest.RandomModel(t, 4, 3, 1.5, 1)}
	for name, s := range stacks {
		z := exactly(s.Top())
		for k, v := range slices.Collect(slices.Chunk(rbmtest.SomeRows(s[0], 2), s[0].Visible.Len())) {
			rows := s[0].Visible.Rows(slices.Repeat(v, 1500))
			l, err := StackBound(context.Background(), s, rbmtest.OpenDevice(t, 2), rows, StackConfig{Draws: 2, Seed: 7, Partition: z})
			if err != nil {
				t.Fatal(err)
			}
			want, log := s.Bound(v, z.LogZ), s.LogProbability(v, z.LogZ)
			rbmtest.Near(t, fmt.Sprintf("%s, row %d", name, k), l.LogLikelihood, want, 5*l.StandardError+1e-4)
			// Where the bound is loose by more than ten standard errors, its estimate is below log p(v) too.
			if gap := log - want; gap > 10*l.StandardError && l.LogLikelihood > log {
				t.Errorf("%s, row %d: the bound %v exceeds log p(v) %v", name, k, l.LogLikelihood, log)
			}
		}
	}
}

// TestStackBoundIsTight: below its transpose a model has its own log-likelihood, for each draw of the
// hidden states. At most five free energies of a row round by less than 2e-5 each (see rbmtest.FreeEnergyBound).
func TestStackBoundIsTight(t *testing.T) {
	m := rbmtest.RandomModel(t, 6, 4, 1, 1)
	rows := m.Visible.Rows(rbmtest.SomeRows(m, 9))
	rows.Weights = []float32{1, 2, 3, 1, 2, 3, 1, 2, 3}
	var got []Averages
	for _, s := range []rbm.Stack{{m}, {m, m.Transposed()}, {m, m.Transposed(), m}} {
		l, err := StackBound(context.Background(), s, rbmtest.OpenDevice(t, 1), rows, StackConfig{Draws: 1, Partition: exactly(m)})
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, l.Averages, *l.Plain)
	}
	l, err := Evaluate(context.Background(), m, rbmtest.OpenDevice(t, 1), rows, EvaluateConfig{Partition: exactly(m)})
	if err != nil {
		t.Fatal(err)
	}
	for k, averages := range got {
		want := []Averages{l.Averages, *l.Plain}[k%2]
		rbmtest.Near(t, fmt.Sprintf("%d layers", 1+k/2), averages.LogLikelihood, want.LogLikelihood, 1e-4)
	}
}

// TestStackBoundOfGaussians: below its transpose a Gaussian model has its own log-likelihood, as its hidden states are
// real numbers. Three free energies of a row are sums of at most 20 terms in float32 below 8 in size.
func TestStackBoundOfGaussians(t *testing.T) {
	m, d := rbmtest.Gaussians(t, 4, 2), rbmtest.OpenDevice(t, 1)
	values := []float32{0.3, -1, 0.2, 2, 1, 0.5, -0.5, 0}
	logZ := rbmtest.LogPartition(t, m)
	z := &Partition{Method: "exact", LogZ: logZ, Low: logZ, High: logZ}
	s, c := rbm.Stack{m, m.Transposed()}, StackConfig{Draws: 1, Partition: z}
	l, err := StackBound(context.Background(), s, d, m.Visible.Rows(values), c)
	if err != nil {
		t.Fatal(err)
	}
	rbmtest.Near(t, "bound", l.LogLikelihood, m.LogLikelihood(values, logZ), 3*20*8*0x1p-24)
}

func TestStackBoundRefuses(t *testing.T) {
	m := rbmtest.RandomModel(t, 4, 3, 1, 1)
	s, rows := rbm.Stack{m, m.Transposed()}, m.Visible.Rows(rbmtest.SomeRows(m, 2))
	holes := m.Visible.Rows(rbmtest.SomeRows(m, 2))
	holes.Missing = []uint8{255, 0, 0, 0, 0, 0, 0, 0}
	z := exactly(s.Top())
	for want, tc := range map[string]struct {
		s    rbm.Stack
		rows *dataset.Rows
		c    StackConfig
	}{
		"a stack without models":               {nil, rows, StackConfig{Partition: z}},
		"Draws is -1":                          {s, rows, StackConfig{Draws: -1, Partition: z}},
		"no log Z of its last model":           {s, rows, StackConfig{}},
		"rows of 3 values":                     {s, m.Hidden.Rows(make([]float32, 6)), StackConfig{Partition: z}},
		"rows with 1 missing cells, want none": {s, holes, StackConfig{Partition: z}},
	} {
		_, err := StackBound(context.Background(), tc.s, rbmtest.OpenDevice(t, 1), tc.rows, tc.c)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := StackBound(cancelled, s, rbmtest.OpenDevice(t, 1), rows, StackConfig{Partition: z}); err == nil {
		t.Error("cancelled: no error")
	}
}
