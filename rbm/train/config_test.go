package train

import (
	"fmt"
	"math"
	"testing"

	"harmonium/rbm/internal/rbmtest"
)

// TestRate: a constant part, then the fall of each schedule, at a few places of a run of 100 updates at rate 2. The
// formulas have fewer than ten roundings, of numbers up to 2.
func TestRate(t *testing.T) {
	for _, tc := range []struct {
		schedule string
		hold     float64
		want     map[int]float64 // by update
	}{
		{"constant", 0, map[int]float64{0: 2, 50: 2, 99: 2, 100: 2}},
		{"linear", 0, map[int]float64{0: 2, 25: 1.5, 50: 1, 100: 0}},
		{"linear", 0.5, map[int]float64{0: 2, 50: 2, 75: 1, 100: 0}},
		{"cosine", 0, map[int]float64{0: 2, 25: 1 + math.Sqrt2/2, 50: 1, 100: 0}},
		{"cosine", 0.2, map[int]float64{20: 2, 60: 1, 100: 0}},
		{"inverse", 0.1, map[int]float64{0: 2, 10: 2, 20: 1, 40: 0.5, 100: 0.2}},
	} {
		c := Config{LearningRate: 2, Schedule: tc.schedule, Hold: tc.hold}
		for update, want := range tc.want {
			rbmtest.Near(t, fmt.Sprintf("%s, hold %v, update %d", tc.schedule, tc.hold, update), c.rate(update, 100), want, 10*2*0x1p-53)
		}
	}
}

// TestMomentum: the first MomentumEpochs epochs have Momentum, and the later ones FinalMomentum.
func TestMomentum(t *testing.T) {
	c := Config{Momentum: 0.5, FinalMomentum: 0.9, MomentumEpochs: 2}
	for epoch, want := range []float64{0.5, 0.5, 0.9, 0.9} {
		if got := c.momentum(epoch); got != want {
			t.Errorf("epoch %d: got %v, want %v", epoch, got, want)
		}
	}
}

// TestConfigValidate: the default is valid, and each change of it to a value out of range is an error that names the
// field.
func TestConfigValidate(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Errorf("the default: %v", err)
	}
	for _, tc := range []struct {
		change func(c *Config)
		want   string
	}{
		{func(c *Config) { c.Hidden = -1 },
			"train: Hidden is -1, want at least 1, or 0 to leave it to the data, or for none with couplings"},
		{func(c *Config) { c.Algorithm = "sgd" }, "train: Algorithm is sgd, want auto, pcd, fpcd, pt, ptt or cd"},
		{func(c *Config) { c.GibbsSteps = 0 }, "train: GibbsSteps is 0, want at least 1"},
		{func(c *Config) { c.GibbsSteps = 1001 },
			"train: GibbsSteps is 1001, want at most 1000, as each is a part of the update's graph"},
		{func(c *Config) { c.Epochs = math.MaxInt32 + 1 },
			"train: Epochs is 2147483648, want at most 2147483647, which a clock can count"},
		{func(c *Config) { c.Chains = -1 },
			"train: Chains is -1, want at least 1, or 0 for one for each row of a batch, but at least 100"},
		{func(c *Config) { c.Chains, c.Algorithm = 5, "cd" }, "train: Chains is 5, want 0 with cd, whose chains are the batch"},
		{func(c *Config) { c.Algorithm, c.Temperatures = "pt", 1 }, "train: Temperatures is 1, want at least 2, or 0 for 10"},
		{func(c *Config) { c.Temperatures = 5 }, "train: Temperatures is 5, want 0 unless the algorithm is pt"},
		{func(c *Config) { c.BatchSize = 0 }, "train: BatchSize is 0, want at least 1"},
		{func(c *Config) { c.Epochs = -1 }, "train: Epochs is -1, want at least 0"},
		{func(c *Config) { c.Updates = -1 }, "train: Updates is -1, want at least 0"},
		{func(c *Config) { c.Updates = math.MaxInt32 + 1 },
			"train: Updates is 2147483648, want at most 2147483647, which a clock can count"},
		{func(c *Config) { c.LearningRate = 0 }, "train: LearningRate is 0, want a positive number"},
		{func(c *Config) { c.LearningRate = math.NaN() }, "train: LearningRate is NaN, want a positive number"},
		{func(c *Config) { c.Schedule = "step" }, "train: Schedule is step, want constant, linear, cosine or inverse"},
		{func(c *Config) { c.Hold = 1 }, "train: Hold is 1, want a number in [0,1)"},
		{func(c *Config) { c.Schedule, c.Hold = "inverse", 0 }, "train: Hold is 0, want above 0 with the inverse schedule"},
		{func(c *Config) { c.Optimizer = "rmsprop" }, "train: Optimizer is rmsprop, want sgd, nesterov or adam"},
		{func(c *Config) { c.Optimizer = "nesterov" }, "train: Momentum is 0, want above 0 with nesterov, at first or later"},
		{func(c *Config) { c.Optimizer, c.FinalMomentum = "adam", 0.5 },
			"train: FinalMomentum is 0.5, want 0 with adam, which has its own"},
		{func(c *Config) { c.Algorithm, c.FastRate = "fpcd", -1 },
			"train: FastRate is -1, want a positive number, or 0 for the learning rate"},
		{func(c *Config) { c.FastRate = 0.1 }, "train: FastRate is 0.1, want 0 unless the algorithm is fpcd"},
		{func(c *Config) { c.Momentum = 1 }, "train: Momentum is 1, want a number in [0,1)"},
		{func(c *Config) { c.FinalMomentum = -0.1 }, "train: FinalMomentum is -0.1, want a number in [0,1)"},
		{func(c *Config) { c.MomentumEpochs = -1 }, "train: MomentumEpochs is -1, want at least 0"},
		{func(c *Config) { c.L1 = math.Inf(1) }, "train: L1 is +Inf, want a number of at least 0"},
		{func(c *Config) { c.L2 = -1 }, "train: L2 is -1, want a number of at least 0"},
		{func(c *Config) { c.L1b = -1 }, "train: L1b is -1, want a number of at least 0"},
		{func(c *Config) { c.BiasL2 = math.Inf(1) }, "train: BiasL2 is +Inf, want a number of at least 0"},
		{func(c *Config) { c.GroupLasso = math.NaN() }, "train: GroupLasso is NaN, want a number of at least 0"},
		{func(c *Config) { c.GroupLasso, c.LassoGroups = 0.1, "rows" },
			"train: LassoGroups is rows, want edge, hidden or visible"},
		{func(c *Config) { c.LassoGroups = "edge" }, "train: GroupLasso is 0, want above 0 where its groups are named"},
		{func(c *Config) { c.InitialDeviation = -1 }, "train: InitialDeviation is -1, want a positive number, or 0 for 0.01"},
		{func(c *Config) { c.InitialDeviation, c.Algorithm = 0.02, "ptt" },
			"train: InitialDeviation is 0.02, want at most 0.01 with ptt, which assumes that the initial model is nearly one of " +
				"independent units"},
		{func(c *Config) { c.SparsityTarget = 1 }, "train: SparsityTarget is 1, want a number in (0,1), or 0 for none"},
		{func(c *Config) { c.SparsityTarget, c.SparsityCost = 0.1, -1 },
			"train: SparsityCost is -1, want a positive number, or 0 for 0.1"},
		{func(c *Config) { c.SparsityTarget, c.SparsityCost = 0.1, math.NaN() },
			"train: SparsityCost is NaN, want a positive number, or 0 for 0.1"},
		{func(c *Config) { c.SparsityCost = 0.1 }, "train: SparsityCost is 0.1, want 0 without a sparsity target"},
		{func(c *Config) { c.SparsityTarget, c.HiddenUnits = 0.1, "spin" },
			"train: SparsityTarget is 0.1, want 0 unless all hidden units are of the kind bernoulli"},
		{func(c *Config) { c.Hidden, c.HiddenUnits = 5, "spin:4" },
			"train: HiddenUnits is spin:4, want one of bernoulli, spin, categorical/Q, gaussian, relu, drelu, or groups of them " +
				"with 5 columns in all, as in bernoulli:5"},
		{func(c *Config) { c.Guard = "stop" }, "train: Guard is stop, want return, warn or off"},
		{func(c *Config) { c.Binarize = "maybe" },
			"train: Binarize is maybe, want dynamic, static, threshold[=T] with T in [0,1), or none"},
	} {
		c := DefaultConfig()
		tc.change(&c)
		err := c.Validate()
		if _, typed := err.(*FieldError); !typed || err.Error() != tc.want {
			t.Errorf("got error %v of type %[1]T, want the *FieldError %q", err, tc.want)
		}
	}
}
