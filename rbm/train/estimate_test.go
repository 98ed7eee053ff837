package train

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm/internal/rbmtest"
	"harmonium/rbm/likelihood"
)

// structured returns rows of four kinds: noisy copies of ten patterns, chains of columns, columns
// with rates of their own, and a mixture of the last with one pattern.
func structured(kind, n, columns int) *dataset.Rows {
	r := rand.New(rand.NewPCG(uint64(kind), 5))
	coin := func(p float64) float32 {
		if r.Float64() < p {
			return 1
		}
		return 0
	}
	patterns := make([]float32, 10*columns)
	for i := range patterns {
		patterns[i] = coin(0.5)
	}
	rows := &dataset.Rows{N: n, V: columns, Floats: make([]float32, n*columns)}
	for i := range n {
		row, pattern := rows.Floats[i*columns:(i+1)*columns], patterns[r.IntN(10)*columns:]
		for j := range row {
			own := float64(j+1) / float64(columns+1)
			switch {
			case kind == 0:
				row[j] = float32(math.Abs(float64(pattern[j] - coin(0.1))))
			case kind == 1 && j > 0:
				row[j] = float32(math.Abs(float64(row[j-1] - coin(0.1))))
			case kind == 3 && i%3 == 0:
				row[j] = patterns[j]
			default:
				row[j] = coin(own)
			}
		}
	}
	return rows
}

// TestEstimatesHoldTheTruth makes ten estimates of each of four runs, with more rows than an
// estimate uses. At least 36 of the 40 intervals hold the exact log-likelihood over all rows. An interval has
// three standard errors: one in 370 misses by chance, and five of forty in one of 10^7 tests.
func TestEstimatesHoldTheTruth(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	t.Parallel()
	const estimates = 10
	held := 0
	for kind := range 4 {
		rows := structured(kind, EstimateRows+1500, exactBits+1+kind)
		c := pcdConfig()
		c.Hidden, c.Updates, c.Binarize, c.LearningRate = exactBits+1, 1000, "none", 0.2
		trainer := newTestTrainer(t, c, &dataset.Set{Train: rows}, 1)
		for i := range estimates {
			trainTo(t, trainer, (i+1)*1000/estimates)
			o, err := trainer.Estimate(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			m, err := trainer.Model()
			if err != nil {
				t.Fatal(err)
			}
			truth := m.LogLikelihood(rows.Floats, rbmtest.LogPartition(t, m))
			if o.LogLikelihoodTrainLow == nil || o.LogLikelihoodTrainHigh == nil {
				t.Fatalf("kind %d, estimate %d: an unbounded interval", kind, i)
			}
			low, high := *o.LogLikelihoodTrainLow, *o.LogLikelihoodTrainHigh
			if high-low > 1 {
				t.Errorf("kind %d, estimate %d: from %v to %v, want it within a nat", kind, i, low, high)
			}
			if low <= truth && truth <= high {
				held++
			} else {
				t.Logf("kind %d, estimate %d: %v (%v to %v), want %v", kind, i, o.LogLikelihoodTrain, low, high, truth)
			}
		}
	}
	if held < 36 {
		t.Errorf("%d of 40 intervals hold the likelihood, want at least 36", held)
	}
}

// TestEstimateOfAllRows: with few rows and units an estimate is exact, and equals the evaluation of
// the same rows, under the model and under independent units.
func TestEstimateOfAllRows(t *testing.T) {
	for name, grey := range map[string]bool{"states": false, "grey": true} {
		set := &dataset.Set{Train: rbmtest.RandomRows(611, 6, grey, true), Valid: rbmtest.RandomRows(57, 6, grey, true)}
		c := pcdConfig()
		c.Hidden, c.Updates = 4, 30
		trainer := newTestTrainer(t, c, set, 2)
		finish(t, trainer)
		o, err := trainer.Estimate(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		m, err := trainer.Model()
		if err != nil {
			t.Fatal(err)
		}
		for split, of := range map[string]struct {
			rows             *dataset.Rows
			got, independent float64
		}{"train": {set.Train, o.LogLikelihoodTrain, o.IndependentTrain}, "valid": {set.Valid, *o.LogLikelihoodValid, *o.IndependentValid}} {
			e, err := likelihood.Evaluate(context.Background(), m, rbmtest.OpenDevice(t, 1), of.rows,
				likelihood.EvaluateConfig{Method: "exact", Binarize: trainer.binarize, Seed: c.Seed})
			if err != nil {
				t.Fatal(err)
			}
			independent, err := likelihood.Independent(context.Background(), rbmtest.OpenDevice(t, 1), trainer.independent(), of.rows, trainer.binarize, c.Seed)
			if err != nil {
				t.Fatal(err)
			}
			if of.got != e.LogLikelihood || of.independent != independent {
				t.Errorf("%s, %s: log-likelihoods %v and %v of independent units, want %v and %v", name, split, of.got, of.independent, e.LogLikelihood, independent)
			}
		}
		if *o.LogLikelihoodTrainLow != o.LogLikelihoodTrain || *o.LogLikelihoodTrainHigh != o.LogLikelihoodTrain {
			t.Errorf("%s: from %v to %v, want no interval", name, *o.LogLikelihoodTrainLow, *o.LogLikelihoodTrainHigh)
		}
	}
}
