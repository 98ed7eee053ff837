//go:build !gpu

package engine

import "errors"

func openCUDA(string) (Device, error) {
	return nil, errors.New("engine: device cuda: this build has no CUDA in it")
}
