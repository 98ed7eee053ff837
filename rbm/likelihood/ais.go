package likelihood

import (
	"context"
	"errors"
	"fmt"

	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/estimate"
)

// AISConfig holds the settings of annealed importance sampling. The zero value is ready to use.
type AISConfig struct {
	Runs  int       // number of independent runs, at least 2; 0 means [DefaultRuns]
	Betas []float32 // inverse temperatures from 0 to 1, none below the one before; nil means [DefaultBetas]
	Seed  uint64    // seed of all random numbers
	// Progress, if not nil, is called every hundred steps and at the end.
	Progress func(done, total int)
}

// DefaultRuns is the number of runs of Salakhutdinov and Murray (2008, §5), so that estimates compare with
// published ones.
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
	Method string  // "exact"; "ais"; "reverse ais"; "bennett", by [Bidirectional]; "online", the same during training
	LogZ   float64 // in nats
	// Low and High bound an interval of three standard errors on either side of LogZ. With AIS the errors are
	// of the mean weight, so that the interval is not symmetric, and Low is at least LogZ -
	// [estimate.MarkovMargin]; with reverse AIS, High is at most LogZ + MarkovMargin. Both equal an exact LogZ.
	Low, High float64
	// ESS is the effective number of runs, (Σw)²/Σw², where w is the importance weight of a run.
	// VarLogWeight is the sample variance of log w. An ESS far below Runs, or a variance far above 1,
	// indicates that the interval is unreliable. Both are 0 except by AIS and reverse AIS.
	ESS, VarLogWeight float64
	Runs, Betas       int // numbers of runs and of inverse temperatures; 0 if LogZ is exact
	// LogWeights are the values log w of the runs. The mean of w estimates Z/Z_0, or Z_0/Z by reverse AIS,
	// where Z_0 belongs to the base model (see [AIS]). Nil except by AIS and reverse AIS.
	LogWeights []float64
}

// AIS estimates log Z by annealed importance sampling (Neal 2001;
// Salakhutdinov and Murray 2008, §4): Runs samples of the base model move along the
// path of distributions
//
//	log p*_β(v) = (1-β) a⁰ᵀv + β aᵀv + Σ_j Γ_j(β field_j(v))
//
// by one Gibbs step at each β, and the mean of their weights estimates Z/Z_0. Here Γ_j is the
// cumulant of hidden unit j, log(1+e^x) for the states 0 and 1 (see [rbm.Layer]), and field_j(v) =
// b_j + Σ_i v_i w_ij. Couplings L add β ½ vᵀLv, and the step is then a sweep of the visible units given h.
// Real visible states have the variances of the model at every β.
//
// The units of the base model (β = 0) are independent: the visible biases a⁰ are [rbm.Model.Base], the
// hidden biases are 0, and log Z_0 is [rbm.Model.LogBasePartition]. The estimate Ẑ has the expectation Z, so
// that log Ẑ is biased downwards and a likelihood computed from it upwards.
//
// It is an error if the model has no BaseRates, the mean states of its training data, which determine a⁰.
// The estimate is the same for any number of threads of the device.
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

// annealUp is [AIS] for a configuration without zero values. It also returns the visible states (Runs,V)
// with which the runs end, at β = 1.
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
