package likelihood

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"harmonium/rbm"
	"harmonium/rbm/internal/rbmtest"
)

func reportOf(t *testing.T, m *rbm.Model, c ReportConfig) *Report {
	t.Helper()
	r, err := ReportLogPartition(context.Background(), m, rbmtest.OpenDevice(t, 2), c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestReportIsOfItsParts: the forward runs of a report equal the runs of AIS, it has the given
// number of halved schedules and calls Progress for both stages, and without the reverse runs it is not converged.
func TestReportIsOfItsParts(t *testing.T) {
	m := annealedModels(t)["6x5"]
	ais := AISConfig{Runs: 50, Betas: LinearBetas(40), Seed: 4}
	var stages []string
	r := reportOf(t, m, ReportConfig{AIS: ais, Shorter: 3, BurnIn: 7, Progress: func(stage string, done, total int) {
		if !slices.Contains(stages, stage) {
			stages = append(stages, stage)
		}
	}})
	want := []int{6, 11, 21, 41} // 5, 10, 20 and 40 steps
	var betas []int
	for _, c := range r.Comparisons {
		betas = append(betas, c.Betas)
		for _, p := range []*Partition{c.Forward, c.Reverse, c.Bennett} {
			if p.Betas != c.Betas {
				t.Errorf("%s has %d betas, want %d", p.Method, p.Betas, c.Betas)
			}
		}
	}
	if !slices.Equal(betas, want) || r.Ended != "" {
		t.Errorf("schedules of %v betas, ended %q, want %v", betas, r.Ended, want)
	}
	if want := []string{"log Z by AIS", "log Z by reverse AIS"}; !slices.Equal(stages, want) {
		t.Errorf("stages %q, want %q", stages, want)
	}
	alone, err := AIS(context.Background(), m, rbmtest.OpenDevice(t, 1), ais)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Last().Forward; got.LogZ != alone.LogZ || !slices.Equal(got.LogWeights, alone.LogWeights) {
		t.Errorf("forward log Z is %v, want %v", got.LogZ, alone.LogZ)
	}
	forward := reportOf(t, m, ReportConfig{AIS: ais, ForwardOnly: true})
	if l := forward.Last(); l.Reverse != nil || l.Bennett != nil || l.Equilibrium != nil || forward.Converged {
		t.Errorf("forward only: %+v, converged %v", l, forward.Converged)
	}
}

// TestAutomaticSchedule: it starts at half the given 2 steps and doubles until the variance of log w is below 1, or up to
// the limit of time or of 64 times the given steps, and says why it stopped.
func TestAutomaticSchedule(t *testing.T) {
	m := rbmtest.RandomModel(t, 8, 8, 4, 2)
	m.BaseRates = slices.Repeat([]float32{0.5}, m.Visible.Len())
	ais := AISConfig{Runs: 100, Betas: LinearBetas(2), Seed: 1}
	r := reportOf(t, m, ReportConfig{AIS: ais, Auto: true, Shorter: 1, BurnIn: 50})
	if last := r.Last(); r.Ended != "var log w fell below 1" || last.variance() >= 1 || len(r.Comparisons) < 2 {
		t.Errorf("%d schedules ended because %q with var log w %v, want at least 2 and below 1",
			len(r.Comparisons), r.Ended, last.variance())
	}
	for i, c := range r.Comparisons {
		if i < len(r.Comparisons)-1 && c.variance() < 1 || c.Betas != 1<<i+1 {
			t.Errorf("schedule %d: %d betas with var log w %v, want %d and at least 1", i, c.Betas, c.variance(), 1<<i+1)
		}
	}
	r = reportOf(t, m, ReportConfig{AIS: ais, Auto: true, TimeLimit: 1, BurnIn: 1})
	if len(r.Comparisons) != 1 || r.Ended != "the next schedule would exceed the time limit of 1ns" {
		t.Errorf("%d schedules ended because %q, want 1 for the time limit", len(r.Comparisons), r.Ended)
	}
	hard := rbmtest.RandomModel(t, 8, 8, 100, 100)
	hard.BaseRates = m.BaseRates
	ais.Runs = 10
	r = reportOf(t, hard, ReportConfig{AIS: ais, Auto: true, BurnIn: 1})
	if n := len(r.Comparisons); n != maxRefinement+1 || r.Last().Betas != 129 { // 64 times 2 steps
		t.Errorf("%d schedules up to %d betas, want %d up to 129", n, r.Last().Betas, maxRefinement+1)
	}
	if want := "the schedule reached 64 times the given one"; r.Ended != want {
		t.Errorf("ended because %q, want %q", r.Ended, want)
	}
}

// TestVerdict: comparisons with no fault, with one, and with several, by what their verdicts end with.
func TestVerdict(t *testing.T) {
	partition := func(logZ, margin, variance, ess float64) *Partition {
		return &Partition{LogZ: logZ, Low: logZ - margin, High: logZ + margin, VarLogWeight: variance, ESS: ess, Runs: 100}
	}
	reached := &Equilibrium{LogZ: [2]float64{1, 1.5}, LogZError: 0.2, FreeEnergyError: 1}
	missed := &Equilibrium{LogZ: [2]float64{1, 3.5}, LogZError: 0.2, FreeEnergy: [2]float64{-40, -60}, FreeEnergyError: 1}
	energyMissed := &Equilibrium{FreeEnergy: [2]float64{-40, -43.5}, FreeEnergyError: 1, LogZError: 1}
	fine := partition(10, 0.3, 0.5, 60)
	for name, test := range map[string]struct {
		c         Comparison
		converged bool
		want      string
	}{
		"fine": {Comparison{Forward: fine, Reverse: partition(10.25, 0.2, 0.7, 50), Equilibrium: reached}, true,
			"converged: AIS and reverse AIS agree within 0.25 nats, var log w is at most 0.7 and the effective number of runs " +
				"at least 50 of 100"},
		"uneven weights": {Comparison{Forward: fine, Reverse: partition(10.25, 0.2, 3.25, 50), Equilibrium: reached}, false,
			"not converged: var log w is 3.25, want below 1; raise the number of betas"},
		"at the limit": {Comparison{Forward: partition(10, 0.3, 1, 10), Reverse: fine, Equilibrium: reached}, false,
			"not converged: var log w is 1, want below 1; raise the number of betas"},
		"no equilibrium": {Comparison{Forward: fine, Reverse: fine, Equilibrium: missed}, false,
			"not converged: the chains of reverse AIS are not in equilibrium (after 500 and 1000 Gibbs steps log Z " +
				"differs by 2.50 nats and the mean free energy by -20.00); raise the burn-in"},
		"no equilibrium of energies": {Comparison{Forward: fine, Reverse: fine, Equilibrium: energyMissed}, false,
			"not converged: the chains of reverse AIS are not in equilibrium (after 500 and 1000 Gibbs steps log Z " +
				"differs by 0.00 nats and the mean free energy by -3.50); raise the burn-in"},
		"apart": {Comparison{Forward: fine, Reverse: partition(12, 0.3, 0.5, 60), Equilibrium: reached}, false,
			"not converged: reverse AIS is 2.00 nats above AIS, beyond their intervals; raise the number of betas and the burn-in"},
		"crossed": {Comparison{Forward: fine, Reverse: partition(8, 0.3, 0.5, 60), Equilibrium: reached}, false,
			"not converged: reverse AIS is 2.00 nats below AIS, beyond their intervals; raise the burn-in"},
		"few runs": {Comparison{Forward: partition(10, math.Inf(1), 0.5, 3), Reverse: fine, Equilibrium: reached}, false,
			"not converged: the effective number of runs is 3.0, want at least 10; raise the number of runs"},
		"a few runs too few": {Comparison{Forward: partition(10, 0.3, 0.5, 9.97), Reverse: fine, Equilibrium: reached}, false,
			"not converged: the effective number of runs is 9.9, want at least 10; raise the number of runs"},
		"all wrong": {Comparison{Forward: partition(10, 1, 2, 3), Reverse: partition(15, 1, 0.5, 4), Equilibrium: missed}, false,
			"raise the burn-in, the number of betas and the number of runs"},
		"forward only": {Comparison{Forward: fine}, false,
			"not checked from above, as AIS ran forward only: var log w is at most 0.5 and the effective number of runs at least 60 of 100"},
		"forward only, uneven": {Comparison{Forward: partition(10, 1, 2, 30)}, false,
			"not converged: var log w is 2, want below 1; raise the number of betas"},
	} {
		converged, verdict := test.c.judge(500)
		if converged != test.converged || !strings.HasSuffix(verdict, test.want) {
			t.Errorf("%s: %v, %q, want %v, %q", name, converged, verdict, test.converged, test.want)
		}
	}
}

func TestReportRefuses(t *testing.T) {
	d := rbmtest.OpenDevice(t, 1)
	m := annealedModels(t)["6x5"]
	for want, c := range map[string]ReportConfig{
		"Runs is 3, want at least 4":   {AIS: AISConfig{Runs: 3}},
		"Runs is 1, want at least 2":   {AIS: AISConfig{Runs: 1}, ForwardOnly: true},
		"BurnIn is -1":                 {BurnIn: -1},
		"Shorter is -2":                {Shorter: -2},
		"TimeLimit is -1s, want 0":     {TimeLimit: -time.Second},
		"Betas has 1 values from [0] ": {AIS: AISConfig{Betas: []float32{0}}},
	} {
		_, err := ReportLogPartition(context.Background(), m, d, c)
		if err == nil || !strings.HasPrefix(err.Error(), "likelihood: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error %v, want %q", c, err, want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := ReportLogPartition(ctx, m, d, ReportConfig{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	_, err := ReportLogPartition(context.Background(), rbmtest.RandomModel(t, 6, 5, 1, 1), d, ReportConfig{})
	if err == nil || !strings.Contains(err.Error(), "no base rates") {
		t.Errorf("error %v, want one about base rates", err)
	}
}
