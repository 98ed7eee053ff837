package rbm_test

import (
	"math"
	"slices"
	"testing"

	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/internal/rbmtest"
)

// TestEnumerateGiven: the conditionals are ratios of the enumerated p(v), for patterns with no, some
// and all units free. Each of the two sides is a difference of two logs: log p, within LogBound,
// and the log of a sum of probabilities, whose error is at most theirs.
func TestEnumerateGiven(t *testing.T) {
	nan := float32(math.NaN())
	for name, m := range rbmtest.OfAllUnits(t, 6, 4, 2, 1) {
		row := rbmtest.SomeRows(m, 3)[12:] // the third
		for _, missing := range [][]int{nil, {0}, {2, 5}, {0, 1, 3, 4}, {0, 1, 2, 3, 4, 5}} {
			pattern := slices.Clone(row)
			var want []int // first columns of the units that have a missing one
			states := 1
			for _, i := range missing {
				k, first := m.Visible.Units.At(i)
				for a := range k.Width() {
					pattern[first+a] = nan
				}
				if !slices.Contains(want, first) {
					want = append(want, first)
					states *= k.States()
				}
			}
			free, logs := m.EnumerateGiven(pattern)
			if !slices.Equal(free, want) || len(logs) != states {
				t.Fatalf("%s: free units %v with %d states, want %v with %d", name, free, len(logs), want, states)
			}
			// A log2 of at most 6 columns is a sum of 6 terms below 6.
			if bits := m.FreeBits(pattern); math.Abs(bits-math.Log2(float64(states))) > 36*rbmtest.U {
				t.Errorf("%s: 2^%v states are free, want %d", name, bits, states)
			}
			within := func(int) float64 { return 4 * rbmtest.LogBound(m) }
			rbmtest.CompareValues(t, name, logs, conditionals(m, pattern, free, states), within)
		}
	}
}

// conditionals returns log p(free | known) from the p(v) of all states that agree with the pattern, in the order of
// EnumerateGiven: the state of the first free unit is the lowest digit of the number.
func conditionals(m *rbm.Model, pattern []float32, free []int, states int) []float64 {
	logs := make([]float64, states)
	var total float64
	for v, l := range m.EnumerateVisible(0) {
		number, place, agrees := 0, 1, true
		for i, x := range v {
			agrees = agrees && (pattern[i] != pattern[i] || pattern[i] == x)
		}
		if !agrees {
			continue
		}
		for _, i := range free {
			k := m.Visible.Units.Of(i)
			digit := slices.Index(v[i:i+k.Width()], k.High())
			if !k.Several() {
				digit++
			}
			number += place * digit
			place *= k.States()
		}
		logs[number] = l
		total += math.Exp(l)
	}
	for n := range logs {
		logs[n] -= math.Log(total)
	}
	return logs
}

// TestEnumerateGivenPanics: more than 30 free bits, a part of a unit missing, and a pattern of another length.
func TestEnumerateGivenPanics(t *testing.T) {
	nan := float32(math.NaN())
	for name, f := range map[string]func(){
		"31 units": func() {
			rbmtest.RandomModel(t, 31, 1, 1, 1).EnumerateGiven(slices.Repeat([]float32{nan}, 31))
		},
		"part of a unit": func() {
			m, err := rbm.NewModelOf(engine.Units{{Kind: kindNamed("categorical/3"), To: 3}}, nil, 3, 1)
			if err == nil {
				m.EnumerateGiven([]float32{nan, 0, 1})
			}
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
