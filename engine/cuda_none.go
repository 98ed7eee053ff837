//go:build !gpu

package engine

import "errors"

// HasCUDA says whether this build has CUDA in it.
const HasCUDA = false

// examineGPU says what is missing for a GPU.
func examineGPU() (name string, missing []string) {
	_, missing = Sibling()
	return "", missing
}

func openCUDA(string) (Device, error) {
	return nil, errors.New("engine: device cuda: this build has no CUDA in it")
}
