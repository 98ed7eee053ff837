// Package estimate holds statistics that know of no model: what a set of numbers says of
// a mean, a ratio or a correlation, and how far to trust it.
//
//	LogSumExp, Softplus     sums of exponentials without overflow
//	Sum, StandardError      sums and means of plain numbers
//	LogMean                 log-weights → the log of their mean weight, its interval, ESS
//	RelativeVariance        variance of a mean of weights relative to its square
//	Bennett                 log-weights of two directions → the log of a ratio of constants
//	AutocorrelationTime     states of chains → steps to an independent one
//
// All sums are float64 and in the order of their arguments, so that equal arguments give
// equal bits. Logarithms are natural.
package estimate
