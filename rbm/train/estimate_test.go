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

// The kinds of rows that structured returns.
const (
	noisyPatterns  = iota // one of ten random patterns, each cell flipped with probability 0.1
	columnChain           // each cell is the one to its left, flipped with probability 0.1
	ownRates              // independent columns, column j of J on with probability (j+1)/(J+1)
	patternOrRates        // every third row the first pattern, the others as ownRates
	structures
)

// structured returns rows of one of the four kinds.
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
			switch {
			case kind == noisyPatterns:
				row[j] = float32(math.Abs(float64(pattern[j] - coin(0.1))))
			case kind == columnChain && j > 0:
				row[j] = float32(math.Abs(float64(row[j-1] - coin(0.1))))
			case kind == patternOrRates && i%3 == 0:
				row[j] = patterns[j]
			default:
				row[j] = coin(float64(j+1) / float64(columns+1))
			}
		}
	}
	return rows
}

// TestEstimatesHoldTheTruth makes ten estimates of each of four runs, with more rows than an estimate uses and more
// units than an exact log Z allows. At least 36 of the 40 intervals hold the exact log-likelihood over all rows. An
// interval has three standard errors: one in 370 misses by chance, and five of forty in one of 10^7 tests. An interval
// wider than a nat (chosen) could not tell these models from independent units.
func TestEstimatesHoldTheTruth(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	t.Parallel()
	const estimates, updates = 10, 1000
	covering := 0
	for kind := range structures {
		rows := structured(kind, EstimateRows+1500, exactBits+1+kind)
		c := pcdConfig()
		c.Hidden, c.Updates, c.Binarize, c.LearningRate = exactBits+1, updates, "none", 0.2
		trainer := newTestTrainer(t, c, &dataset.Set{Train: rows}, 1)
		for i := range estimates {
			trainTo(t, trainer, (i+1)*updates/estimates)
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
				covering++
			} else {
				t.Logf("kind %d, estimate %d: %v (%v to %v), want %v", kind, i, o.LogLikelihoodTrain, low, high, truth)
			}
		}
	}
	if covering < 36 {
		t.Errorf("%d of 40 intervals hold the log-likelihood, want at least 36", covering)
	}
}

// TestEstimateOfAllRows: with fewer rows than EstimateRows, an estimate with an exact log Z is exact. It equals the
// evaluation of the same rows, under the model and under independent units.
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
		for part, tc := range map[string]struct {
			rows             *dataset.Rows
			got, independent float64
		}{
			partTrain: {set.Train, o.LogLikelihoodTrain, o.IndependentTrain},
			partValid: {set.Valid, *o.LogLikelihoodValid, *o.IndependentValid},
		} {
			d := rbmtest.OpenDevice(t, 1)
			e, err := likelihood.Evaluate(context.Background(), m, d, tc.rows,
				likelihood.EvaluateConfig{Method: "exact", Binarize: trainer.binarize, Seed: c.Seed})
			if err != nil {
				t.Fatal(err)
			}
			independent, err := likelihood.Independent(context.Background(), d, trainer.independent(), tc.rows, trainer.binarize, c.Seed)
			if err != nil {
				t.Fatal(err)
			}
			if tc.got != e.LogLikelihood {
				t.Errorf("%s, %s: log-likelihood %v, want %v", name, part, tc.got, e.LogLikelihood)
			}
			if tc.independent != independent {
				t.Errorf("%s, %s: log-likelihood %v of independent units, want %v", name, part, tc.independent, independent)
			}
		}
		if *o.LogLikelihoodTrainLow != o.LogLikelihoodTrain || *o.LogLikelihoodTrainHigh != o.LogLikelihoodTrain {
			t.Errorf("%s: from %v to %v, want no interval", name, *o.LogLikelihoodTrainLow, *o.LogLikelihoodTrainHigh)
		}
	}
}
