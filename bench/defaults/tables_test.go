package main

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"harmonium/rbm/train"
)

// small are tables of all kinds with nine columns, few enough to enumerate. Their numbers of rows are not used.
func small() []table {
	return []table{independentTable(10, 9), mixture("mixture", 10, 9, 3, 0.1), chainTable(10, 9, 0.2), xorTable(10, 3, 0.1)}
}

// TestTablesSumToOne: the probabilities of all rows of a table sum to 1. A log-probability is a sum of nine logarithms
// and below 64 in size, so it has roundings of 2⁻⁴⁸, nine at most: 3.2e-14 of the probability.
func TestTablesSumToOne(t *testing.T) {
	for _, table := range small() {
		var sum float64
		row := make([]float32, table.columns)
		for n := range 1 << table.columns {
			for i := range row {
				row[i] = float32(n >> i & 1)
			}
			sum += math.Exp(table.log(row))
		}
		if math.Abs(sum-1) > 3.2e-14 {
			t.Errorf("%s: the probabilities sum to %v, want 1", table.name, sum)
		}
	}
}

// TestTablesDrawWhatTheySay: the mean log-probability of drawn rows lies within four standard errors
// of its expectation, the sum of p·log p over all rows. By another seed than the fixed one a false alarm has the
// probability 6e-5 a table.
func TestTablesDrawWhatTheySay(t *testing.T) {
	const draws = 20000
	for _, table := range small() {
		var mean, square float64 // expectations of log p and of its square
		row := make([]float32, table.columns)
		for n := range 1 << table.columns {
			for i := range row {
				row[i] = float32(n >> i & 1)
			}
			l := table.log(row)
			mean, square = mean+math.Exp(l)*l, square+math.Exp(l)*l*l
		}
		r := rand.New(rand.NewPCG(5, 6))
		var sum float64
		for range draws {
			table.draw(r, row)
			sum += table.log(row) / draws
		}
		if bound := 4 * math.Sqrt((square-mean*mean)/draws); math.Abs(sum-mean) > bound {
			t.Errorf("%s: drawn rows have %v nats, want %v within %v", table.name, sum, mean, bound)
		}
	}
}

// TestEnd: each way to end has a run. A difference of 0.01 nats is too small to be better.
func TestEnd(t *testing.T) {
	warned := []string{"fell"}
	for want, o := range map[string]outcome{
		endBetter: {train: -5, low: -5, high: -5, independent: -6},
		endAlike:  {train: -5, low: -5, high: -5, independent: -5.01},
		endWarned: {train: -5, low: -5, high: -5, independent: -4, warnings: warned},
		endSilent: {train: -5, low: -5, high: -5, independent: -4},
		endFailed: {failure: errors.New("NaN")},
	} {
		if got := o.end(); got != want {
			t.Errorf("%+v: %s, want %s", o, got, want)
		}
	}
}

// TestAxes: each value of each axis is a configuration that training accepts.
func TestAxes(t *testing.T) {
	for _, s := range alone(train.DefaultConfig(), axes(150)) {
		if err := s.Validate(); err != nil {
			t.Errorf("%s: %v", s.name, err)
		}
	}
}

// TestCombinations: a longer list begins with the shorter one, so that a sweep can be run in parts. All
// values of all settings are drawn.
func TestCombinations(t *testing.T) {
	all := axes(150)
	long, short := combinations(train.DefaultConfig(), all, 200), combinations(train.DefaultConfig(), all, 80)
	if !slices.Equal(long[:80], short) {
		t.Error("the first 80 of 200 combinations are not the 80 drawn alone")
	}
	for _, a := range all {
		for _, value := range a.values {
			name := fmt.Sprintf("%s %g,", a.name, value)
			if !slices.ContainsFunc(long, func(s setting) bool { return strings.Contains(s.name+",", name) }) {
				t.Errorf("no combination has the %s", name)
			}
		}
	}
}
