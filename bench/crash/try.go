package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// mostKills is the largest number of kills of one run. It is chosen: some runs are killed in the work that they make
// again after a kill.
const mostKills = 4

// compared are the files of a run folder that must be the same. times.jsonl has times, which differ.
var compared = []string{"model.safetensors", "checkpoint.safetensors", "metrics.jsonl", "filters.png", "samples.png"}

// harness makes runs below a folder.
type harness struct {
	command, folder string
	random          *rand.Rand
	lengths         map[string]time.Duration // of the uninterrupted run, by the name of the case
}

// try makes a run of a case that is killed several times, and compares it with the uninterrupted run,
// which it makes first if need be.
func (h *harness) try(c testCase) (kills int, err error) {
	whole := filepath.Join(h.folder, strings.ReplaceAll(c.name, " ", "-"))
	killed := whole + "-killed"
	flags := append(append([]string{"train"}, common...), c.flags...)
	if h.lengths[c.name] == 0 {
		start := time.Now()
		if err := h.run(append(flags, "--out", whole)...); err != nil {
			return 0, err
		}
		h.lengths[c.name] = time.Since(start)
	}
	if err := os.RemoveAll(killed); err != nil {
		return 0, err
	}
	args := append(flags, "--out", killed)
	for kills < mostKills {
		ended, err := h.kill(h.moment(h.lengths[c.name]), args...)
		if err != nil {
			return kills, err
		}
		if ended {
			break
		}
		kills++
		args = []string{"train", "--resume", killed, "--device", "cpu", "--threads", "1"}
		if _, err := os.Stat(filepath.Join(killed, "checkpoint.safetensors")); errors.Is(err, fs.ErrNotExist) {
			args = append(flags, "--out", killed, "--force") // before the first checkpoint
		}
	}
	if kills == mostKills {
		if err := h.run(args...); err != nil {
			return kills, err
		}
	}
	return kills, compare(whole, killed)
}

// moment returns a random time in a run. With probability 1/2 it is uniform, else more often early: half of these are
// in the first eighth of the run.
func (h *harness) moment(length time.Duration) time.Duration {
	share := h.random.Float64()
	if h.random.IntN(2) == 0 {
		share = share * share * share
	}
	return time.Duration(share * float64(length))
}

// run runs the command to its end.
func (h *harness) run(args ...string) error {
	out, err := exec.Command(h.command, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w: %s", filepath.Base(h.command), strings.Join(args, " "), err, lastLine(out))
	}
	return nil
}

// kill starts the command and kills it after some time. It reports whether the command had ended
// before, with success.
func (h *harness) kill(after time.Duration, args ...string) (ended bool, err error) {
	var out bytes.Buffer
	cmd := exec.Command(h.command, args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		return false, err
	}
	timer := time.AfterFunc(after, func() { cmd.Process.Kill() })
	defer timer.Stop()
	err = cmd.Wait()
	switch {
	case err == nil:
		return true, nil
	case cmd.ProcessState.ExitCode() == -1: // by a signal
		return false, nil
	}
	return false, fmt.Errorf("%s %s: %w: %s", filepath.Base(h.command), strings.Join(args, " "), err, lastLine(out.Bytes()))
}

func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}

// compare returns an error that names the first file that differs between two run folders.
func compare(whole, killed string) error {
	for _, name := range compared {
		want, err := os.ReadFile(filepath.Join(whole, name))
		if err != nil {
			return err
		}
		got, err := os.ReadFile(filepath.Join(killed, name))
		if err != nil {
			return err
		}
		if !bytes.Equal(got, want) {
			return fmt.Errorf("%s differs between the killed run and the whole run", name)
		}
	}
	return nil
}
