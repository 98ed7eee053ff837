//go:build !mpi || !cgo

package ranks

import "errors"

// HasMPI reports whether this build includes MPI.
const HasMPI = false

func openMPI() (Transport, error) {
	return nil, errors.New("ranks: this build has no MPI: build it with -tags mpi")
}
