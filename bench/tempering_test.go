package bench

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"harmonium/rbm/train"
)

// BenchmarkTempering measures updates of parallel tempering with ten temperatures and of
// parallel trajectory tempering beside updates of PCD-k with the same number of chains, in
// turn. It reports medians, and their ratios to the median of PCD. The learning rate is almost 0, so that
// trajectory tempering freezes no model in these updates: it does so when the model has moved away from the last
// frozen one. The figure freeze is the time for freezing the first model of a run, in updates of PCD: the time that
// a trainer of ptt takes to be made, less the time of a trainer of pcd.
func BenchmarkTempering(b *testing.B) {
	const visible, hidden = 784, 500
	for _, batch := range []int{100, 500} {
		for _, steps := range []int{1, 2, 10} {
			name := fmt.Sprintf("%v/B=%d/k=%d", size{visible, hidden}, batch, steps)
			onDevices(b, name, func(b *testing.B, d measured) { benchmarkTempering(b, d, size{visible, hidden}, batch, steps) })
		}
	}
}

func benchmarkTempering(b *testing.B, d measured, size size, batch, steps int) {
	const updates = 5 // in one turn; chosen
	ctx := context.Background()
	rows(b, size, batch) // reads them before the clock starts
	algorithms := []string{"pcd", "pt", "ptt"}
	var trainers []*train.Trainer
	var making []time.Duration // of the trainers
	for _, algorithm := range algorithms {
		start := time.Now()
		t := d.trainer(b, size, batch, steps, func(c *train.Config) { c.Algorithm, c.LearningRate = algorithm, 1e-30 })
		making = append(making, time.Since(start))
		if err := t.Train(ctx, updates); err != nil {
			b.Fatal(err)
		}
		trainers = append(trainers, t)
	}
	spent := make([][]float64, len(trainers))
	for b.Loop() {
		for i, t := range trainers {
			start := time.Now()
			if err := t.Train(ctx, updates); err != nil {
				b.Fatal(err)
			}
			spent[i] = append(spent[i], time.Since(start).Seconds()/updates)
		}
	}
	median := func(i int) float64 {
		slices.Sort(spent[i])
		return spent[i][len(spent[i])/2]
	}
	for i, algorithm := range algorithms {
		b.ReportMetric(1e3*median(i), algorithm+"-ms/update")
		if i > 0 {
			b.ReportMetric(median(i)/median(0), algorithm+"/pcd")
		}
	}
	b.ReportMetric((making[2]-making[0]).Seconds()/median(0), "freeze/pcd")
}
