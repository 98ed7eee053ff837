// Package likelihood estimates how likely data is under a model, with error bars.
//
// The log-likelihood of a row is -F(v) - log Z. [Evaluate] returns its mean over rows. The
// free energies are exact, except of rows with many missing cells, whose states are summed out by annealing
// ([KnownFreeEnergies]). log Z is exact where a layer is small enough to enumerate
// ([rbm.Model.Enumerable]), and an estimate otherwise. [LogProbabilities] returns the values of the rows,
// [PseudoLikelihoods] a measure of each row that needs no log Z, and [LogClasses] the probabilities of the
// classes of a row. [Independent] is the log-likelihood of units without weights, the yardstick of a model,
// and [CheckSamples] compares samples of a model with rows.
//
// # Estimates by annealing
//
// They anneal between the base model, whose units are independent and whose log Z is
// known, and the model, over a schedule of inverse temperatures from 0 to 1 ([DefaultBetas],
// [LinearBetas]).
//
//	AIS                  log Z, up from the base model; errs low, so likelihoods err high
//	ReverseAIS           log Z, down from samples of the model; errs high
//	Bidirectional        log Z by both, joined by Bennett's ratio
//	RAISE                log p(v) of single rows from below, without log Z
//
// [ReportLogPartition] runs both directions over one schedule or several. It checks that the
// chains that start the reverse runs are in equilibrium, and states in one sentence whether
// log Z can be trusted. Every estimate of log Z is a [Partition], with its interval, the effective
// number of runs and the variance of log w. [LeastLogPartition] bounds
// log Z from below, as distinct rows have a probability of at most 1 together.
//
// A function that needs the base model returns an error if the model has no base rates. An
// estimate depends on its configuration and seed alone, not on the number of threads.
//
// [StackBound] bounds the log-likelihood of models above each other. It needs log Z of the last one only.
//
// This package imports package sample to move the chains that start the reverse runs to
// equilibrium.
package likelihood
