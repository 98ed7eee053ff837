// Command defaults trains the default configuration on tables of many kinds, and prints the
// log-likelihoods that it reaches beside independent units and, where it is known, the truth:
//
//	go run ./bench/defaults [-seeds N] [-settings JSON] [-python PYTHON] [-tables TEXT | [-rows N] DATA...]
//
// Without DATA it draws the tables, with -tables those whose names contain TEXT. With -python, a Python
// that has scikit-learn, it trains scikit-learn's BernoulliRBM on the same rows too. With -sweep it varies
// one setting at a time around the defaults, or draws combinations of all settings, and counts how the runs
// end:
//
//	go run ./bench/defaults -sweep axes [-settings JSON] [-rows N] DATA
//	go run ./bench/defaults -sweep drawn [-from N] [-cells N] [-settings JSON] [-rows N] DATA
//
// With -patience it compares runs with and without patience on small tables that it draws:
//
//	go run ./bench/defaults -patience N [-every EPOCHS] [-seeds N] [-settings JSON]
//
// Reading order: main.go; tables.go, the tables that are drawn; outcome.go, a run and the table of runs; peer.go with
// peer.py, scikit-learn; sweep.go; patience.go.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm/train"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "defaults:", err)
		os.Exit(1)
	}
}

// call is a call of the command.
type call struct {
	flags                 *flag.FlagSet
	config                train.Config // with the settings of the call
	sweep, tables, python string
	settings              string
	seeds, from, cells    int
	patience, every, rows int
}

// parse reads the arguments of a call and checks that they go together.
func parse(arguments []string) (*call, error) {
	c := &call{flags: flag.NewFlagSet("defaults", flag.ExitOnError), config: train.DefaultConfig()}
	c.flags.IntVar(&c.seeds, "seeds", 1, "train each table with the seeds 1 to `N`")
	c.flags.StringVar(&c.settings, "settings", "{}", "fields of train.Config as `JSON`, in place of the defaults")
	c.flags.StringVar(&c.sweep, "sweep", "", "vary the settings: axes (one at a time) or drawn (combinations)")
	c.flags.IntVar(&c.cells, "cells", 200, "end -sweep drawn after the first `N` combinations")
	c.flags.IntVar(&c.from, "from", 0, "begin -sweep drawn after the first `N` combinations")
	c.flags.StringVar(&c.tables, "tables", "", "draw only the tables whose names contain `TEXT`")
	c.flags.StringVar(&c.python, "python", "", "`PYTHON` with scikit-learn, to train its BernoulliRBM on the same rows")
	c.flags.IntVar(&c.patience, "patience", 0,
		"compare runs without patience and runs that stop after `N` estimates without a better one")
	c.flags.IntVar(&c.every, "every", 0, "`EPOCHS` between two estimates with -patience (default: chosen by the run)")
	c.flags.IntVar(&c.rows, "rows", 0, "train on the first `N` rows of DATA (default: all)")
	if err := c.flags.Parse(arguments); err != nil {
		return nil, err
	}
	settings := json.NewDecoder(strings.NewReader(c.settings))
	settings.DisallowUnknownFields()
	if err := settings.Decode(&c.config); err != nil {
		return nil, fmt.Errorf("-settings: %w", err)
	}
	return c, c.check()
}

// check returns an error unless the mode of the call reads all of its flags and arguments, within range.
func (c *call) check() error {
	data := c.flags.NArg()
	mode, reads := "drawn tables", []string{"seeds", "settings", "python", "tables"}
	switch {
	case c.given("patience"):
		mode, reads = "-patience", []string{"seeds", "settings", "patience", "every"}
		if data > 0 {
			return fmt.Errorf("-patience draws its tables, and %s is one more; leave it out", c.flags.Arg(0))
		}
	case c.sweep == "axes":
		mode, reads = "-sweep axes", []string{"sweep", "settings", "rows"}
	case c.sweep == "drawn":
		mode, reads = "-sweep drawn", []string{"sweep", "settings", "rows", "from", "cells"}
	case c.given("sweep"):
		return fmt.Errorf("-sweep %s, want axes or drawn", c.sweep)
	case data > 0:
		mode, reads = "DATA", []string{"seeds", "settings", "python", "rows"}
	}
	var err error
	c.flags.Visit(func(f *flag.Flag) {
		n, isNumber := f.Value.(flag.Getter).Get().(int)
		switch {
		case err != nil:
		case !slices.Contains(reads, f.Name):
			err = fmt.Errorf("-%s has no effect on %s; leave it out", f.Name, mode)
		case isNumber && n < 1 && f.Name != "from":
			err = fmt.Errorf("-%s %d, want at least 1", f.Name, n)
		}
	})
	if err != nil {
		return err
	}
	if c.sweep != "" && data != 1 {
		return fmt.Errorf("-sweep: %d data sets, want one", data)
	}
	if c.from < 0 || c.from >= c.cells {
		return fmt.Errorf("-from %d, want 0 to %d, below the number of -cells", c.from, c.cells-1)
	}
	return nil
}

// given reports whether a flag is part of the call.
func (c *call) given(name string) bool {
	given := false
	c.flags.Visit(func(f *flag.Flag) { given = given || f.Name == name })
	return given
}

func run(arguments []string) error {
	c, err := parse(arguments)
	if err != nil {
		return err
	}
	device, err := engine.Open("auto", 0)
	if err != nil {
		return err
	}
	defer device.Close()
	b := runner{context.Background(), device, c.config, c.python}
	if c.patience > 0 {
		return b.patience(c.patience, c.every, c.seeds)
	}
	var sets []*dataset.Set
	for _, name := range c.flags.Args() {
		set, err := dataset.Open(name, dataset.Options{}) // of a distribution that is not known
		if err != nil {
			return err
		}
		if c.rows > 0 && c.rows < set.Train.N {
			set.Train = set.Train.Slice(0, c.rows)
		}
		sets = append(sets, set)
	}
	switch c.sweep {
	case "axes":
		return b.sweep(sets[0], alone(c.config, axes(sets[0].Train.N)))
	case "drawn":
		return b.sweep(sets[0], combinations(c.config, axes(sets[0].Train.N), c.cells)[c.from:])
	}
	return b.table(sets, c.tables, c.seeds)
}

// runner trains the configuration, or variations of it, on a device.
type runner struct {
	ctx    context.Context
	device engine.Device
	config train.Config
	python string // a Python with scikit-learn; empty for none
}
