package ranks

import (
	"errors"
	"fmt"
	"os"
	"strconv"
)

// launchers are the environment variables by which the starters of MPI tell a process the number of
// processes and its own number: Open MPI, then MPICH and Slurm with PMI, then Slurm with PMIx.
var launchers = []struct{ size, rank string }{
	{"OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"},
	{"PMI_SIZE", "PMI_RANK"},
	{"SLURM_NTASKS", "PMIX_RANK"},
}

// Launched returns the number of this process and the number of processes, as a starter of MPI has set
// them in the environment. Without a starter it returns 0 and 1.
func Launched() (rank, size int) {
	for _, l := range launchers {
		own, err := strconv.Atoi(os.Getenv(l.rank))
		if err != nil {
			continue
		}
		if all, err := strconv.Atoi(os.Getenv(l.size)); err == nil && all > 1 {
			return own, all
		}
	}
	return 0, 1
}

// ErrOtherMPI is the error of all processes where the starter and the build belong to two MPIs: each process would
// be a run of its own.
var ErrOtherMPI = errors.New("the processes do not find each other: mpirun or srun belongs to another MPI than the one " +
	"that this program was built with")

// Open returns the transport between the processes that MPI has started, and [Alone] for one process.
// It is an error if there are several and the build has no MPI, or another MPI than the starter.
func Open() (Transport, error) {
	_, size := Launched()
	if size == 1 {
		return Alone{}, nil
	}
	t, err := openMPI()
	if err == nil {
		err = checkSize(t, size)
	}
	if err != nil {
		return nil, err
	}
	return t, nil
}

// checkSize returns an error unless a transport has the ranks that were started.
func checkSize(t Transport, started int) error {
	if t.Size() == started {
		return nil
	}
	return fmt.Errorf("ranks: %d processes were started, and %s has %d: %w", started, t.Name(), t.Size(), ErrOtherMPI)
}
