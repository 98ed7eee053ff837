// Command couplings tests whether training finds the couplings of pairwise models, which have couplings among their
// visible units and no hidden ones (harmonium train --lateral --hidden 0). It makes models with random couplings,
// draws exact samples of them, trains new models on the samples, and prints how far the trained couplings are from
// the true ones, in units of the standard error that such a number of samples gives. With -sweep it also times a
// Gibbs sweep of coupled units beside a dense product:
//
//	go run ./bench/couplings [-samples N] [-seed N] [-device DEVICE] [-sweep]
//
// The models are a spin glass of 4x4 spins on a torus, each coupled to its four neighbours, and a ring of 20 units
// with three states, each coupled to its two neighbours. The couplings are normal random numbers. The trained
// models have couplings for all pairs of units; couplings that the known model lacks should vanish.
//
// Reading order: main.go; models.go, the models and their exact samples; compare.go, the standard errors; sweep.go.
package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"time"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/train"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "couplings:", err)
		os.Exit(1)
	}
}

func run() error {
	samples := flag.Int("samples", 20000, "exact samples to train on")
	seed := flag.Uint64("seed", 1, "seed of the models, the samples and the training")
	sweep := flag.Bool("sweep", false, "also time sweeps of coupled units")
	device := flag.String("device", "auto", "device of the training: auto, cpu or cuda")
	flag.Parse()
	d, err := engine.Open(*device, 0)
	if err != nil {
		return err
	}
	defer d.Close()
	fmt.Printf("device: %s, %d cores\n", d.Name(), runtime.GOMAXPROCS(0))
	for _, k := range []known{spinGlass(*seed), ring(*seed)} {
		if err := k.trainAndCompare(d, *samples, *seed); err != nil {
			return fmt.Errorf("%s: %w", k.name, err)
		}
	}
	if *sweep {
		return timeSweeps(d)
	}
	return nil
}

// known is a model whose couplings are known, and the settings of the training that should find them.
type known struct {
	name    string
	model   *rbm.Model
	sampler func(r *rand.Rand) func(v []float32) // returns a function that writes an independent sample of model to v (V)
	train.Config
}

// trainAndCompare trains a new model on exact samples and prints its settings, its time and the result of compare.
func (k *known) trainAndCompare(d engine.Device, samples int, seed uint64) error {
	draw := k.sampler(rand.New(rand.NewPCG(seed, 2)))
	states := make([]float32, samples*k.model.Visible.Len())
	for n := range samples {
		draw(states[n*k.model.Visible.Len():][:k.model.Visible.Len()])
	}
	c := k.Config
	c.Seed = seed
	set := &dataset.Set{Name: k.name, Train: k.model.Visible.Rows(states)}
	t, err := train.New(c, set, d)
	if err != nil {
		return err
	}
	begin := time.Now()
	for !t.Done() {
		if err := t.Train(context.Background(), 100); err != nil {
			return err
		}
	}
	spent := time.Since(begin)
	found, err := t.Model()
	if err != nil {
		return err
	}
	report, err := k.compare(found, samples, draw)
	if err != nil {
		return err
	}
	fmt.Printf("%s, %d samples, %s-%d, %d chains, %d updates, %.0f s:\n  %s\n", k.name, samples, c.Algorithm, c.GibbsSteps,
		c.Chains, c.Updates, spent.Seconds(), report)
	return nil
}
