//go:build gpu

// Package cudasim reads the counters of the CUDA simulator in this folder. Only tests import it.
// README.md describes the simulator.
package cudasim
