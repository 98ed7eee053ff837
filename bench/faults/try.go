//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

const (
	lostCode   = 3                      // exit code of harmonium where another process of its run is lost
	mostTries  = 5                      // tries of a fault, as a run may end before it
	longestRun = 2 * time.Minute        // time that a run without a fault may take
	poll       = time.Millisecond       // between two looks at a run
	mostDelay  = 300 * time.Millisecond // longest random time from a moment to the fault
)

// common makes runs of a second or two, with checkpoints and estimates at every few updates.
var common = []string{"train", "--data", "bars-and-stripes:6", "--hidden", "26", "--batch-size", "20",
	"--shards", fmt.Sprint(ranks), "--updates", "150",
	"--checkpoint-every", "3", "--online-every", "2", "--threads", "1", "--device", "cpu"}

// flagsOf returns the flags of a run and the name of the uninterrupted run with the same flags. Only runs with a
// fault in the evaluation at the end, which takes seconds, evaluate their model.
func flagsOf(f fault) (flags []string, whole string) {
	if f.moment == "evaluation" {
		return common, "evaluated"
	}
	return append(append([]string{}, common...), "--eval", "never"), "whole"
}

// compared are the files of a run folder that must be the same.
var compared = []string{"model.safetensors", "checkpoint.safetensors", "metrics.jsonl", "filters.png", "samples.png"}

// harness makes runs below a folder.
type harness struct {
	command, folder string
	launch          []string // words of mpirun
	timeout         time.Duration
	random          *rand.Rand
}

// start starts a run on a number of processes, which all have the run's marker in their environment.
func (h *harness) start(name string, args []string, processes int) (*exec.Cmd, *bytes.Buffer, error) {
	words := append(append(append([]string{}, h.launch...), "-n", fmt.Sprint(processes), h.command), args...)
	cmd := exec.Command(words[0], words[1:]...)
	output := new(bytes.Buffer)
	cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), marker(name)), output, output
	cmd.WaitDelay = time.Second // wait for output, which a process that is left may keep open
	return cmd, output, cmd.Start()
}

// marker is the line in the environment of all processes of a run.
func marker(name string) string { return fmt.Sprintf("HARMONIUM_FAULT=%d-%s", os.Getpid(), name) }

// run makes a run to its end.
func (h *harness) run(name string, args []string, processes int) error {
	cmd, output, err := h.start(name, args, processes)
	if err != nil {
		return err
	}
	late := time.AfterFunc(longestRun, func() { cmd.Process.Kill() })
	defer late.Stop()
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("%s: %w: %s", strings.Join(args, " "), err, said(output))
	}
	return nil
}

// said returns the lines of harmonium in an output.
func said(output *bytes.Buffer) string {
	var lines []string
	for line := range strings.Lines(output.String()) {
		if strings.HasPrefix(line, "harmonium: ") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return strings.Join(lines, " | ")
}

// errEscaped says that a run ended before its fault had an effect.
var errEscaped = errors.New("the run ended before the fault")

// try makes run i with a fault and then goes on with it. It returns the time from the fault to the end of the last
// process.
func (h *harness) try(i int, f fault) (time.Duration, error) {
	for n := range mostTries {
		name := fmt.Sprintf("run%d.%d", i, n)
		took, line, err := h.strike(name, f)
		if errors.Is(err, errEscaped) {
			continue
		}
		if err != nil {
			return 0, err
		}
		processes := []int{1, 2, ranks}[i%3]
		from, err := h.goOn(name, f, processes)
		if err != nil {
			return 0, err
		}
		fmt.Printf("%3d  %-32v ended after %4.1f s%s; went on on %d from %s: the same\n", i+1, f, took.Seconds(), line, processes, from)
		return took, nil
	}
	return 0, errEscaped
}

// strike makes a run with a fault. It returns the time from the fault to the end of the processes, and how the run
// ended. The mpirun of Open MPI 4.1 may itself fail where a process has ended while all make their connections at the
// start: it waits for ever for processes that have all ended, or it crashes. That is no fault of the run.
func (h *harness) strike(name string, f fault) (took time.Duration, line string, err error) {
	folder := filepath.Join(h.folder, name)
	flags, _ := flagsOf(f)
	cmd, output, err := h.start(name, append(flags[:len(flags):len(flags)], "--timeout", h.timeout.String(), "--out", folder), ranks)
	if err != nil {
		return 0, "", err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	id, err := h.await(name, folder, f, ended)
	if err != nil {
		h.clear(name)
		return 0, "", err
	}
	start := time.Now()
	if syscall.Kill(id, f.signal) != nil {
		h.clear(name)
		return 0, "", errEscaped
	}
	took, hangs, err := h.end(name, cmd, ended, f, start)
	switch {
	case err != nil:
		return 0, "", fmt.Errorf("%w: %s", err, said(output))
	case hangs:
		return took, ", mpirun itself waits for them", nil
	case f.moment == "start" && crashed(cmd) && strings.Count(said(output), "harmonium: ") <= 1:
		return took, ", mpirun itself crashes", nil
	}
	// A process that is stopped must be noticed by harmonium, a killed one may be noticed by mpirun first.
	code := cmd.ProcessState.ExitCode()
	switch {
	case code == 0:
		return took, "", errEscaped
	case f.signal == syscall.SIGSTOP && (code != lostCode || strings.Count(said(output), "harmonium: ") != 1):
		return took, "", fmt.Errorf("%v and %q, want exit code %d and one line", cmd.ProcessState, said(output), lostCode)
	case strings.Count(said(output), "harmonium: ") > 1:
		return took, "", fmt.Errorf("%q, want one line at most", said(output))
	}
	return took, fmt.Sprintf(", code %d", code), nil
}

// crashed reports whether a command was ended by a fault of its memory.
func crashed(cmd *exec.Cmd) bool {
	status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGSEGV
}

// end waits until all processes of a run have ended, and returns the time from the fault, at start, to their end.
// All must end within the timeout, but for an mpirun that hangs (see [harness.strike]). It kills what is left.
func (h *harness) end(name string, cmd *exec.Cmd, ended chan error, f fault, start time.Time) (took time.Duration,
	hangs bool, err error) {
	defer h.clear(name)
	for launched := true; ; time.Sleep(poll) {
		select {
		case <-ended:
			launched = false
		default:
		}
		left, err := processes(marker(name), -1)
		if err != nil {
			return 0, false, err
		}
		left = slices.DeleteFunc(left, func(p process) bool { return p.id == cmd.Process.Pid })
		now := time.Since(start)
		if len(left) > 0 {
			took = 0
		} else if took == 0 {
			took = now
		}
		switch {
		case len(left) == 0 && !launched:
			return now, false, nil
		case now > h.timeout && len(left) == 0 && f.moment == "start":
			return took, true, nil
		case now > h.timeout:
			return 0, false, fmt.Errorf("%v after the fault mpirun runs (%v), and so do %v", h.timeout, launched, left)
		}
	}
}

// await waits for the moment of a fault and returns the number of the process of its rank.
func (h *harness) await(name, folder string, f fault, ended chan error) (int, error) {
	deadline := time.Now().Add(longestRun)
	for !h.reached(folder, f) {
		select {
		case <-ended:
			return 0, errEscaped
		case <-time.After(poll):
		}
		if time.Now().After(deadline) {
			return 0, fmt.Errorf("the run has not reached %s within %v", f.moment, longestRun)
		}
	}
	for {
		found, err := processes(marker(name), f.rank)
		if err != nil {
			return 0, err
		}
		if len(found) > 0 {
			if f.moment != "checkpoint" { // which is over in milliseconds
				time.Sleep(time.Duration(h.random.Int64N(int64(mostDelay))))
			}
			return found[0].id, nil
		}
		select {
		case <-ended:
			return 0, errEscaped
		case <-time.After(poll):
		}
		if time.Now().After(deadline) {
			return 0, fmt.Errorf("no process has rank %d", f.rank)
		}
	}
}

// reached reports whether a run is at the moment of a fault.
func (h *harness) reached(folder string, f fault) bool {
	exists := func(pattern string) bool {
		found, _ := filepath.Glob(filepath.Join(folder, pattern))
		return len(found) > 0
	}
	switch f.moment {
	case "update":
		return exists("checkpoint.safetensors") && exists("metrics.jsonl")
	case "checkpoint": // which is written to a temporary file
		return exists("checkpoint.safetensors") && exists(".checkpoint.safetensors.*")
	case "evaluation": // which follows the model
		return exists("model.safetensors")
	}
	return true
}

// goOn goes on with a run from its last checkpoint, or begins it again if there is none, and compares its result. It
// returns what it went on from.
func (h *harness) goOn(name string, f fault, processes int) (from string, err error) {
	folder := filepath.Join(h.folder, name)
	flags, whole := flagsOf(f)
	args, from := []string{"train", "--resume", folder}, "its checkpoint"
	if _, err := os.Stat(filepath.Join(folder, "checkpoint.safetensors")); err != nil {
		args, from = append(flags[:len(flags):len(flags)], "--out", folder, "--force"), "the start"
	}
	if err := h.run(name+".on", args, processes); err != nil {
		return from, err
	}
	for _, file := range compared {
		got, err := os.ReadFile(filepath.Join(folder, file))
		want, failed := os.ReadFile(filepath.Join(h.folder, whole, file))
		if err := errors.Join(err, failed); err != nil {
			return from, err
		}
		if !bytes.Equal(got, want) {
			return from, fmt.Errorf("%s differs from the uninterrupted run", file)
		}
	}
	return from, os.RemoveAll(folder)
}

// clear kills all processes of a run.
func (h *harness) clear(name string) {
	left, _ := processes(marker(name), -1)
	for _, p := range left {
		syscall.Kill(p.id, syscall.SIGKILL)
	}
}
