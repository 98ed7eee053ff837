// Package rbmtest is what tests of several packages over a model share: small models with
// their exact probabilities and error bounds, tests of frequencies, devices and rows, and
// the comparison of a graph's plan with Gorgonia's tape.
package rbmtest
