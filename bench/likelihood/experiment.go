package main

import (
	"fmt"
	"slices"
	"strings"
)

// experiment is a training that is repeated with the seeds 1, 2, …, seeds. It is a row of a table.
type experiment struct {
	name  string   // names the row and, with a seed, the folder of a run
	flags []string // of harmonium train, without --seed, --out and --eval
	data  []string // further flags of harmonium train that name the data
	seeds int
	every int    // epochs between two points of the learning curve; 0 for no curve
	split string // rows to evaluate, "train" for data without test rows; "" for test and train rows
}

// table is a table of bench/likelihood.md.
type table struct {
	title       string
	experiments []experiment
}

// tables lists all experiments of bench/likelihood.md, which gives their reasons: "784 x 16" has the settings
// of PyDeep's published runs. As in these, "plain" is without centering and "flipped" has inverted digits; the
// weights of "wide" start as PyDeep's do. runs is the folder of the runs, which also holds the flipped digits
// (see writeFlipped).
func tables(runs folder) []table {
	recipe := func(name string, seeds, every int) experiment {
		return experiment{name: name, flags: []string{"--recipe", name}, seeds: seeds, every: every}
	}
	small := func(name string, flags ...string) experiment {
		return experiment{name: name, flags: append([]string{"--recipe", "small-exact"}, flags...), seeds: 5}
	}
	flipped := func(e experiment) experiment {
		e.name += ", flipped"
		e.data = []string{"--data", runs.file(flippedTrain), "--test", runs.file(flippedTest)}
		return e
	}
	bars := func(name, flags string) experiment {
		flags = "--data bars-and-stripes:4 --hidden 24 --batch-size 32 --l2 0 " + flags
		return experiment{name: name, flags: strings.Fields(flags), seeds: 5, split: "train"}
	}
	short := experiment{
		name: "mnist-best-short", flags: []string{"--recipe", "mnist-best", "--epochs", "300"}, seeds: 3, every: 50,
	}
	// exact is the experiment small("small-exact") with a learning curve.
	exact, plain := recipe("small-exact", 5, 5), small("plain", "--center=false")
	wide := func(e experiment) experiment {
		e.name = "wide " + e.name
		e.flags = slices.Concat(e.flags, []string{"--initial-deviation", "0.2"}) // twenty times the default
		return e
	}
	return []table{
		{"Recipes", []experiment{recipe("mnist-quick", 3, 5), recipe("mnist-best", 3, 100), recipe("features", 3, 4), exact}},
		{"Shorter", []experiment{short}},
		{"784 x 16", []experiment{
			exact, flipped(small("small-exact")), plain, flipped(plain),
			wide(small("small-exact")), wide(flipped(small("small-exact"))), wide(plain), wide(flipped(plain)),
		}},
		{"Bars and stripes", []experiment{
			bars("tempered", "--algorithm pt -k 10 --chains 100 --updates 4000 --learning-rate 0.2"),
			bars("500 chains", "--algorithm pcd -k 10 --chains 500 --updates 5000 --learning-rate 0.1"),
			bars("300 chains", "--algorithm pcd -k 5 --chains 300 --updates 5000 --learning-rate 0.1"),
		}},
	}
}

// train returns the arguments of harmonium for the training with one seed.
func (e experiment) train(seed int) []string {
	return slices.Concat([]string{"train"}, e.flags, e.data, []string{"--seed", fmt.Sprint(seed)})
}

// folder returns the name of the folder of the run with one seed.
func (e experiment) folder(seed int) string {
	return fmt.Sprintf("%s-%d", strings.NewReplacer(",", "", " ", "-").Replace(e.name), seed)
}
