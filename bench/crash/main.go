// Crash kills runs of every algorithm with SIGKILL at random moments, resumes them, and compares their
// results with the results of an uninterrupted run: the model, the checkpoint, the metrics and the
// pictures must have the same bytes.
//
//	go build -o harmonium ./cmd/harmonium
//	go run ./bench/crash -for 1h ./harmonium
//
// It prints a line for each run. After the first run that differs it exits with 1, and keeps the folders.
package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"
)

func main() {
	flags := flag.NewFlagSet("crash", flag.ExitOnError)
	length := flags.Duration("for", time.Minute, "time after which no other run begins")
	seed := flags.Uint64("seed", uint64(time.Now().UnixNano()), "seed of the moments of the kills")
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: crash [-for 1m] [-seed N] HARMONIUM")
		flags.PrintDefaults()
	}
	flags.Parse(os.Args[1:])
	if flags.NArg() != 1 {
		flags.Usage()
		os.Exit(2)
	}
	if err := crash(flags.Arg(0), *length, *seed); err != nil {
		fmt.Fprintln(os.Stderr, "crash:", err)
		os.Exit(1)
	}
}

// crash runs all cases in turn until the time is over.
func crash(command string, length time.Duration, seed uint64) error {
	command, err := filepath.Abs(command)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "crash")
	if err != nil {
		return err
	}
	h := &harness{command: command, folder: folder, random: rand.New(rand.NewPCG(seed, 0)), lengths: map[string]time.Duration{}}
	fmt.Printf("seed %d\n", seed)
	kills, runs := 0, 0
	for start := time.Now(); runs == 0 || time.Since(start) < length; runs++ {
		c := cases[runs%len(cases)]
		killed, err := h.try(c)
		kills += killed
		if err != nil {
			return fmt.Errorf("%s, seed %d: %w; the runs are in %s", c.name, seed, err, folder)
		}
		fmt.Printf("%-22s %2d kills: the same\n", c.name, killed)
	}
	fmt.Printf("%d runs of %d cases, %d kills: all the same\n", runs, min(runs, len(cases)), kills)
	return os.RemoveAll(folder)
}
