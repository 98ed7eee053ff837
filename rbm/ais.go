package rbm

import (
	"context"
	"errors"
	"fmt"
	"math"

	"harmonium/engine"
)

// AISConfig says how annealed importance sampling runs.
type AISConfig struct {
	Runs  int       // independent runs; 0 means 100
	Betas []float32 // rising from 0 to 1; nil means DefaultBetas
	Seed  uint64
	// Progress, if not nil, is called now and then with the steps done and all.
	Progress func(done, total int)
}

// DefaultRuns is the customary number of runs.
const DefaultRuns = 100

// Validate returns an error that names the first field out of range.
func (c AISConfig) Validate() error {
	if c.Runs < 0 || c.Runs == 1 {
		return fmt.Errorf("rbm: Runs is %d, want at least 2, or 0 for %d", c.Runs, DefaultRuns)
	}
	if c.Betas == nil {
		return nil
	}
	if n := len(c.Betas); n < 2 || c.Betas[0] != 0 || c.Betas[n-1] != 1 {
		return fmt.Errorf("rbm: Betas has %d values from %v to %v, want at least 2 from 0 to 1",
			n, c.Betas[:min(n, 1)], c.Betas[max(n-1, 0):])
	}
	for i, b := range c.Betas[1:] {
		if !(b >= c.Betas[i]) {
			return fmt.Errorf("rbm: Betas falls from %v to %v at %d, want a rising schedule", c.Betas[i], b, i+1)
		}
	}
	return nil
}

// Partition is an estimate of log Z, or its exact value.
type Partition struct {
	Method string // "exact", "ais", "reverse ais" or "online"
	LogZ   float64
	// Low and High are the interval of three standard errors of the mean weight, in
	// log space; Low is -Inf where the mean is within three errors of zero. Both are
	// LogZ if it is exact.
	Low, High float64
	// ESS is the effective number of runs, (Σw)²/Σw², and VarLogWeight the sample
	// variance of log w: well below the number of runs, or well above 1, they say that
	// the interval is not to be trusted. Zero if exact.
	ESS, VarLogWeight float64
	Runs, Betas       int
	LogWeights        []float64 // of the runs, relative to the base model's Z
}

// EstimateLogPartition estimates log Z by annealed importance sampling (Neal 2001;
// Salakhutdinov and Murray 2008, §4): Runs samples of the base model move along the
// path of distributions
//
//	log p*_β(v) = (1-β) a⁰ᵀv + β aᵀv + Σ_j softplus(β field_j(v))
//
// by one Gibbs step at each β, and the mean of their weights estimates Z/Z_0. The base
// model is independent: its biases a⁰ are the logits of the smoothed base rates, its
// hidden units are free, and log Z_0 = H ln 2 + Σ_i softplus(a⁰_i). E[Ẑ] = Z, so log Ẑ
// is biased downwards, which flatters a likelihood.
//
// The model must know its base rates. The estimate depends on the configuration alone,
// not on the device's threads.
func (m *Model) EstimateLogPartition(ctx context.Context, d engine.Device, c AISConfig) (*Partition, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if m.BaseRates == nil {
		return nil, errNoBaseRates
	}
	p, _, err := m.annealUp(ctx, d, c.filled())
	if err != nil {
		return nil, fmt.Errorf("rbm: annealed importance sampling: %w", err)
	}
	return p, nil
}

// filled is the configuration with its defaults in place.
func (c AISConfig) filled() AISConfig {
	if c.Runs == 0 {
		c.Runs = DefaultRuns
	}
	if c.Betas == nil {
		c.Betas = DefaultBetas()
	}
	return c
}

var errNoBaseRates = errors.New("rbm: annealed importance sampling: the model has no base rates of its training data")

// annealUp estimates log Z, and returns the states (Runs,V) at which the runs end too.
func (m *Model) annealUp(ctx context.Context, d engine.Device, c AISConfig) (*Partition, []float32, error) {
	a, err := m.newAnnealer(d, c.Runs, c.Betas, c.Seed)
	if err != nil {
		return nil, nil, err
	}
	if err := a.fromBase(); err != nil {
		return nil, nil, err
	}
	logWeights, err := a.run(ctx, c.Progress)
	if err != nil {
		return nil, nil, err
	}
	p := summarize(logWeights)
	logZ0 := m.logBasePartition()
	p.LogZ += logZ0
	p.Low += logZ0
	p.High += logZ0
	p.Method, p.Betas = "ais", len(c.Betas)
	final, err := a.states()
	return p, final, err
}

// smoothRows is the number of rows that base rates are smoothed for where the number
// they were counted on is not known: MNIST's order of magnitude.
const smoothRows = 10000

// baseBiases are the visible biases a⁰ (V) of the base model.
func (m *Model) baseBiases() []float32 { return baseBiases(m.BaseRates, smoothRows) }

// logBasePartition is log Z_0 = H ln 2 + Σ_i softplus(a⁰_i).
func (m *Model) logBasePartition() float64 {
	logZ0 := float64(m.Hidden) * math.Ln2
	for _, a := range m.baseBiases() {
		logZ0 += softplus(float64(a))
	}
	return logZ0
}

// summarize returns the log of the mean weight with its interval, ESS and variance.
func summarize(logWeights []float64) *Partition {
	n := float64(len(logWeights))
	p := &Partition{Runs: len(logWeights), LogWeights: logWeights}
	logSum := logSumExp(logWeights)
	p.LogZ = logSum - math.Log(n)

	// Weights are relative to their mean, which is 1.
	var squares, deviations, mean float64
	for _, l := range logWeights {
		w := math.Exp(l - p.LogZ)
		squares += w * w
		deviations += (w - 1) * (w - 1)
		mean += l / n
	}
	for _, l := range logWeights {
		p.VarLogWeight += (l - mean) * (l - mean) / (n - 1)
	}
	p.ESS = n * n / squares
	margin := 3 * math.Sqrt(deviations/(n-1)/n)
	p.High = p.LogZ + math.Log1p(margin)
	p.Low = math.Inf(-1)
	if margin < 1 {
		p.Low = p.LogZ + math.Log1p(-margin)
	}
	return p
}
