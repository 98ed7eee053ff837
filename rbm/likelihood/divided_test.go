package likelihood

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/internal/rbmtest"
)

// dividedModels are models of mixed units, of real ones, and with couplings. All have base rates.
func dividedModels(t *testing.T) map[string]*rbm.Model {
	return map[string]*rbm.Model{
		"mixed":        rbmtest.WithBaseRates(rbmtest.OfAllUnits(t, 6, 4, 1, 1)["6x4, mixed by mixed, weights to 1"]),
		"coupled":      rbmtest.WithBaseRates(rbmtest.SomeCoupledModels(t, 6, 4, 0.5)["mixed"]),
		"hidden reals": rbmtest.HiddenReals(t),
		"real":         realModel(t),
	}
}

// TestEvaluationsAreDividedAmongRanks: log Z, log-likelihoods and samples are the same bits on any number of
// ranks. The 1003 rows make three batches, the last of them short; the 3 runs of RAISE from one row are fewer than 5
// ranks.
func TestEvaluationsAreDividedAmongRanks(t *testing.T) {
	ctx, none := context.Background(), dataset.Binarization{Mode: dataset.None}
	var classified atomic.Bool
	for name, m := range dividedModels(t) {
		states := rbmtest.SomeRows(m, 1003)
		rows := m.Visible.Rows(states)
		few := m.Visible.Rows(states[:7*6])
		ais := AISConfig{Runs: 7, Betas: LinearBetas(5), Seed: 3}
		rbmtest.SameOnRanks(t, name, func(d engine.Device) (string, error) {
			var text strings.Builder
			note := func(x any, err error) error {
				fmt.Fprintf(&text, "%+v\n", x)
				return err
			}
			logZ, err := m.LogPartition(ctx, rbm.PartitionConfig{Threads: 1, Ranks: engine.Divided(d)})
			if err := note(logZ, err); err != nil {
				return "", err
			}
			c := ReportConfig{AIS: ais, BurnIn: 3, Shorter: 1, Auto: true}
			report, err := ReportLogPartition(ctx, m, d, c)
			if err != nil {
				return "", err
			}
			for _, at := range report.Comparisons {
				note(fmt.Sprintf("%+v %+v %+v %+v", *at.Forward, *at.Reverse, *at.Bennett, *at.Equilibrium), nil)
			}
			low := ais
			low.Runs = 3
			conservative, err := RAISE(ctx, m, d, states[:6], low)
			if err := note(conservative, err); err != nil {
				return "", err
			}
			energies, err := FreeEnergies(ctx, m, d, rows, none, 1)
			if err := note(energies, err); err != nil {
				return "", err
			}
			for _, g := range m.Visible.Units {
				if !g.Kind.Several() {
					continue
				}
				logs, err := LogClasses(ctx, m, d, rows, g.From, g.Kind.Width(), none, 1)
				if err := note(logs, err); err != nil {
					return "", err
				}
				classified.Store(true)
			}
			if !m.Visible.Units.Real() {
				logs, err := PseudoLikelihoods(ctx, m, d, few, none, 1)
				if err := note(logs, err); err != nil {
					return "", err
				}
				holes := wholeUnits(m, withHoles(few, 0.5))
				k := &known{
					KnownConfig: KnownConfig{Runs: 2, Steps: 4}, model: m, rows: holes, info: &Incomplete{Sampled: 5},
					energies: make([]float64, 7), errors: make([]float64, 7),
				}
				for n := range holes.N {
					k.states = append(k.states, knownPattern(m, holes, n)...)
				}
				if err := k.sum(ctx, engine.Divided(d), []int{1, 4}); err != nil {
					return "", err
				}
				if err := note(k.energies, k.anneal(ctx, d, []int{0, 2, 3, 5, 6}, 4)); err != nil {
					return "", err
				}
			}
			samples, effective, err := AnnealedSamples(ctx, m, d, 4, 2)
			err = note(fmt.Sprint(samples, effective), err)
			return text.String(), err
		})
	}
	if !classified.Load() {
		t.Error("no model has classes")
	}
}
