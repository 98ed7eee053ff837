package main

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"harmonium/dataset"
	"harmonium/rbm/likelihood"
	"harmonium/rbm/train"
)

// axis is a setting and the values that the sweep gives it.
type axis struct {
	name   string
	values []float64
	set    func(c *train.Config, value float64)
}

// algorithms are the values of the first axis, by their indices.
var algorithms = []string{"pcd", "cd", "fpcd", "pt", "ptt"}

// axes lists the settings that users vary, in the ranges in which they vary them. The algorithm comes before the
// chains: cd, whose chains are the rows of a batch, has no number of chains.
func axes(rows int) []axis {
	var rates []float64
	for exponent := -6; exponent <= 6; exponent++ {
		rates = append(rates, math.Pow(10, float64(exponent)))
	}
	return []axis{
		{"algorithm", []float64{0, 1, 2, 3, 4}, func(c *train.Config, x float64) {
			if c.Algorithm = algorithms[int(x)]; c.Algorithm == "cd" {
				c.Chains = 0
			}
		}},
		{"learning rate", rates, func(c *train.Config, x float64) { c.LearningRate = x }},
		{"momentum", []float64{0, 0.5, 0.9, 0.95, 0.99, 0.999},
			func(c *train.Config, x float64) { c.Momentum, c.FinalMomentum = x, x }},
		{"batch size", []float64{1, 3, 10, 30, 100, float64(rows)}, func(c *train.Config, x float64) { c.BatchSize = int(x) }},
		{"chains", []float64{1, 3, 10, 30, 100, 300, 1000}, func(c *train.Config, x float64) {
			if c.Algorithm != "cd" {
				c.Chains = int(x)
			}
		}},
	}
}

// setting is a configuration of a sweep with its name.
type setting struct {
	name string
	train.Config
}

// alone returns the configurations that differ from c in a single setting.
func alone(c train.Config, all []axis) (list []setting) {
	for _, a := range all {
		for _, value := range a.values {
			s := setting{fmt.Sprintf("%s %g", a.name, value), c}
			a.set(&s.Config, value)
			list = append(list, s)
		}
	}
	return list
}

// combinations draws n configurations, each with random values of all settings. A larger n adds to the same list.
func combinations(c train.Config, all []axis, n int) (list []setting) {
	r := rand.New(rand.NewPCG(16, 200)) // chosen; fixed, so that -from and -cells name the same combinations in every call
	for range n {
		s := setting{Config: c}
		var names []string
		for _, a := range all {
			value := a.values[r.IntN(len(a.values))]
			a.set(&s.Config, value)
			names = append(names, fmt.Sprintf("%s %g", a.name, value))
		}
		s.name = strings.Join(names, ", ")
		list = append(list, s)
	}
	return list
}

// sweep trains with the settings and counts how the runs end.
func (b runner) sweep(set *dataset.Set, settings []setting) error {
	counts := map[string]int{}
	fmt.Println("| settings | train | independent | ends |\n|---|---|---|---|")
	for _, s := range settings {
		o, err := b.train(set, s.Config)
		if errors.As(err, new(*train.FieldError)) {
			o.failure, err = err, nil // settings that do not go together are refused
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		end := o.end()
		counts[end]++
		fmt.Printf("| %s | %.3f | %.3f | %s |\n", s.name, o.train, o.independent, end)
	}
	for _, end := range []string{endBetter, endAlike, endWarned, endFailed, endSilent} {
		fmt.Printf("%s: %d\n", end, counts[end])
	}
	if counts[endSilent] > 0 {
		return fmt.Errorf("%d runs ended worse than independent units without a word", counts[endSilent])
	}
	return nil
}

// The ways in which a run ends.
const (
	endBetter = "better than independent units"
	endAlike  = "as independent units"
	endWarned = "worse, with a warning"
	endFailed = "an error"
	endSilent = "worse, silent"
)

func (o outcome) end() string {
	switch {
	case o.failure != nil:
		return endFailed
	case o.silent():
		return endSilent
	}
	switch likelihood.StandingOf(o.train, o.low, o.high, o.independent) {
	case likelihood.Better:
		return endBetter
	case likelihood.Worse:
		return endWarned
	}
	return endAlike
}
