package bench

import (
	"context"
	"fmt"
	"math"
	"testing"

	"harmonium/rbm/likelihood"
	"harmonium/rbm/sample"
)

// BenchmarkUpdate measures whole parameter updates by PCD-k with the centered gradient, one
// chain for each row of a batch, and hidden units about half on. The rows of models with 784
// visible units are MNIST, drawn once; the rows of other models are random states.
func BenchmarkUpdate(b *testing.B) {
	for _, size := range sizes {
		for _, batch := range []int{100, 500, 2000} {
			for _, steps := range []int{1, 10} {
				name := fmt.Sprintf("%v/B=%d/k=%d", size, batch, steps)
				onDevices(b, name, func(b *testing.B, d measured) { benchmarkUpdate(b, d, size, batch, steps) })
			}
		}
	}
}

func benchmarkUpdate(b *testing.B, d measured, size size, batch, steps int) {
	t := d.trainer(b, size, batch, steps)
	ctx := context.Background()
	if err := t.Train(ctx, 1); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := t.Train(ctx, 1); err != nil {
			b.Fatal(err)
		}
	}
	m, err := t.Metrics() // also waits for the last update
	if err != nil {
		b.Fatal(err)
	}
	rows := float64(batch) * float64(b.N)
	// Products: fields of the data and of each half of a Gibbs step, and two gradients.
	products := float64(1 + 2*steps + 2)
	d.report(b, rows, "samples/s", products*size.flop())
	b.ReportMetric(100*m.MeanHidden, "%on")
}

// BenchmarkGibbs measures Gibbs steps v→h→v of 500 chains.
func BenchmarkGibbs(b *testing.B) {
	const chains = 500
	for _, size := range sizes {
		onDevices(b, fmt.Sprintf("%v/chains=%d", size, chains), func(b *testing.B, d measured) {
			m := d.model(b, size)
			c, err := sample.NewChains(m, d.Device, sample.RandomVisible(m, chains, 1), nil, 1)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if err := c.Run(context.Background(), 1); err != nil {
					b.Fatal(err)
				}
			}
			if err := d.Sync(); err != nil {
				b.Fatal(err)
			}
			d.report(b, chains*float64(b.N), "steps/s", 2*size.flop())
		})
	}
}

// BenchmarkAIS measures 100 steps of annealed importance sampling with 100 runs, and reports
// the time of the default's 14,501 inverse temperatures at that pace.
func BenchmarkAIS(b *testing.B) {
	const runs, steps = 100, 100
	for _, size := range sizes {
		onDevices(b, fmt.Sprintf("%v/runs=%d", size, runs), func(b *testing.B, d measured) {
			m := d.model(b, size)
			for b.Loop() {
				_, err := likelihood.AIS(context.Background(), m, d.Device,
					likelihood.AISConfig{Runs: runs, Betas: likelihood.LinearBetas(steps), Seed: 1})
				if err != nil {
					b.Fatal(err)
				}
			}
			d.report(b, runs*steps*float64(b.N), "steps/s", 2*size.flop())
			perStep := b.Elapsed().Seconds() / float64(steps*b.N)
			b.ReportMetric(perStep*float64(len(likelihood.DefaultBetas())-1), "s/14501betas")
		})
	}
}

// BenchmarkMonitor measures one evaluation of the monitors of a run.
func BenchmarkMonitor(b *testing.B) {
	for _, size := range sizes {
		onDevices(b, size.String(), func(b *testing.B, d measured) {
			t := d.trainer(b, size, 100, 1)
			first, err := t.Metrics() // makes the plan
			if err != nil {
				b.Fatal(err)
			}
			if math.IsNaN(first.FreeEnergyTrain) {
				b.Fatalf("free energy is NaN")
			}
			for b.Loop() {
				if _, err := t.Metrics(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
