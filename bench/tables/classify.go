package main

import (
	"fmt"
	"slices"

	"harmonium/dataset"
	"harmonium/rbm/likelihood"
)

// classify prints the accuracy of a label on held-out rows, and the log loss, over several seeds.
func (b runner) classify(label string, seeds int) error {
	var accuracies []float64
	right, loss := 0.0, 0.0
	for seed := 1; seed <= seeds; seed++ {
		s, err := b.open(label, seed)
		if err != nil {
			return err
		}
		m, err := b.train(s, seed)
		if err != nil {
			return err
		}
		column, from := s.Schema.Label()
		logs, err := likelihood.LogClasses(b.ctx, m, b.device, s.Test, from, column.Width(), dataset.Binarization{}, 1)
		if err != nil {
			return err
		}
		hits, n := 0, 0
		for row := range slices.Chunk(logs, column.Width()) {
			truth := column.State(s.Test.Labels[n])
			if slices.Index(row, slices.Max(row)) == truth {
				hits++
			}
			loss -= row[truth] / float64(s.Test.N*seeds)
			n++
		}
		accuracies = append(accuracies, float64(hits)/float64(n))
		right += accuracies[seed-1] / float64(seeds)
	}
	fmt.Printf("%s of held-out rows: accuracy %.1f %% over %d seeds (%.1f to %.1f), log loss %.3f nats\n",
		label, 100*right, seeds, 100*slices.Min(accuracies), 100*slices.Max(accuracies), loss)
	return nil
}
