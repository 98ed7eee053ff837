//go:build !gpu

package engine

import "errors"

// HasCUDA reports whether this build includes CUDA.
const HasCUDA = false

// examineGPU returns a line for each thing that a GPU needs and that is missing.
func examineGPU() (name, blas, nccl string, missing []string) {
	_, missing = Sibling()
	return "", "", "", missing
}

func openCUDA(Options) (Device, error) {
	return nil, errors.New("engine: device cuda: this build has no CUDA in it")
}
