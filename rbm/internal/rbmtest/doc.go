// Package rbmtest holds the helpers that the tests of rbm and the packages below it share:
// small models with their exact probabilities and error bounds, tests of frequencies, devices
// and rows, and the comparison of a graph's plan with Gorgonia's tape.
package rbmtest
