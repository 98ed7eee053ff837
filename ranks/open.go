package ranks

import (
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

// Open returns the transport between the processes that MPI has started, and [Alone] for one process.
// It is an error if there are several and the build has no MPI.
func Open() (Transport, error) {
	if _, size := Launched(); size == 1 {
		return Alone{}, nil
	}
	return openMPI()
}
