package train

import (
	"fmt"

	"harmonium/dataset"
)

// The settings that a configuration leaves to the data. They were chosen by the measurements in bench/defaults.md.
const (
	leastHidden = 16
	mostHidden  = 500

	leastChains = 100

	// A run makes defaultEpochs passes over the rows, but at least leastUpdates and at most
	// mostUpdates updates. If one pass is longer than mostUpdates, it makes one pass.
	leastUpdates  = 5000
	mostUpdates   = 9000
	defaultEpochs = 30

	// temperedWeights is the largest number of weights for which parallel tempering, with its
	// ten replicas of each chain, is the default.
	temperedWeights = 1 << 15
)

// Choice is a setting that was chosen by the data.
type Choice struct {
	Setting string `json:"setting"` // its key in the JSON of a [Config]
	Value   any    `json:"value"`
	Reason  string `json:"reason"`
}

// Resolve chooses the settings that a configuration leaves to the data: the number of hidden units if it is
// 0 and there are no couplings, which need none; the algorithm if it is "auto"; the numbers of chains and of
// the temperatures of parallel tempering if they are 0; and the number of updates if it has neither updates
// nor epochs. It returns the choices that depend on the data, with reasons. One shard becomes 0 shards,
// which means the same. [New] resolves its configuration, so that [Trainer.Config] and checkpoints hold the
// values in use.
func (c Config) Resolve(rows *dataset.Rows) (Config, []Choice) {
	var choices []Choice
	choose := func(setting string, value any, reason string, args ...any) {
		choices = append(choices, Choice{setting, value, fmt.Sprintf(reason, args...)})
	}
	if c.Hidden == 0 && !c.Lateral {
		c.Hidden = min(max(min(2*rows.V, rows.N), leastHidden), mostHidden)
		choose("hidden", c.Hidden, "twice the %d columns, but no more than the %d rows, from %d to %d",
			rows.V, rows.N, leastHidden, mostHidden)
	}
	if c.Algorithm == "auto" {
		c.Algorithm = "pcd"
		units, _ := parseUnits(c.HiddenUnits, c.Hidden) // a mistake here is one that New finds
		reason := fmt.Sprintf("more than %d weights, for which parallel tempering takes long", temperedWeights)
		switch {
		case rows.Real != nil && units.Real():
			reason = "tempering is not for real states in both layers"
		case c.weightCount(rows.V) <= temperedWeights:
			c.Algorithm = "pt"
			reason = fmt.Sprintf("it mixes best, and takes little time with up to %d weights", temperedWeights)
		}
		choose("algorithm", c.Algorithm, "%s", reason)
	}
	if c.Algorithm == "pt" && c.Temperatures == 0 {
		c.Temperatures = defaultTemperatures
	}
	if c.Shards == 1 {
		c.Shards = 0
	}
	batch := min(c.BatchSize, rows.N)
	if c.Algorithm != "cd" && c.Chains == 0 {
		c.Chains = max(batch, leastChains)
		choose("chains", c.Chains, "one for each row of a batch, but at least %d", leastChains)
	}
	if c.Epochs == 0 && c.Updates == 0 && batch > 0 {
		epoch := (rows.N + batch - 1) / batch
		c.Updates = max(min(max(defaultEpochs*epoch, leastUpdates), mostUpdates), epoch)
		choose("updates", c.Updates, "%d passes over the rows, from %d to %d updates, or one pass if that is longer",
			defaultEpochs, leastUpdates, mostUpdates)
	}
	return c, choices
}

// validateResolved returns a [*FieldError] for the first field out of range in a configuration
// that leaves nothing to the data.
func (c Config) validateResolved() error {
	if err := c.Validate(); err != nil {
		return err
	}
	switch {
	case c.Hidden == 0 && !c.Lateral:
		return &FieldError{"Hidden", c.Hidden, "at least 1"}
	case c.Algorithm == "auto":
		return &FieldError{"Algorithm", c.Algorithm, "pcd, fpcd, pt, ptt or cd"}
	case c.Epochs == 0 && c.Updates == 0:
		return &FieldError{"Epochs", c.Epochs, "at least 1, or a number of updates"}
	}
	return nil
}
