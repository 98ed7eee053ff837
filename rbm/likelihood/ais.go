package likelihood

import (
	"context"
	"errors"
	"fmt"

	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/estimate"
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
		return fmt.Errorf("likelihood: Runs is %d, want at least 2, or 0 for %d", c.Runs, DefaultRuns)
	}
	if c.Betas == nil {
		return nil
	}
	if n := len(c.Betas); n < 2 || c.Betas[0] != 0 || c.Betas[n-1] != 1 {
		return fmt.Errorf("likelihood: Betas has %d values from %v to %v, want at least 2 from 0 to 1",
			n, c.Betas[:min(n, 1)], c.Betas[max(n-1, 0):])
	}
	for i, b := range c.Betas[1:] {
		if !(b >= c.Betas[i]) {
			return fmt.Errorf("likelihood: Betas falls from %v to %v at %d, want a rising schedule", c.Betas[i], b, i+1)
		}
	}
	return nil
}

// Partition is an estimate of log Z, or its exact value.
type Partition struct {
	Method string // "exact", "ais", "reverse ais", "bennett" or "online"
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

// AIS estimates log Z by annealed importance sampling (Neal 2001;
// Salakhutdinov and Murray 2008, §4): Runs samples of the base model move along the
// path of distributions
//
//	log p*_β(v) = (1-β) a⁰ᵀv + β aᵀv + Σ_j Γ_j(β field_j(v))
//
// by one Gibbs step at each β, and the mean of their weights estimates Z/Z_0. The base
// model is independent: its biases a⁰ are those of [rbm.Model.Base], its hidden units are
// free, and [rbm.LogBasePartition] gives its log Z_0. E[Ẑ] = Z, so log Ẑ
// is biased downwards, which flatters a likelihood.
//
// The model must have base rates. The estimate depends on the configuration alone, not on
// the number of threads of the device.
func AIS(ctx context.Context, m *rbm.Model, d engine.Device, c AISConfig) (*Partition, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if m.BaseRates == nil {
		return nil, errNoBaseRates
	}
	p, _, err := annealUp(ctx, m, d, c.filled())
	if err != nil {
		return nil, fmt.Errorf("likelihood: annealed importance sampling: %w", err)
	}
	return p, nil
}

// filled returns the configuration with its defaults in place.
func (c AISConfig) filled() AISConfig {
	if c.Runs == 0 {
		c.Runs = DefaultRuns
	}
	if c.Betas == nil {
		c.Betas = DefaultBetas()
	}
	return c
}

var errNoBaseRates = errors.New("likelihood: annealed importance sampling: the model has no base rates of its training data")

// annealUp estimates log Z, and returns the states (Runs,V) at which the runs end too.
func annealUp(ctx context.Context, m *rbm.Model, d engine.Device, c AISConfig) (*Partition, []float32, error) {
	a, err := newAnnealer(m, d, c.Runs, c.Betas, c.Seed)
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
	w := estimate.LogMean(logWeights)
	logZ0 := m.LogBasePartition()
	p := &Partition{
		Method: "ais", LogZ: w.Log + logZ0, Low: w.Low + logZ0, High: w.High + logZ0,
		ESS: w.ESS, VarLogWeight: w.Variance, Runs: len(logWeights), Betas: len(c.Betas), LogWeights: logWeights,
	}
	final, err := a.states()
	return p, final, err
}
