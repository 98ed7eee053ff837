//go:build linux

// Faults makes runs on four processes one after the other, and in each it kills (SIGKILL) or stops (SIGSTOP) one
// process: each rank, at the start, in an update, in a checkpoint and in an evaluation. All processes of the run
// must end within the timeout, and the run must go on from its last checkpoint, on one, two or four processes, to
// the files of an uninterrupted run, byte by byte.
//
//	go build -tags mpi -o harmonium ./cmd/harmonium
//	go run ./bench/faults -runs 100 ./harmonium
//
// It prints a line for each run and exits with 1 after the first that fails, whose folder it keeps.
package main

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

func main() {
	flags := flag.NewFlagSet("faults", flag.ExitOnError)
	runs := flags.Int("runs", 32, "number of runs; 32 have each fault once")
	first := flags.Int("first", 1, "number of the first run, as the lines show it")
	timeout := flags.Duration("timeout", 5*time.Second, "time within which a run ends after a fault")
	seed := flags.Uint64("seed", uint64(time.Now().UnixNano()), "seed of the moments of the faults")
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: faults [-first 1] [-runs N] [-timeout 5s] [-seed N] HARMONIUM")
		flags.PrintDefaults()
	}
	flags.Parse(os.Args[1:])
	if flags.NArg() != 1 || *first < 1 || *runs < 1 {
		flags.Usage()
		os.Exit(2)
	}
	if err := faults(flags.Arg(0), *first-1, *runs, *timeout, *seed); err != nil {
		fmt.Fprintln(os.Stderr, "faults:", err)
		os.Exit(1)
	}
}

// faults makes runs with all faults in turn, from run number first on, counted from 0.
func faults(command string, first, runs int, timeout time.Duration, seed uint64) error {
	command, err := filepath.Abs(command)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "faults")
	if err != nil {
		return err
	}
	h := &harness{command: command, folder: folder, timeout: timeout, random: rand.New(rand.NewPCG(seed, 0))}
	if h.launch, err = launcher(); err != nil {
		return err
	}
	fmt.Printf("seed %d\n", seed)
	// The uninterrupted runs, one for each set of flags.
	for _, moment := range []string{"update", "evaluation"} {
		flags, whole := flagsOf(fault{moment: moment})
		if err := h.run(whole, append(flags[:len(flags):len(flags)], "--out", filepath.Join(folder, whole)), 1); err != nil {
			return err
		}
	}
	var took []time.Duration
	for i := first; i < first+runs; i++ {
		f := faultOf(i)
		t, err := h.try(i, f)
		if err != nil {
			return fmt.Errorf("%v, seed %d: %w; the runs are in %s", f, seed, err, folder)
		}
		took = append(took, t)
	}
	slices.Sort(took)
	fmt.Printf("%d runs with a timeout of %v: all ended, at most %.1f s after the fault, in the median %.1f s; nothing "+
		"was left, and all went on to the same bytes\n",
		runs, timeout, took[len(took)-1].Seconds(), took[len(took)/2].Seconds())
	return os.RemoveAll(folder)
}

// launcher returns the words of mpirun before the number of processes: there may be more processes than
// processors, and the user may be root.
func launcher() ([]string, error) {
	path, err := exec.LookPath("mpirun")
	if err != nil {
		return nil, errors.New("there is no mpirun: install Open MPI or MPICH")
	}
	text, err := exec.Command(path, "--version").Output()
	if err != nil {
		return nil, fmt.Errorf("%s --version: %w", path, err)
	}
	if strings.Contains(string(text), "Open MPI") {
		return []string{path, "--oversubscribe", "--allow-run-as-root"}, nil
	}
	return []string{path}, nil
}
