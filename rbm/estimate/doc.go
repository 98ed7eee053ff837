// Package estimate holds statistics that need no model: estimates of means, ratios and
// correlations from numbers, with their errors.
//
//	LogSumExp, Softplus     sums of exponentials without overflow
//	Sum, StandardError      sums and means of plain numbers
//	Median                  the number in the middle
//	WeightedMean            the mean of weighted rows and its standard error
//	LogMean                 log-weights → the log of their mean weight, its interval, ESS
//	RelativeVariance        variance of a mean of weights relative to its square
//	Bennett                 log-weights of two directions → the log of a ratio of constants
//	ExchangeRate            log-weights → the rate of swaps with the other model
//	AutocorrelationTime     states of chains → steps to an independent one
//	Likeness                how much one set of rows looks like another
//
// All sums are float64 and in the order of their arguments, so that equal arguments give
// equal bits. Logarithms are natural.
package estimate
