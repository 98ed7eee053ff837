package main

import (
	"path"
	"strings"
	"time"
)

// step is one program that the kit runs.
type step struct {
	name    string
	folder  string        // folder of the parts in which the program starts; "" for their root
	command []string      // the program, as a path from the root of the parts, and its arguments
	limit   time.Duration // the program is ended after this time, so that one that hangs leaves time for the others
	card    bool          // whether it needs a GPU
	python  bool          // whether it needs a Python with PyTorch
	section string        // section of kit.md that shows the figures; steps with the same section share a table
	timed   bool          // whether the time of the whole program is a figure too
	// read returns the figures that the output of the program contains, and what has failed.
	read func(output string) (figures []figure, failed []string)
}

// quickTests are patterns of the tests that --quick runs, one for each package in tested. At least one test of
// each package uses the GPU.
var quickTests = map[string]string{
	"kernels":        "TestFieldOfStatesOnGPU|TestToHalf|TestCopies",
	"engine":         "TestFaultsOnCUDA|TestPrecisions",
	"rbm/train":      "TestTrainingGraphsOnCUDA",
	"rbm/likelihood": "TestLikelihoodsOnCUDA",
	"rbm/sample":     "TestGraphsAgree",
	"bench":          "TestTimesOfLaunches|TestLaunchesAreCounted",
}

// sourceTests is a pattern of the tests to leave out: they read the source tree, which the kit does not have.
const sourceTests = "TestPTXIsOfItsSources|TestKernelsDoNotSpill"

// Sections of the page.
const (
	updatesSection  = "Updates"
	launchesSection = "Launches of an update by PCD-1"
	plainSection    = "Plain updates"
)

// steps lists what a run of the kit does, in order. The first step decides whether there is a GPU: if it
// fails, the steps that need a card are left out (see [options.run]).
func (o options) steps() []step {
	all := []step{{name: "doctor", command: []string{trainer, "doctor", "--json"}, limit: 30 * time.Second, card: true,
		read: readDoctor}}
	for _, p := range tested {
		limit := 45 * time.Second
		tests := step{name: "tests of " + p, folder: p, card: true, limit: limit, read: readTests}
		tests.command = []string{testBinary(p), "-test.v", "-test.short", "-test.skip=" + sourceTests,
			"-test.timeout=" + limit.String()}
		if o.quick {
			tests.command = append(tests.command, "-test.run=^("+quickTests[p]+")$")
		} else if p == "bench" { // its other tests use no GPU
			tests.command = append(tests.command, "-test.run=Launch")
		}
		all = append(all, tests)
	}
	all = append(all,
		o.benchmark("bench", updatesSection, "BenchmarkLargeUpdate", "300ms"),
		o.benchmark("bench", launchesSection, "BenchmarkLaunches", "1x"),
		o.benchmark("kernels", "Products", "BenchmarkProductOnGPU", "100ms"),
	)
	all = append(all, o.trainings()...)
	rounds := 3 // the page shows medians
	if o.quick {
		rounds = 1
	}
	for range rounds { // both sides in turn, so that a change of the machine's speed affects both
		all = append(all,
			o.benchmark("bench", plainSection, "BenchmarkPlainUpdate", "200ms"),
			step{name: "Plain updates of PyTorch", section: plainSection, python: true, limit: 60 * time.Second, read: readBenchmarks,
				command: append([]string{"python", "peers.py"}, map[bool][]string{true: {"--small"}}[o.quick]...)})
	}
	return all
}

// benchmark returns the step of the benchmarks of package `of` that match a pattern. Each case takes the
// given duration, or a number of operations such as "1x". name is both the name and the section.
func (o options) benchmark(of, name, pattern, duration string) step {
	c := []string{testBinary(of), "-test.run=^$", "-test.bench=^" + pattern + "$", "-test.benchtime=" + duration}
	if o.quick {
		c[len(c)-1] = "-test.benchtime=1x"
		c = append(c, "-small") // a flag of the tests of bench and of kernels
	}
	return step{name: name, section: name, folder: of, command: c, limit: 90 * time.Second, card: true, read: readBenchmarks}
}

// trainings returns the steps that train a model with harmonium. The figures of each are the log-likelihood
// and the time of the run.
func (o options) trainings() []step {
	var all []step
	for _, t := range []struct{ name, arguments string }{
		{"MNIST, defaults", "--data mnist --device cuda"},
		{"MNIST, defaults, bf16", "--data mnist --device cuda --precision bf16"},
		{"MNIST, defaults, on the host", "--data mnist --device cpu"},
		{"bars-and-stripes:4", "--data bars-and-stripes:4 --hidden 16 --device cuda"},
	} {
		if o.quick {
			if !strings.HasPrefix(t.name, "bars") {
				continue
			}
			t.arguments += " --updates 100"
		}
		// The folder has the name of the training without blanks, commas and colons.
		out := path.Join("runs", strings.Map(func(r rune) rune {
			if strings.ContainsRune(" ,:", r) {
				return '-'
			}
			return r
		}, t.name))
		all = append(all, step{
			name: "Training: " + t.name, section: "Training to a likelihood", limit: 60 * time.Second, timed: true,
			card:    strings.Contains(t.arguments, "cuda"),
			read:    func(output string) ([]figure, []string) { return readTraining(t.name, output) },
			command: append([]string{trainer, "train", "--json", "--out", out}, strings.Fields(t.arguments)...),
		})
	}
	return all
}
