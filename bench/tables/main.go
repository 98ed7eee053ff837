// Command tables trains models of the built-in table of penguins on four fifths of its rows, and prints
// how well they classify, fill and sample the other fifth, on average over seeds:
//
//	go run ./bench/tables [-seeds N] [-bins N] [-settings JSON]
//
// It leaves the rows with missing cells out. The edges of the bins come from all rows.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/train"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "tables:", err)
		os.Exit(1)
	}
}

// runner makes runs, and has what all of them have in common.
type runner struct {
	ctx    context.Context
	device engine.Device
	config train.Config
	bins   int
}

func run() error {
	seeds := flag.Int("seeds", 5, "average over the seeds 1 to `N`, or 1 to 2·N for the sex") // 2·N: chosen
	bins := flag.Int("bins", 8, "cut each column of numbers into `N` categories, or make it a real unit if N is 0")
	const usual = `{"hidden": 32, "algorithm": "pt", "temperatures": 4, "updates": 3000, "l2": 0.001}` // chosen
	settings := flag.String("settings", usual, "fields of train.Config as `JSON`, beside the defaults")
	flag.Parse()
	config := train.DefaultConfig()
	decoder := json.NewDecoder(strings.NewReader(*settings))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&config); err != nil {
		return fmt.Errorf("-settings: %w", err)
	}
	device, err := engine.Open("auto", 0)
	if err != nil {
		return err
	}
	defer device.Close()
	b := runner{context.Background(), device, config, *bins}
	fmt.Printf("penguins, %s, %d bins\n\n", *settings, *bins)
	if err := b.classify("species", *seeds); err != nil {
		return err
	}
	if err := b.classify("sex", 2*(*seeds)); err != nil {
		return err
	}
	return b.complete(*seeds)
}

// split is the table with a fifth of its rows held out.
type split struct {
	*dataset.Set
	train, test [][]string // cells of the rows, in the order of the schema's columns
}

// open returns the table, with the rows that a seed holds out. The label may be empty.
func (b runner) open(label string, seed int) (*split, error) {
	columns := dataset.Columns{Label: label}
	set, err := dataset.Open("penguins",
		dataset.Options{Columns: columns, Infer: &dataset.Inference{Always: true, Bins: b.bins, Label: label != ""}, Missing: true})
	if err != nil {
		return nil, err
	}
	table, err := dataset.OpenPattern("penguins", set.Train.V, dataset.Options{Schema: set.Schema})
	if err != nil {
		return nil, err
	}
	var order []int
	for n := range table.N {
		if set.Schema.Missing(table.Values[n*table.V:(n+1)*table.V]) == 0 {
			order = append(order, n)
		}
	}
	rng := rand.New(rand.NewPCG(uint64(seed), 0))
	rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	testing, training := order[:len(order)/5], order[len(order)/5:]
	s := &split{Set: set}
	for _, n := range testing {
		s.test = append(s.test, table.Cells[n])
	}
	for _, n := range training {
		s.train = append(s.train, table.Cells[n])
	}
	set.Train, set.Test = set.Train.Select(training), set.Train.Select(testing)
	return s, nil
}

// train returns a model of the training rows.
func (b runner) train(s *split, seed int) (*rbm.Model, error) {
	c := b.config
	c.Seed, c.Binarize, c.VisibleUnits = uint64(seed), "none", s.Schema.Units("")
	t, err := train.New(c, s.Set, b.device)
	if err != nil {
		return nil, err
	}
	result, err := train.Run(b.ctx, t, train.RunConfig{})
	return result.Model, err
}
