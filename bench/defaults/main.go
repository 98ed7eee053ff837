// Command defaults trains the default configuration on tables of many kinds, and prints the
// log-likelihoods that it reaches beside independent units and, where it is known, the truth:
//
//	go run ./bench/defaults [-seeds N] [-settings JSON] [-python PYTHON] [-tables NAME | DATA...]
//
// Without DATA it uses tables that it draws itself, with -tables the tables whose names contain NAME.
// With -python, a Python that has scikit-learn, it trains scikit-learn's BernoulliRBM on the same rows
// too. With -sweep it varies one setting at a time around the defaults, or draws combinations of all,
// and counts how the runs end:
//
//	go run ./bench/defaults -sweep axes|drawn [-from N] [-cells N] DATA
//
// With -patience it compares runs with and without patience on small tables that it draws itself:
//
//	go run ./bench/defaults -patience N [-every EPOCHS] [-seeds N] [-settings JSON]
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm/train"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	seeds := flag.Int("seeds", 1, "seeds of the runs, from 1 on")
	settings := flag.String("settings", "{}", "fields of train.Config as JSON, in place of the defaults")
	sweep := flag.String("sweep", "", "vary the settings: axes or drawn")
	cells := flag.Int("cells", 200, "combinations with -sweep drawn")
	from := flag.Int("from", 0, "combinations that -sweep drawn leaves out, the first ones")
	named := flag.String("tables", "", "of the tables that it draws, those whose names contain this text")
	python := flag.String("python", "", "a Python with scikit-learn, whose models are put beside")
	patience := flag.Int("patience", 0, "compare runs without patience with those that have it")
	every := flag.Int("every", 0, "epochs between two estimates with -patience; 0 leaves them to the run")
	rows := flag.Int("rows", 0, "training rows, the first ones; 0 for all")
	flag.Parse()
	config := train.DefaultConfig()
	if err := json.Unmarshal([]byte(*settings), &config); err != nil {
		return fmt.Errorf("-settings: %w", err)
	}
	device, err := engine.Open("auto", 0)
	if err != nil {
		return err
	}
	defer device.Close()
	b := bench{context.Background(), device, config, *python}
	if *patience > 0 {
		return b.patience(*patience, *every, *seeds)
	}
	var sets []*dataset.Set
	for _, name := range flag.Args() {
		set, err := fileSet(name)
		if err != nil {
			return err
		}
		if *rows > 0 && *rows < set.Train.N {
			set.Train = set.Train.Slice(0, *rows)
		}
		sets = append(sets, set)
	}
	switch *sweep {
	case "axes", "drawn":
		if len(sets) != 1 {
			return fmt.Errorf("-sweep: %d data sets, want one", len(sets))
		}
		all := axes(sets[0].Train.N)
		if *sweep == "axes" {
			return b.sweep(sets[0], alone(config, all))
		}
		if *from < 0 || *from > *cells {
			return fmt.Errorf("-from %d, want 0 to %d, the number of -cells", *from, *cells)
		}
		return b.sweep(sets[0], combinations(config, all, *cells)[*from:])
	case "":
		return b.table(sets, *named, *seeds)
	}
	return fmt.Errorf("-sweep %s, want axes or drawn", *sweep)
}

// bench trains on a device.
type bench struct {
	ctx    context.Context
	device engine.Device
	config train.Config
	python string // empty without scikit-learn
}
