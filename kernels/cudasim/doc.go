//go:build gpu

// Package cudasim reads what the CUDA simulator of this folder counts. Only tests
// import it; README.md describes the simulator.
package cudasim
