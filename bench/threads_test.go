package bench

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"harmonium/engine"
	"harmonium/rbm/train"
)

// BenchmarkThreads measures updates by plain PCD-1 on one thread and on all threads of the host,
// in turn, from the third epoch on, when the share of hidden units that are on, which decides on the speed, has
// settled. It reports medians of both, and the median, lowest tenth and highest tenth of the ratios of neighbouring
// turns. A turn takes a third of a second, which is chosen: short, so that other work on the machine affects both
// sides, and long beside an update.
func BenchmarkThreads(b *testing.B) {
	for _, batch := range []int{100, 500} {
		b.Run(fmt.Sprintf("V=784/H=500/B=%d", batch), func(b *testing.B) { benchmarkThreads(b, batch) })
	}
}

func benchmarkThreads(b *testing.B, batch int) {
	const turn = time.Second / 3
	ctx := context.Background()
	trainers := []*train.Trainer{threadsTrainer(b, batch, 1), threadsTrainer(b, batch, 0)}
	var spent [2][]float64
	var ratios []float64
	for b.Loop() {
		for i, t := range trainers {
			if err := t.Train(ctx, 1+5000/batch); err != nil { // 5000 rows (chosen) fill the caches after the other side
				b.Fatal(err)
			}
			updates := 0
			start := time.Now()
			for ; time.Since(start) < turn; updates++ {
				if err := t.Train(ctx, 1); err != nil {
					b.Fatal(err)
				}
			}
			spent[i] = append(spent[i], 1e6*time.Since(start).Seconds()/float64(updates*batch))
		}
		ratios = append(ratios, spent[0][len(ratios)]/spent[1][len(ratios)])
	}
	for _, s := range [][]float64{spent[0], spent[1], ratios} {
		slices.Sort(s)
	}
	n := len(ratios)
	b.ReportMetric(spent[0][n/2], "one-µs/row")
	b.ReportMetric(spent[1][n/2], "all-µs/row")
	b.ReportMetric(ratios[n/2], "one/all")
	b.ReportMetric(ratios[n/10], "lowest-one/all")
	b.ReportMetric(ratios[n-1-n/10], "highest-one/all")
}

// threadsTrainer returns a run at the start of its third epoch. If threads is 0, it has one for each processor.
func threadsTrainer(b *testing.B, batch, threads int) *train.Trainer {
	b.Helper()
	d, err := engine.Open("cpu", threads)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { d.Close() })
	t := measured{Device: d}.trainer(b, size{784, 500}, batch, 1, func(c *train.Config) {
		c.Center, c.L2 = false, 0
	})
	if err := t.Train(context.Background(), 2*t.EpochUpdates()); err != nil {
		b.Fatal(err)
	}
	return t
}
