package train

import (
	"slices"
	"strings"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm/internal/rbmtest"
)

// TestChains: a run whose chains are set to the ones of an equal run goes on as that run does.
func TestChains(t *testing.T) {
	set := &dataset.Set{Train: rbmtest.RandomRows(23, 4, true, true)}
	for _, algorithm := range []string{"pcd", "pt", "cd"} {
		c := DefaultConfig()
		c.Algorithm, c.Hidden, c.BatchSize, c.Updates = algorithm, 3, 10, 6
		if algorithm != "cd" {
			c.Chains = 5
		}
		one, two := newTestTrainer(t, c, set, 1), newTestTrainer(t, c, set, 1)
		chains, err := one.Chains()
		if err != nil {
			t.Fatal(err)
		}
		if algorithm == "cd" {
			if err := one.SetChains(nil); chains != nil || err == nil {
				t.Errorf("cd: chains %v, and setting them: %v", chains, err)
			}
			continue
		}
		other := make([]float32, len(chains))
		for i := range other {
			other[i] = float32(i % 2)
		}
		if err := one.SetChains(other); err != nil {
			t.Fatal(err)
		}
		if got, err := one.Chains(); err != nil || !slices.Equal(got, other) {
			t.Errorf("%s: chains %v (%v), want %v", algorithm, got, err, other)
		}
		if err := one.SetChains(chains); err != nil {
			t.Fatal(err)
		}
		finish(t, one)
		finish(t, two)
		wantChains, _ := two.Chains()
		if got, _ := one.Chains(); !slices.Equal(got, wantChains) || slices.Equal(got, chains) {
			t.Errorf("%s: the runs end with chains %v and %v", algorithm, got, wantChains)
		}
		if err := one.SetChains(other[1:]); err == nil || !strings.Contains(err.Error(), "values, want") {
			t.Errorf("%s: too few states: %v", algorithm, err)
		}
		other[7] = 0.5
		if err := one.SetChains(other); err == nil || !strings.Contains(err.Error(), "value 7 is 0.5, want 0 or 1") {
			t.Errorf("%s: a value that is no state: %v", algorithm, err)
		}
	}
}
