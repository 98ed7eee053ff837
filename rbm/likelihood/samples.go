package likelihood

import (
	"context"
	"fmt"
	"math"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/sample"
)

// All four are chosen: more steps give better samples and more samples a sharper comparison, and a check is to take
// seconds.
const (
	annealedSteps  = 250 // steps of equal size in β of annealed samples
	annealedBurnIn = 100 // Gibbs steps of the model after them

	checkedSamples = 200  // samples of a SampleCheck
	checkedRows    = 2000 // rows that they are compared with, at most
)

// AnnealedSamples returns n states (n,V) that are nearly samples of m: the ends of runs of [AIS]
// over 250 steps, drawn again in proportion to their weights, and 100 Gibbs steps after them.
// If a few weights dominate, many samples start the Gibbs steps from the same state and depend on
// each other. Their effective number is then at most the effective sample size of the weights, which
// is the second result. The model must have base rates. Samples of a Gaussian model are exact and need none.
func AnnealedSamples(
	ctx context.Context, m *rbm.Model, d engine.Device, n int, seed uint64,
) (states []float32, effective float64, err error) {
	if m.Gaussian() {
		const deviation = 1
		numbers := make([]float32, n*(m.Visible.Len()+m.Hidden.Len()))
		engine.Normals(numbers, seed, graph.StreamAnnealVisible, deviation)
		states, err = m.NormalSamples(numbers)
		return states, float64(n), err
	}
	if m.BaseRates == nil {
		return nil, 0, errNoBaseRates
	}
	p, ends, err := annealUp(ctx, m, d, AISConfig{Runs: n, Betas: LinearBetas(annealedSteps), Seed: seed})
	if err != nil {
		return nil, 0, fmt.Errorf("likelihood: annealed samples: %w", err)
	}
	width := m.Visible.Len()
	states = make([]float32, 0, n*width)
	for _, i := range resampled(p.LogWeights) {
		states = append(states, ends[i*width:(i+1)*width]...)
	}
	chains, err := sample.NewChains(m, d, states, nil, seed)
	if err != nil {
		return nil, 0, err
	}
	if err := chains.Run(ctx, annealedBurnIn); err != nil {
		return nil, 0, err
	}
	states, err = chains.Visible()
	return states, p.ESS, err
}

// resampled returns n indices into n weights, where i occurs n·w_i/Σw times, rounded up or down: it
// is systematic resampling (Kitagawa 1996) at the points ½, 1½, … in place of a random offset.
func resampled(logWeights []float64) []int {
	total, n := estimate.LogSumExp(logWeights), len(logWeights)
	var indices []int
	var sum float64
	for i, l := range logWeights {
		sum += math.Exp(l-total) * float64(n)
		for len(indices) < n && (float64(len(indices))+0.5 < sum || i == n-1) {
			indices = append(indices, i)
		}
	}
	return indices
}

// SampleCheck compares samples of a model with rows: held-out ones, or training rows.
type SampleCheck struct {
	Samples   int               // number of samples
	Effective int               // effective number of samples, as they may depend on each other
	Model     estimate.Likeness // of the samples to the rows

	// Yardstick is the likeness of Effective training rows to the rows: the likeness that samples of
	// the rows' distribution would have.
	Yardstick estimate.Likeness
}

// Differ reports whether the samples are of another distribution than the rows.
func (c *SampleCheck) Differ() bool { return c.Model.Differs(c.Yardstick) }

// CheckSamples compares 200 samples of m, by [AnnealedSamples], with up to 2000 held-out rows, or
// with training rows if held is nil. As the yardstick, training rows drawn with replacement are
// compared with the same rows, as many as the effective number of samples. Rows become states as in
// [Evaluate].
func CheckSamples(
	ctx context.Context, m *rbm.Model, d engine.Device, train, held *dataset.Rows, b dataset.Binarization, seed uint64,
) (*SampleCheck, error) {
	samples, size, err := AnnealedSamples(ctx, m, d, checkedSamples, seed)
	if err != nil {
		return nil, err
	}
	effective := int(math.Ceil(size))
	trained, err := sample.ResampledVisible(ctx, d, train, b, m.Visible.Units, effective, seed)
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
	// Spins become 0 and 1, in which differences of means are shares of rows.
	moments := func(states []float32) estimate.Moments {
		return estimate.MomentsOf(m.Visible.Rows(states).Floats, m.Visible.Len())
	}
	target := moments(reference)
	c := &SampleCheck{
		Samples: checkedSamples, Effective: effective,
		Model: moments(samples).Likeness(target), Yardstick: moments(trained).Likeness(target),
	}
	c.Model.Rows = effective
	return c, nil
}
