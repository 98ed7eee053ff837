//go:build linux

// Processes measures runs in two processes, which Open MPI starts.
//
//	go build -tags mpi -o harmonium ./cmd/harmonium
//	go run ./bench/processes ./harmonium
//	go run ./bench/processes -network 1gbit ./harmonium
//
// It makes runs in two processes of one thread in turn with runs in one process of two threads, and prints their
// speeds.
//
// With -network the two processes are in network namespaces of their own, and only a link of that rate connects
// them: a pair of devices with a token bucket. A script that stands for ssh starts the second process, so that Open
// MPI takes the two for two machines. The files of each run must have the bytes of a run in one process, and the
// share of the time that sums take must be within 30 % of what the first line of the run predicts. This needs root and
// iproute2.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	runs := flag.Int("runs", 5, "runs of each kind, whose median counts")
	rate := flag.String("network", "",
		"`RATE` of a network between the processes, as tc writes it (default: none, both are on this machine)")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: processes [-runs N] [-network 1gbit] HARMONIUM")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 1 || *runs < 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := measure(flag.Arg(0), *runs, *rate); err != nil {
		fmt.Fprintln(os.Stderr, "processes:", err)
		os.Exit(1)
	}
}

func measure(command string, runs int, rate string) error {
	command, err := filepath.Abs(command)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "processes")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	if rate != "" {
		return overNetwork(command, folder, runs, rate)
	}
	return threads(command, folder, runs)
}

// output runs a command and returns what it prints.
func output(command string, args []string) ([]byte, error) {
	cmd := exec.Command(command, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	text, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w: %s", command, strings.Join(args, " "), err, stderr.Bytes())
	}
	return text, nil
}
