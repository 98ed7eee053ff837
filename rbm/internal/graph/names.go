package graph

import "harmonium/engine"

// The variables of the graphs, by name. Tensors of a checkpoint have the same names. Beside the fixed letters,
// C is the number of chains, T of levels of a ladder of inverse temperatures, U of updates in an epoch, and R of
// rows of a reservoir.
const (
	Weights            = "weights"              // (V,H)
	VisibleBias        = "visible_bias"         // (V)
	HiddenBias         = "hidden_bias"          // (H)
	VisibleLogVariance = "visible_log_variance" // (V), of units with real states
	HiddenLogVariance  = "hidden_log_variance"  // (H), of units with real states; not trained
	HiddenJump         = "hidden_jump"          // (H), of units with two sides
	HiddenSkew         = "hidden_skew"          // (H), of units with two sides
	VarianceBounds     = "variance_bounds"      // (2,V), least and greatest log-variances
	Lateral            = "lateral"              // (V,V) couplings among the visible units
	NoField            = "no_field"             // (V) zeros, beside couplings
	Clock              = "clock"                // see engine.ClockUpdate
	Data               = "data"                 // (N,V), bytes or float32
	RowWeights         = "row_weights"          // (N,1) weights of the rows, divided by their mean
	Missing            = "missing"              // (N,V) bytes, 255 where a cell is missing
	Known              = "known"                // (B,V) states of known visible units, any state where free
	Free               = "free"                 // (B,V) 1 where a visible unit is free, else 0
	Order              = "order"                // (N) row numbers
	Rates              = "rates"                // (U,2) learning rate and momentum of each update of an epoch
	FastRates          = "fast_rates"           // (U,2) rate and decay of the fast parameters
	PlainRates         = "plain_rates"          // (U,2) rates of 1 and momenta of 0, which give the gradient itself
	Chains             = "chains"               // (C,H) hidden states of the Gibbs chains
	Visible            = "visible"              // (B,V) visible states of chains
	Pattern            = "pattern"              // (B,V) values to clamp, NaN where free
	Base               = "base"                 // (V) visible biases of the base model
	NoBase             = "no_base"              // (H) zeros, the fields of the base model's hidden units
	Betas              = "betas"                // schedule of inverse temperatures, one more than there are steps
	LogWeights         = "log_weights"          // (B) float64
	Levels             = "levels"               // (T·C) place of each replica on the ladder; Chains is (T·C,H) then
	Ladder             = "ladder"               // (T) inverse temperatures
	Tally              = "swap_tally"           // (2·(T-1)), see engine.Tally
	NoTally            = "no_tally"             // (2·(T-1)) zeros
	Trips              = "trips"                // (T·C), see engine.Trips
	Acceptance         = "acceptance"           // (T-1) accepted shares of swaps as last counted; (1,1) with the algorithm ptt
	Reservoir          = "reservoir"            // (R,H) hidden states, samples of the last frozen model
	ReservoirOrder     = "reservoir_order"      // (U·C) row numbers, for each update of an epoch
	VisibleOffset      = "visible_offset"       // (V) μ of the centered gradient
	HiddenOffset       = "hidden_offset"        // (H) λ
	Activity           = "activity"             // (1,H) moving means of the hidden units on data, for the sparsity penalty
)

// The suffixes of variables that go with each parameter.
const (
	SuffixVelocity = "_velocity"
	SuffixFast     = "_fast"          // fast parameters of FPCD
	SuffixFirst    = "_first_moment"  // of Adam
	SuffixSecond   = "_second_moment" // of Adam
	SuffixFrozen   = "_frozen"        // of the last frozen model of parallel trajectory tempering
	SuffixBest     = "_best"          // of every saved variable, as it was at the best estimate of the likelihood
)

// Parameters returns the names of the parameters that are trained in a model of the given units, without couplings.
func Parameters(visible, hidden engine.Units) []string {
	list := []string{Weights, VisibleBias, HiddenBias}
	if visible.Real() {
		list = append(list, VisibleLogVariance)
	}
	if hidden.Sides() {
		list = append(list, HiddenJump, HiddenSkew)
	}
	return list
}

// Shared lists the variables of a model that its graphs read: the parameters, the log-variances of hidden
// units and, with couplings, Lateral and its NoField.
func Shared(visible, hidden engine.Units, coupled bool) []string {
	list := Parameters(visible, hidden)
	if hidden.Real() {
		list = append(list, HiddenLogVariance)
	}
	if coupled {
		list = append(list, Lateral, NoField)
	}
	return list
}
