// Command couplings trains pairwise models on exact samples of known ones, and compares the couplings it finds with
// the known ones in units of their standard errors. It also times a sweep of coupled units beside dense products:
//
//	go run ./bench/couplings [-samples N] [-seed N] [-sweep]
//
// The models are a 4x4 spin glass on a torus, whose couplings to the four neighbours are normal, and a ring of 20
// sites of three states with normal couplings of neighbours. All pairs of units are fitted, also those without a
// coupling.
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
	sweep := flag.Bool("sweep", false, "time sweeps too")
	device := flag.String("device", "auto", "device of the training: auto, cpu or cuda")
	flag.Parse()
	d, err := engine.Open(*device, 0)
	if err != nil {
		return err
	}
	defer d.Close()
	fmt.Printf("device: %s, %d cores\n", d.Name(), runtime.GOMAXPROCS(0))
	for _, k := range []known{spinGlass(*seed), ring(*seed)} {
		if err := k.recover(d, *samples, *seed); err != nil {
			return fmt.Errorf("%s: %w", k.name, err)
		}
	}
	if *sweep {
		return timeSweeps(d)
	}
	return nil
}

// known is a model with known couplings.
type known struct {
	name    string
	model   *rbm.Model
	sampler func(r *rand.Rand) func(v []float32) // returns a function that draws a state
	train.Config
}

// recover trains a model on exact samples and prints how far its couplings are off.
func (k *known) recover(d engine.Device, samples int, seed uint64) error {
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
	fmt.Printf("%s, %d samples, %s-%d, %d chains, %d updates, %.0f s:\n  %s\n", k.name, samples, c.Algorithm, c.GibbsSteps, c.Chains, c.Updates, spent.Seconds(), report)
	return nil
}
