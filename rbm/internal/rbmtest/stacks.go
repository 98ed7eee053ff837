package rbmtest

import (
	"testing"

	"harmonium/engine"
	"harmonium/rbm"
)

// SmallStacks returns stacks of two and three models, of the default kind of units and of all kinds,
// with at most 14 columns each. The bounds of their likelihoods are loose.
func SmallStacks(t testing.TB) map[string]rbm.Stack {
	t.Helper()
	of := func(units []engine.Units, sizes ...int) rbm.Stack {
		var s rbm.Stack
		for l := range len(sizes) - 1 {
			s = append(s, randomModelOf(t, units[l], units[l+1], sizes[l], sizes[l+1], 1.5, 1))
		}
		if err := s.Check(); err != nil {
			t.Fatal(err)
		}
		return s
	}
	return map[string]rbm.Stack{
		"two layers":            of(make([]engine.Units, 3), 5, 4, 3),
		"three layers":          of(make([]engine.Units, 4), 4, 3, 3, 2),
		"two layers, all kinds": of([]engine.Units{UnitsOf(5)["mixed"], UnitsOf(6)["mixed"], UnitsOf(3)["spin"]}, 5, 6, 3),
	}
}
