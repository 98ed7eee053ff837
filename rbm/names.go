package rbm

// The variables of the graphs, by name. Tensors of a checkpoint have the same names.
const (
	varWeights        = "weights"         // (V,H)
	varVisibleBias    = "visible_bias"    // (V)
	varHiddenBias     = "hidden_bias"     // (H)
	varClock          = "clock"           // see engine.ClockUpdate
	varData           = "data"            // (N,V), bytes or float32
	varOrder          = "order"           // (N) row numbers
	varRates          = "rates"           // (U,2) learning rate and momentum of each update of an epoch
	varFastRates      = "fast_rates"      // (U,2) the same of the fast parameters
	varPlainRates     = "plain_rates"     // (U,2) of the gradient by itself: 1 and 0
	varChains         = "chains"          // (C,H) hidden states of the Gibbs chains
	varVisible        = "visible"         // (B,V) visible states of chains
	varPattern        = "pattern"         // (B,V) values to clamp, NaN where free
	varBase           = "base"            // (V) visible biases of the base model
	varNoBase         = "no_base"         // (H) zeros: the hidden units of the base model are free
	varBetas          = "betas"           // (K) schedule of inverse temperatures
	varLogWeights     = "log_weights"     // (B) float64
	varLevels         = "levels"          // (T·C) place on the ladder of each replica; the chains are (T·C,H) then
	varLadder         = "ladder"          // (T) inverse temperatures
	varTally          = "swap_tally"      // (2·(T-1)), see engine.Tally
	varTrips          = "trips"           // (T·C), see engine.Trips
	varAcceptance     = "acceptance"      // (T-1) of the swaps that were last counted
	varReservoir      = "reservoir"       // (R,H) hidden states, samples of the last frozen model
	varReservoirOrder = "reservoir_order" // (U·C) row numbers, for each update of an epoch
	varVisibleOffset  = "visible_offset"  // (V) μ of the centered gradient
	varHiddenOffset   = "hidden_offset"   // (H) λ
	varActivity       = "activity"        // (1,H) moving means of the hidden units on data, for their sparsity
)

// The suffixes of variables that go with each parameter.
const (
	suffixVelocity = "_velocity"
	suffixFast     = "_fast"          // fast parameters of FPCD
	suffixFirst    = "_first_moment"  // of Adam
	suffixSecond   = "_second_moment" // of Adam
	suffixFrozen   = "_frozen"        // of the last frozen model of parallel trajectory tempering
)

// parameterNames are the parameters of a model.
var parameterNames = []string{varWeights, varVisibleBias, varHiddenBias}
