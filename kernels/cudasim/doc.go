//go:build gpu

// Package cudasim tests the CUDA simulator in this folder, which README.md describes. Nothing imports it.
package cudasim
