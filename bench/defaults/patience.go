package main

import (
	"context"
	"fmt"
	"math"

	"harmonium/dataset"
	"harmonium/rbm/train"
)

// patience trains on small tables, whose log-likelihoods are exact, with and without patience, and
// prints the highest log-likelihood of the validation rows in each of the two runs. every is the number of
// epochs between two estimates; 0 leaves it to the run.
func (b runner) patience(patience, every, seeds int) error {
	fmt.Println("| table | seed | highest without patience | after update | with patience | after update " +
		"| updates made | difference |")
	fmt.Println("|---|---|---|---|---|---|---|---|")
	for _, t := range []table{
		mixture("mixture of 2", 500, 16, 2, 0.1),
		mixture("mixture of 6", 150, 16, 6, 0.1),
		chainTable(800, 16, 0.15),
		xorTable(800, 5, 0.05),
	} {
		set := t.set(1)
		for seed := 1; seed <= seeds; seed++ {
			c := b.config
			c.Seed = uint64(seed)
			best, at, _, err := b.bestValid(set, c, 0, every)
			if err != nil {
				return fmt.Errorf("%s: %w", t.name, err)
			}
			patient, patientAt, made, err := b.bestValid(set, c, patience, every)
			if err != nil {
				return fmt.Errorf("%s: %w", t.name, err)
			}
			fmt.Printf("| %s, %dx%d | %d | %.3f | %d | %.3f | %d | %d | %.3f |\n", t.name, t.rows, t.columns, seed,
				best, at, patient, patientAt, made, patient-best)
		}
	}
	return nil
}

// bestValid returns the highest estimate of a run for validation rows, the update of its model, and
// the number of updates made.
func (b runner) bestValid(set *dataset.Set, c train.Config, patience, every int) (best float64, at, made int, err error) {
	c.Binarize = set.Train.DefaultBinarization().String()
	trainer, err := train.New(c, set, b.device)
	if err != nil {
		return 0, 0, 0, err
	}
	best = math.Inf(-1)
	result, err := train.Run(b.ctx, trainer,
		train.RunConfig{Patience: patience, OnlineEvery: every, Record: func(_ context.Context, r train.Record) error {
			if r.Online == nil {
				return nil
			}
			if r.Method != "exact" {
				return fmt.Errorf("update %d: log Z by %s, want it exact", r.Update, r.Method)
			}
			if *r.LogLikelihoodValid > best {
				best, at = *r.LogLikelihoodValid, r.Update
			}
			return nil
		}})
	if patience > 0 {
		best, at = result.LogLikelihood, result.Update
	}
	made, _ = trainer.Updates()
	return best, at, made, err
}
