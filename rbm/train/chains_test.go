package train

import (
	"slices"
	"strings"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm/internal/rbmtest"
)

// chainsConfig trains 3 hidden units on 4 columns for 6 updates, with 5 persistent chains unless the algorithm is cd.
func chainsConfig(algorithm string) Config {
	c := DefaultConfig()
	c.Algorithm, c.Hidden, c.BatchSize, c.Updates = algorithm, 3, 10, 6
	if algorithm != "cd" {
		c.Chains = 5
	}
	return c
}

// chainsData returns rows for chainsConfig.
func chainsData() *dataset.Set { return &dataset.Set{Train: rbmtest.RandomRows(23, 4, true, true)} }

// TestChains: Chains returns the states that SetChains has set, of the replicas of all temperatures too. A run
// whose own states are set again afterwards ends with the chains of a run that was left alone.
func TestChains(t *testing.T) {
	for _, algorithm := range []string{"pcd", "pt"} {
		got := newTestTrainer(t, chainsConfig(algorithm), chainsData(), 1)
		alone := newTestTrainer(t, chainsConfig(algorithm), chainsData(), 1)
		own := chainsOf(t, got)
		other := make([]float32, len(own))
		for i := range other {
			other[i] = float32(i % 2)
		}
		for _, states := range [][]float32{other, own} {
			if err := got.SetChains(states); err != nil {
				t.Fatal(err)
			}
			if chains := chainsOf(t, got); !slices.Equal(chains, states) {
				t.Errorf("%s: the chains are %v, want the states that were set, %v", algorithm, chains, states)
			}
		}
		finish(t, got)
		finish(t, alone)
		if chains, want := chainsOf(t, got), chainsOf(t, alone); !slices.Equal(chains, want) {
			t.Errorf("%s: the run ends with chains %v, want %v as without SetChains", algorithm, chains, want)
		}
		if slices.Equal(chainsOf(t, got), own) {
			t.Errorf("%s: the run ends with the chains %v that it began with", algorithm, own)
		}
	}
}

func chainsOf(t *testing.T, run *Trainer) []float32 {
	t.Helper()
	chains, err := run.Chains()
	if err != nil {
		t.Fatal(err)
	}
	return chains
}

// TestSetChainsRefuses: a wrong number of states, and a value that is no state of its unit, are errors.
func TestSetChainsRefuses(t *testing.T) {
	run := newTestTrainer(t, chainsConfig("pcd"), chainsData(), 1)
	states := chainsOf(t, run)
	if err := run.SetChains(states[1:]); err == nil || !strings.Contains(err.Error(), "values, want") {
		t.Errorf("a state too few: error %v", err)
	}
	states[7] = 0.5
	if err := run.SetChains(states); err == nil || !strings.Contains(err.Error(), "value 7 is 0.5, want 0 or 1") {
		t.Errorf("a value that is no state: error %v", err)
	}
}

// TestCDHasNoChains: Chains returns nil with cd, and SetChains an error.
func TestCDHasNoChains(t *testing.T) {
	run := newTestTrainer(t, chainsConfig("cd"), chainsData(), 1)
	if chains := chainsOf(t, run); chains != nil {
		t.Errorf("cd has the chains %v", chains)
	}
	if err := run.SetChains(nil); err == nil {
		t.Error("chains of cd can be set")
	}
}
