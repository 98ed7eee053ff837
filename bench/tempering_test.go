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
// turn, for models that hardly move. It reports medians, and their ratios to the median of
// PCD. No model is frozen in these updates. The figure freeze is the time for freezing a model over
// one stage, in updates of PCD: the first model of a run.
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
	const updates = 5 // in one turn
	ctx := context.Background()
	rows(b, size, batch) // reads them before the clock starts
	algorithms := []string{"pcd", "pt", "ptt"}
	var trainers []*train.Trainer
	var begun []time.Duration
	for _, algorithm := range algorithms {
		start := time.Now()
		t := d.trainer(b, size, batch, steps, func(c *train.Config) { c.Algorithm, c.LearningRate = algorithm, 1e-30 })
		begun = append(begun, time.Since(start))
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
	b.ReportMetric((begun[2]-begun[0]).Seconds()/median(0), "freeze/pcd")
}
