package likelihood

import (
	"context"
	"fmt"
	"math"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/estimate"
	"harmonium/rbm/sample"
)

const (
	annealedSteps  = 250 // steps of equal size in β of annealed samples
	annealedBurnIn = 100 // Gibbs steps of the model after them

	checkedSamples = 200  // samples of a SampleCheck
	checkedRows    = 2000 // rows that they are compared with, at most
)

// AnnealedSamples returns n states (n,V) that are nearly samples of m: the ends of runs of [AIS]
// over 250 steps, drawn again in proportion to their weights, and 100 Gibbs steps after them.
// Where few of the weights count, many samples begin at the same state. The model must have base
// rates.
func AnnealedSamples(ctx context.Context, m *rbm.Model, d engine.Device, n int, seed uint64) ([]float32, error) {
	if m.BaseRates == nil {
		return nil, errNoBaseRates
	}
	p, ends, err := annealUp(ctx, m, d, AISConfig{Runs: n, Betas: LinearBetas(annealedSteps), Seed: seed})
	if err != nil {
		return nil, fmt.Errorf("likelihood: annealed samples: %w", err)
	}
	width := m.Visible.Len()
	states := make([]float32, 0, n*width)
	for _, i := range resampled(p.LogWeights) {
		states = append(states, ends[i*width:(i+1)*width]...)
	}
	chains, err := sample.NewChains(m, d, states, nil, seed)
	if err != nil {
		return nil, err
	}
	if err := chains.Run(ctx, annealedBurnIn); err != nil {
		return nil, err
	}
	return chains.Visible()
}

// resampled returns as many places as there are weights, each as often as its share of the weights
// asks for, up to one: systematic resampling (Kitagawa 1996) from the middle of the first stratum.
func resampled(logWeights []float64) []int {
	total, n := estimate.LogSumExp(logWeights), len(logWeights)
	var places []int
	var sum float64
	for i, l := range logWeights {
		sum += math.Exp(l-total) * float64(n)
		for len(places) < n && (float64(len(places))+0.5 < sum || i == n-1) {
			places = append(places, i)
		}
	}
	return places
}

// SampleCheck compares samples of a model with held-out rows.
type SampleCheck struct {
	Samples int               // number of samples
	Model   estimate.Likeness // of the samples to the held-out rows
	Rows    estimate.Likeness // of as many training rows to the held-out rows: the yardstick
}

// Differ reports whether the samples are of another distribution than the rows.
func (c *SampleCheck) Differ() bool { return c.Model.Differs(c.Rows) }

// CheckSamples compares 200 samples of m, by [AnnealedSamples], with up to 2000 held-out rows, or
// with training rows if held is nil. As the yardstick, 200 training rows drawn with replacement are
// compared with the same rows. Rows become states as in [Evaluate].
func CheckSamples(ctx context.Context, m *rbm.Model, d engine.Device, train, held *dataset.Rows, b dataset.Binarization, seed uint64) (*SampleCheck, error) {
	samples, err := AnnealedSamples(ctx, m, d, checkedSamples, seed)
	if err != nil {
		return nil, err
	}
	trained, err := sample.ResampledVisible(ctx, d, train, b, m.Visible.Units, checkedSamples, seed)
	if err != nil {
		return nil, err
	}
	if held == nil {
		held = train
	}
	reference, err := sample.DataVisible(ctx, d, held, b, m.Visible.Units, min(checkedRows, held.N), seed)
	if err != nil {
		return nil, err
	}
	moments := func(states []float32) estimate.Moments {
		return estimate.MomentsOf(m.Visible.Rows(states).Floats, m.Visible.Len())
	}
	of := moments(reference)
	return &SampleCheck{Samples: checkedSamples, Model: moments(samples).Likeness(of), Rows: moments(trained).Likeness(of)}, nil
}
