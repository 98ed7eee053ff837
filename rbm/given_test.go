package rbm_test

import (
	"math"
	"slices"
	"testing"

	"harmonium/rbm"
	"harmonium/rbm/internal/rbmtest"
)

// TestEnumerateGiven: the conditionals are ratios of the enumerated p(v), for patterns with no, some
// and all units free. Each side is a difference of two logs, each within LogBound; the sum of the
// probabilities increases their errors by as much again.
func TestEnumerateGiven(t *testing.T) {
	nan := float32(math.NaN())
	for name, m := range rbmtest.OfAllUnits(t, 6, 4, 2, 1) {
		base := rbmtest.SomeRows(m, 3)[12:]
		for _, missing := range [][]int{nil, {0}, {2, 5}, {0, 1, 3, 4}, {0, 1, 2, 3, 4, 5}} {
			pattern := slices.Clone(base)
			for _, i := range missing {
				pattern[i] = nan
			}
			free, logs := m.EnumerateGiven(pattern)
			if !slices.Equal(free, missing) || len(logs) != 1<<len(missing) {
				t.Fatalf("%s: free units %v with %d states, want %v", name, free, len(logs), missing)
			}
			want := conditionals(m, pattern, free)
			rbmtest.CompareValues(t, name, logs, want, func(int) float64 { return 4 * rbmtest.LogBound(m) })
		}
	}
}

// conditionals returns log p(free | known) from the p(v) of all states that agree with the pattern.
func conditionals(m *rbm.Model, pattern []float32, free []int) []float64 {
	logs := make([]float64, 1<<len(free))
	var total float64
	for v, l := range m.EnumerateVisible(0) {
		number, agrees := 0, true
		for i, x := range v {
			agrees = agrees && (pattern[i] != pattern[i] || pattern[i] == x)
		}
		if !agrees {
			continue
		}
		for bit, i := range free {
			if v[i] == m.Visible.Units.Of(i).High() {
				number |= 1 << bit
			}
		}
		logs[number] = l
		total += math.Exp(l)
	}
	for n := range logs {
		logs[n] -= math.Log(total)
	}
	return logs
}

func TestEnumerateGivenPanics(t *testing.T) {
	nan := float32(math.NaN())
	for name, f := range map[string]func(){
		"31 units": func() {
			rbmtest.RandomModel(t, 31, 1, 1, 1).EnumerateGiven(slices.Repeat([]float32{nan}, 31))
		},
		"length": func() { rbmtest.RandomModel(t, 3, 1, 1, 1).EnumerateGiven([]float32{nan}) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}
