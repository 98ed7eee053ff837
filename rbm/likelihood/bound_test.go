package likelihood

import (
	"context"
	"math"
	"slices"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm/internal/rbmtest"
)

// TestLeastLogPartition: the bound over all states is log Z, repeated states add nothing to it, and over
// some of the states it is below log Z. No two of the 64 free energies are as near as equalEnergies, so that each counts.
func TestLeastLogPartition(t *testing.T) {
	m := rbmtest.RandomModel(t, 6, 4, 1, 1)
	var energies []float64
	states := make([]float32, 6)
	for n := range 1 << len(states) {
		for i := range states {
			states[i] = float32(n >> i & 1)
		}
		energies = append(energies, m.FreeEnergy(states))
	}
	logZ := rbmtest.BruteLogPartition(m)
	twice := slices.Concat(energies, energies)
	for name, of := range map[string][]float64{"all states": energies, "all states twice": twice} {
		rbmtest.Near(t, name, LeastLogPartition(of), logZ, 3*rbmtest.LogBound(m)) // of F, and of the logs of both sums
	}
	if some := LeastLogPartition(energies[10:40]); some >= logZ {
		t.Errorf("over 30 of 64 states the bound is %v, want less than log Z = %v", some, logZ)
	}
}

// TestAtLeast: a bound below, inside, and above the interval of an estimate.
func TestAtLeast(t *testing.T) {
	p := Partition{Method: "online", LogZ: 2, Low: 1, High: 3}
	for _, tc := range []struct{ bound, low, logZ, high float64 }{
		{0.5, 1, 2, 3}, {1.5, 1.5, 2, 3}, {2.5, 2.5, 2.5, 3}, {4, 4, 4, math.Inf(1)},
	} {
		if got := p.AtLeast(tc.bound); got.Low != tc.low || got.LogZ != tc.logZ || got.High != tc.high {
			t.Errorf("bound %v: log Z %v (%v to %v), want %v (%v to %v)",
				tc.bound, got.LogZ, got.Low, got.High, tc.logZ, tc.low, tc.high)
		}
	}
}

// TestEvaluateRefutes: AIS misses the mode with nearly all the mass of a model. Rows that lie there refute its
// estimate, and bound log Z and the log-likelihood. Rows elsewhere do not, nor do any rows an exact log Z.
func TestEvaluateRefutes(t *testing.T) {
	m, rows, logZ, tolerance := rbmtest.LostMode(t)
	all, others := rows.Slice(0, 100), rows.Slice(1, 100)
	for _, tc := range []struct {
		name, method string
		rows         *dataset.Rows
		refuted      bool
	}{
		{"with the mode", "ais", all, true},
		{"without the mode", "ais", others, false},
		{"exact", "exact", all, false},
	} {
		e, err := Evaluate(context.Background(), m, rbmtest.OpenDevice(t, 1), tc.rows,
			EvaluateConfig{Method: tc.method, AIS: AISConfig{Runs: 20, Betas: LinearBetas(200)}})
		if err != nil {
			t.Fatal(err)
		}
		if (e.Refuted != nil) != tc.refuted {
			t.Errorf("%s: log Z %v, refuted %v, want %v", tc.name, e.Partition.LogZ, e.Refuted, tc.refuted)
		}
		if !tc.refuted {
			continue
		}
		rbmtest.Near(t, tc.name+": log Z", e.Partition.LogZ, logZ, tolerance)
		// The states that AIS reaches have a share of the mass below e^-35, and its interval a width of a few nats.
		if e.Refuted.High > logZ-30 {
			t.Errorf("%s: AIS gives log Z up to %v, want it to miss %v by 30", tc.name, e.Refuted.High, logZ)
		}
		if !math.IsInf(e.Partition.High, 1) || !math.IsInf(e.Low, -1) || e.High != e.LogLikelihood {
			t.Errorf("%s: log-likelihood %v (%v to %v), want no lower bound of it", tc.name, e.LogLikelihood, e.Low, e.High)
		}
	}
}
