package train

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"harmonium/dataset"
	"harmonium/engine"
)

// Config says how a model is trained. [DefaultConfig] is where to start.
type Config struct {
	// Hidden is H. 0 leaves it to the data, see Resolve, or with Lateral means no hidden units.
	Hidden  int  `json:"hidden"`
	Lateral bool `json:"lateral,omitempty"` // couplings among the visible units

	// The kinds of the units of both layers, as engine.ParseUnits reads them; "" means the default kind.
	VisibleUnits string `json:"visible_units,omitempty"`
	HiddenUnits  string `json:"hidden_units,omitempty"`

	Algorithm  string `json:"algorithm"`   // "auto", "pcd", "fpcd", "pt", "ptt" or "cd"
	GibbsSteps int    `json:"gibbs_steps"` // K, the number of Gibbs steps in an update

	// Chains is the number of persistent chains, which cd does not use; 0 means the rows of a batch, but at least
	// 100.
	Chains       int `json:"chains"`
	Temperatures int `json:"temperatures,omitempty"` // number of temperatures of each chain with pt; 0 means 10
	BatchSize    int `json:"batch_size"`             // B, the number of rows in a batch; the data may have fewer

	// BlockRows is the number of rows in a block. An epoch visits block by block, see dataset.Blocks; 0 means no
	// blocks.
	BlockRows int `json:"block_rows,omitempty"`

	// Shards is the number of parts of a batch and of the chains, whose sums are added in a fixed tree. It is a power of
	// two; 0 means 1.
	Shards int `json:"shards,omitempty"`

	Epochs  int `json:"epochs"`  // passes over the data, if Updates is 0
	Updates int `json:"updates"` // parameter updates; 0 leaves it to Epochs, and to the data if these are 0 too

	// MissingSteps is the number of Gibbs steps that draw the missing cells of a batch given its known cells;
	// 0 means 5.
	MissingSteps int `json:"missing_steps,omitempty"`

	// Sigma says how the standard deviations σ of visible units with real states are trained: "each" gives each
	// unit its own, "shared" gives all units the same, and "fixed" keeps the deviations of the columns. "" means
	// each.
	Sigma string `json:"sigma,omitempty"`

	// InitialDeviation is the standard deviation of the initial weights, normal around 0; 0 means 0.01.
	InitialDeviation float64 `json:"initial_deviation,omitempty"`

	Optimizer    string  `json:"optimizer,omitempty"` // "sgd", "nesterov" or "adam"; "" means sgd
	LearningRate float64 `json:"learning_rate"`
	Schedule     string  `json:"schedule"`            // "constant", "linear", "cosine" or "inverse"
	Hold         float64 `json:"hold"`                // share of the run that the schedule stays constant, in [0,1)
	FastRate     float64 `json:"fast_rate,omitempty"` // learning rate of the fast parameters of fpcd, constant; 0 means LearningRate

	Momentum       float64 `json:"momentum"`        // momentum of the first MomentumEpochs epochs, in [0,1); 0 with adam
	FinalMomentum  float64 `json:"final_momentum"`  // momentum of later epochs, in [0,1)
	MomentumEpochs int     `json:"momentum_epochs"` // number of epochs with the momentum Momentum

	L1     float64 `json:"l1"`     // cost of the sum of the absolute weights
	L2     float64 `json:"l2"`     // cost of half the sum of the squared weights
	Center bool    `json:"center"` // the centered gradient

	// L1b is the cost λ of the penalty ½λ Σ_j (Σ|w|)²/n, where the inner sum is over the n weights of
	// hidden unit j. GroupLasso is the cost λ of the penalty λ Σ‖w‖ of groups of weights, which shrinks
	// each group after every update by the learning rate times λ. LassoGroups names the groups: "edge"
	// or "" for the weights between a visible and a hidden unit, "hidden" or "visible" for all weights of
	// a unit. BiasL2 is the decay of the biases of both layers. All act on the plain parameters, with
	// the centered gradient too.
	L1b         float64 `json:"l1b,omitempty"`
	GroupLasso  float64 `json:"group_lasso,omitempty"`
	LassoGroups string  `json:"lasso_groups,omitempty"`
	BiasL2      float64 `json:"bias_l2,omitempty"`

	// Gauge "zero-sum" moves the parameters into the zero-sum gauge after every update, see
	// [rbm.Model.ZeroSum]; "as-is" or "" leaves them.
	Gauge string `json:"gauge,omitempty"`

	// SparsityTarget is the desired mean activity of the hidden units, in (0,1); 0 means no penalty. SparsityCost is
	// the cost of the penalty for missing it; 0 means 0.1.
	SparsityTarget float64 `json:"sparsity_target,omitempty"`
	SparsityCost   float64 `json:"sparsity_cost,omitempty"`

	// Guard says what [Run] does when the log-likelihood of training rows falls far below its best
	// estimate: "return" goes back to the model of that estimate and halves the learning rate, "warn" warns, and
	// "off" or "" does nothing.
	Guard string `json:"guard,omitempty"`

	Binarize string `json:"binarize"` // as dataset.ParseBinarization reads it
	Seed     uint64 `json:"seed"`
}

// DefaultConfig has the centered gradient and two Gibbs steps, for data whose values are states
// or are drawn anew at every visit. It leaves the hidden units, the algorithm, the chains and the
// length of the run to the data, see [Config.Resolve]. MomentumEpochs is for a caller who sets a momentum.
func DefaultConfig() Config {
	return Config{
		Algorithm: "auto", GibbsSteps: 2, BatchSize: 200,
		Optimizer: "sgd", LearningRate: 0.1, Schedule: "linear", Hold: 0.3, MomentumEpochs: 5,
		L2: 1e-4, Center: true, Guard: "return", Binarize: "dynamic", Seed: 1,
	}
}

// maxGibbsSteps is the largest number of Gibbs steps in an update, and of steps that draw missing cells. It was chosen:
// each step is a part of the update's graph, so that more would make graphs that take long to compile.
const maxGibbsSteps = 1000

// FieldError is the error of a field of [Config] or [RunConfig] that is out of range.
type FieldError struct {
	Field string // name of the field
	Got   any
	Want  string
}

func (e *FieldError) Error() string {
	return fmt.Sprintf("train: %s is %v, want %s", e.Field, e.Got, e.Want)
}

// Validate returns a [*FieldError] for the first field out of range.
func (c Config) Validate() error {
	_, binarize := dataset.ParseBinarization(c.Binarize)
	_, hidden := parseUnits(c.HiddenUnits, c.Hidden)
	alone := c.Lateral && c.Hidden == 0 // the visible units, without hidden ones
	checks := []struct {
		ok   bool
		name string
		got  any
		want string
	}{
		{binarize == nil, "Binarize", c.Binarize, "dynamic, static, threshold[=T] with T in [0,1), or none"},
		{c.Hidden >= 0, "Hidden", c.Hidden, "at least 1, or 0 to leave it to the data, or for none with couplings"},
		{hidden == nil, "HiddenUnits", c.HiddenUnits, unitsWanted(c.Hidden, engine.RealKindNames()...)},
		{slices.Contains([]string{"auto", "pcd", "fpcd", "pt", "ptt", "cd"}, c.Algorithm), "Algorithm",
			c.Algorithm, "auto, pcd, fpcd, pt, ptt or cd"},
		{!alone || c.HiddenUnits == "", "HiddenUnits", c.HiddenUnits, "none without hidden units"},
		{!c.Lateral || c.Algorithm != "ptt", "Algorithm", c.Algorithm, "another one with couplings, as the samples of ptt are " +
			"hidden states, and sweeps begin with visible ones"},
		{!alone || c.SparsityTarget == 0, "SparsityTarget", c.SparsityTarget, "0 without hidden units"},
		{!alone || c.InitialDeviation == 0, "InitialDeviation", c.InitialDeviation, "0 without hidden units, as couplings begin with 0"},
		{!alone || c.L1b == 0, "L1b", c.L1b, "0 without hidden units, as couplings have the decays l1 and l2 alone"},
		{!alone || c.GroupLasso == 0, "GroupLasso", c.GroupLasso, "0 without hidden units, as couplings have the decays l1 and l2 alone"},
		{c.GibbsSteps >= 1, "GibbsSteps", c.GibbsSteps, "at least 1"},
		{c.GibbsSteps <= maxGibbsSteps, "GibbsSteps", c.GibbsSteps, "at most 1000, as each is a part of the update's graph"},
		{c.Chains >= 0, "Chains", c.Chains, "at least 1, or 0 for one for each row of a batch, but at least 100"},
		{c.Chains == 0 || c.Algorithm != "cd", "Chains", c.Chains, "0 with cd, whose chains are the batch"},
		{c.Temperatures == 0 || c.Temperatures > 1, "Temperatures", c.Temperatures, "at least 2, or 0 for 10"},
		{c.Temperatures == 0 || c.Algorithm == "pt", "Temperatures", c.Temperatures, "0 unless the algorithm is pt"},
		{c.BatchSize >= 1, "BatchSize", c.BatchSize, "at least 1"},
		{c.BlockRows >= 0, "BlockRows", c.BlockRows, "at least 1, or 0 for no blocks"},
		{c.Shards >= 0 && c.Shards&(c.Shards-1) == 0, "Shards", c.Shards, "a power of two"},
		{c.Epochs >= 0, "Epochs", c.Epochs, "at least 0"},
		{c.Epochs <= math.MaxInt32, "Epochs", c.Epochs, "at most 2147483647, which a clock can count"},
		{c.Updates >= 0, "Updates", c.Updates, "at least 0"},
		{c.Updates <= math.MaxInt32, "Updates", c.Updates, "at most 2147483647, which a clock can count"},
		{c.MissingSteps >= 0, "MissingSteps", c.MissingSteps, "at least 1, or 0 for 5"},
		{c.MissingSteps <= maxGibbsSteps, "MissingSteps", c.MissingSteps, "at most 1000, as each is a part of the update's graph"},
		{c.InitialDeviation == 0 || positive(c.InitialDeviation), "InitialDeviation",
			c.InitialDeviation, "a positive number, or 0 for 0.01"},
		{c.InitialDeviation <= initialDeviation || c.Algorithm != "ptt", "InitialDeviation", c.InitialDeviation,
			"at most 0.01 with ptt, which assumes that the initial model is nearly one of independent units"},
		{slices.Contains([]string{"", sigmaEach, sigmaShared, sigmaFixed}, c.Sigma), "Sigma", c.Sigma, "each, shared or fixed"},
		{slices.Contains([]string{"", "sgd", "nesterov", "adam"}, c.Optimizer), "Optimizer", c.Optimizer, "sgd, nesterov or adam"},
		{positive(c.LearningRate), "LearningRate", c.LearningRate, "a positive number"},
		{schedules[c.Schedule] != nil, "Schedule", c.Schedule, "constant, linear, cosine or inverse"},
		{within(c.Hold), "Hold", c.Hold, "a number in [0,1)"},
		{c.Schedule != "inverse" || c.Hold > 0, "Hold", c.Hold, "above 0 with the inverse schedule"},
		{c.FastRate == 0 || positive(c.FastRate), "FastRate", c.FastRate, "a positive number, or 0 for the learning rate"},
		{c.FastRate == 0 || c.Algorithm == "fpcd", "FastRate", c.FastRate, "0 unless the algorithm is fpcd"},
		{within(c.Momentum), "Momentum", c.Momentum, "a number in [0,1)"},
		{within(c.FinalMomentum), "FinalMomentum", c.FinalMomentum, "a number in [0,1)"},
		{c.Optimizer != "nesterov" || c.hasMomentum(), "Momentum", c.Momentum, "above 0 with nesterov, at first or later"},
		{c.Optimizer != "adam" || c.Momentum == 0, "Momentum", c.Momentum, "0 with adam, which has its own"},
		{c.Optimizer != "adam" || c.FinalMomentum == 0, "FinalMomentum", c.FinalMomentum, "0 with adam, which has its own"},
		{c.MomentumEpochs >= 0, "MomentumEpochs", c.MomentumEpochs, "at least 0"},
		{c.L1 >= 0 && !math.IsInf(c.L1, 0), "L1", c.L1, "a number of at least 0"},
		{c.L2 >= 0 && !math.IsInf(c.L2, 0), "L2", c.L2, "a number of at least 0"},
		{c.L1b >= 0 && !math.IsInf(c.L1b, 0), "L1b", c.L1b, "a number of at least 0"},
		{c.BiasL2 >= 0 && !math.IsInf(c.BiasL2, 0), "BiasL2", c.BiasL2, "a number of at least 0"},
		{c.GroupLasso >= 0 && !math.IsInf(c.GroupLasso, 0), "GroupLasso", c.GroupLasso, "a number of at least 0"},
		{c.LassoGroups == "" || slices.Contains(lassoGroups, c.LassoGroups), "LassoGroups", c.LassoGroups, "edge, hidden or visible"},
		{c.LassoGroups == "" || c.GroupLasso > 0, "GroupLasso", c.GroupLasso, "above 0 where its groups are named"},
		{slices.Contains([]string{"", gaugeKept, gaugeZeroSum}, c.Gauge), "Gauge", c.Gauge, "as-is or zero-sum"},
		{c.Gauge != gaugeZeroSum || !c.Lateral, "Gauge", c.Gauge, "as-is with couplings, which would lose their symmetry by " +
			"rounding; convert has it for a trained model"},
		{within(c.SparsityTarget), "SparsityTarget", c.SparsityTarget, "a number in (0,1), or 0 for none"},
		{c.SparsityTarget == 0 || c.HiddenUnits == "" || c.HiddenUnits == engine.Kind(0).String(), "SparsityTarget", c.SparsityTarget,
			"0 unless all hidden units are of the kind " + engine.Kind(0).String()},
		{c.SparsityCost == 0 || positive(c.SparsityCost), "SparsityCost", c.SparsityCost, "a positive number, or 0 for 0.1"},
		{slices.Contains([]string{"", "off", "warn", "return"}, c.Guard), "Guard", c.Guard, "return, warn or off"},
		{c.SparsityCost == 0 || c.SparsityTarget > 0, "SparsityCost", c.SparsityCost, "0 without a sparsity target"},
	}
	for _, check := range checks {
		if !check.ok {
			return &FieldError{check.name, check.got, check.want}
		}
	}
	return nil
}

// parseUnits returns the units of a layer of n columns, nil if all are of the default kind: for an empty text, and for
// n = 0, where the number of columns is left to the data.
func parseUnits(text string, n int) (engine.Units, error) {
	if text == "" || n < 1 {
		return nil, nil
	}
	return engine.ParseUnits(text, n)
}

// unitsWanted says which units a layer of n columns may have. more are kinds beside the discrete ones.
func unitsWanted(n int, more ...string) string {
	return fmt.Sprintf("one of %s, or groups of them with %d columns in all, as in %s:%d",
		strings.Join(append(engine.KindNames(), more...), ", "), n, engine.Kind(0), n)
}

func positive(x float64) bool { return x > 0 && !math.IsInf(x, 0) } // and finite
func within(x float64) bool   { return x >= 0 && x < 1 }            // [0,1)

// schedules give the factor of the learning rate where it falls. hold is the share of the run before it falls,
// and s in (0,1] the share of the rest that has passed.
var schedules = map[string]func(s, hold float64) float64{
	"constant": func(_, _ float64) float64 { return 1 },
	"linear":   func(s, _ float64) float64 { return 1 - s },
	"cosine":   func(s, _ float64) float64 { return (1 + math.Cos(math.Pi*s)) / 2 },
	"inverse":  func(s, hold float64) float64 { return hold / (hold + s*(1-hold)) },
}

// rate returns the learning rate of an update, in a run of `updates` updates. It is constant for the share
// Hold of the run and then falls: to zero at the end by "linear" and "cosine", and in proportion to
// Hold/t by "inverse", where t is the share of the run that has passed.
func (c Config) rate(update, updates int) float64 {
	t := float64(update) / float64(updates)
	if t <= c.Hold {
		return c.LearningRate
	}
	return c.LearningRate * schedules[c.Schedule]((t-c.Hold)/(1-c.Hold), c.Hold)
}

// held returns the number of updates before the learning rate begins to fall, in a run of `updates` updates. A
// constant rate never falls; held returns 0 for it, so that patience does not wait for the fall.
func (c Config) held(updates int) int {
	if c.Schedule == "constant" {
		return 0
	}
	return int(c.Hold * float64(updates))
}

// momentum returns the momentum of an epoch.
func (c Config) momentum(epoch int) float64 {
	if epoch < c.MomentumEpochs {
		return c.Momentum
	}
	return c.FinalMomentum
}
