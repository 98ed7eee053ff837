package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"

	"harmonium/bench"
	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/likelihood"
	"harmonium/rbm/train"
)

// openMNIST reads the data set once for all tasks of a process.
var openMNIST = sync.OnceValues(func() (*dataset.Set, error) {
	return dataset.Open("mnist", dataset.Options{})
})

// config is the configuration of the measured updates. It has no momentum and no decay, as
// the peers have none.
func (t task) config() train.Config {
	c := train.DefaultConfig()
	c.Algorithm, c.BatchSize, c.Chains, c.Center = "pcd", t.Batch, t.Batch, t.Center
	c.Schedule, c.L2 = "constant", 0
	c.Binarize = "static"
	if t.Alphabet > 0 {
		c.VisibleUnits, c.Hidden = fmt.Sprintf("categorical/%d", t.Alphabet), sequenceHidden
	}
	if t.Gaussian { // the rate is chosen, and does not affect the speed
		c.VisibleUnits, c.Binarize, c.LearningRate = "gaussian", "none", 0.01
	}
	return c
}

// open returns the data set of the task.
func (t task) open() (*dataset.Set, error) {
	if t.Alphabet > 0 {
		return &dataset.Set{Name: "sequences", Train: sequencesOf(t.Alphabet)}, nil
	}
	return openMNIST()
}

// update measures training from the third epoch on. Every request starts there again, so that
// all rounds measure the same.
func (r request) update(ctx context.Context) (answer, error) {
	d, err := engine.Open("cpu", r.Threads)
	if err != nil {
		return answer{}, err
	}
	defer d.Close()
	t, err := r.resume(d)
	if err != nil {
		return answer{}, err
	}
	samples, err := r.blocks(r.Batch, t.EpochUpdates(), func() error { return t.Train(ctx, 1) })
	if err != nil {
		return answer{}, err
	}
	m, err := t.Metrics()
	return answer{Samples: samples, Hidden: m.MeanHidden, Setting: d.Name()}, err
}

// resume returns a trainer at the start of the task, which never ends by itself.
func (r request) resume(d engine.Device) (*train.Trainer, error) {
	data, err := r.open()
	if err != nil {
		return nil, err
	}
	c, err := train.LoadCheckpoint(r.Start + ".safetensors")
	if err != nil {
		return nil, err
	}
	c.Config.GibbsSteps = r.Steps
	c.Config.Epochs, c.Config.Updates = math.MaxInt32, 0
	return c.Resume(data, d)
}

// product measures the field of a layer given real values, which is a dense product.
func (r request) product() (answer, error) {
	d, err := engine.Open("cpu", r.Threads)
	if err != nil {
		return answer{}, err
	}
	defer d.Close()
	multiply, err := bench.Product{Rows: r.Batch, In: visible, Out: r.Columns}.On(d)
	if err != nil {
		return answer{}, err
	}
	samples, err := r.blocks(1, math.MaxInt, multiply) // a block ends by its time alone
	return answer{Samples: samples, Setting: d.Name()}, err
}

const annealingRuns = 100

// annealing measures annealed importance sampling of the model at which updates start.
func (r request) annealing(ctx context.Context) (answer, error) {
	d, err := engine.Open("cpu", r.Threads)
	if err != nil {
		return answer{}, err
	}
	defer d.Close()
	m, err := rbm.LoadModel(r.Start + ".safetensors")
	if err != nil {
		return answer{}, err
	}
	betas := thinned(likelihood.DefaultBetas(), r.Stride)
	units := annealingRuns * (len(betas) - 1)
	samples := make([]float64, r.Blocks)
	for i := range samples {
		perCall, err := block(0, 1, func() error {
			_, err := likelihood.AIS(ctx, m, d, likelihood.AISConfig{Runs: annealingRuns, Betas: betas, Seed: 1})
			return err
		})
		if err != nil {
			return answer{}, err
		}
		samples[i] = perCall / float64(units)
	}
	return answer{Samples: samples, Setting: d.Name()}, nil
}

// thinned returns every stride-th beta, and the last.
func thinned(betas []float32, stride int) []float32 {
	if stride <= 1 {
		return betas
	}
	var few []float32
	for i := 0; i < len(betas)-1; i += stride {
		few = append(few, betas[i])
	}
	return append(few, betas[len(betas)-1])
}

// peakMemory runs an epoch of the default training with its monitors and an evaluation, and
// returns the largest resident set of the process.
func (r request) peakMemory(ctx context.Context) (answer, error) {
	data, err := openMNIST()
	if err != nil {
		return answer{}, err
	}
	d, err := engine.Open("cpu", 0)
	if err != nil {
		return answer{}, err
	}
	defer d.Close()
	t, err := train.New(train.DefaultConfig(), data, d)
	if err != nil {
		return answer{}, err
	}
	if err := t.Train(ctx, t.EpochUpdates()); err != nil {
		return answer{}, err
	}
	if _, err := t.Metrics(); err != nil {
		return answer{}, err
	}
	m, err := t.Model()
	if err != nil {
		return answer{}, err
	}
	_, err = likelihood.Evaluate(ctx, m, d, data.Test, likelihood.EvaluateConfig{
		Method: "ais", AIS: likelihood.AISConfig{Betas: likelihood.LinearBetas(10)}, // few: memory does not depend on them
		Binarize: dataset.Binarization{Mode: dataset.Static},
	})
	if err != nil {
		return answer{}, err
	}
	peak, err := processMemory("VmHWM")
	return answer{Samples: []float64{peak}}, err
}

// pcdMemory returns the growth of the resident set by making and running a trainer, in a
// process that holds the data already.
func (r request) pcdMemory(ctx context.Context) (answer, error) {
	data, err := openMNIST()
	if err != nil {
		return answer{}, err
	}
	d, err := engine.Open("cpu", 0)
	if err != nil {
		return answer{}, err
	}
	defer d.Close()
	debug.FreeOSMemory()
	before, err := processMemory("VmRSS")
	if err != nil {
		return answer{}, err
	}
	t, err := train.New(r.config(), data, d)
	if err != nil {
		return answer{}, err
	}
	const updates = 20 // chosen: after the first few a trainer allocates nothing
	if err := t.Train(ctx, updates); err != nil {
		return answer{}, err
	}
	debug.FreeOSMemory()
	after, err := processMemory("VmRSS")
	if err != nil {
		return answer{}, err
	}
	if done, _ := t.Updates(); done != updates { // also keeps t alive up to here
		return answer{}, fmt.Errorf("compare: %s: %d updates, want %d", r.task, done, updates)
	}
	return answer{Samples: []float64{after - before}}, nil
}

// processMemory returns a figure of Linux's /proc/self/status in bytes.
func processMemory(field string) (float64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, fmt.Errorf("compare: resident memory: %w", err)
	}
	return statusField(string(status), field)
}

func statusField(status, field string) (float64, error) {
	for line := range strings.Lines(status) {
		if value, ok := strings.CutPrefix(line, field+":"); ok {
			kilobytes, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 64)
			if err != nil {
				return 0, fmt.Errorf("compare: resident memory: %s is %q, want kB", field, strings.TrimSpace(value))
			}
			return kilobytes * 1024, nil
		}
	}
	return 0, fmt.Errorf("compare: resident memory: no %s in the process status", field)
}
