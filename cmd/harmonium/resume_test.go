package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
)

// TestHangUpAndQuit: SIGHUP and SIGQUIT end a run as SIGTERM does, with a line that tells how to go on and without the
// stack that Go prints for SIGQUIT. The run's million epochs do not end before: there is no guard that could end them, and
// no estimate of log Z that would delay the first record.
func TestHangUpAndQuit(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, s := range []syscall.Signal{syscall.SIGHUP, syscall.SIGQUIT} {
		out := s.String()
		command, _, stderr := process(t, with(bars, "--epochs", "1000000", "--eval", "never", "--guard", "off",
			"--online-every", "1000000", "--out", out)...)
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan struct{})
		go func() {
			command.Wait()
			close(ended)
		}()
		waitForEpochs(t, filepath.Join(out, fileMetrics), 1, ended)
		if err := command.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
		<-ended
		if got := command.ProcessState.ExitCode(); got != exitInterrupted {
			t.Errorf("%v: exit code %d, want %d", s, got, exitInterrupted)
		}
		if want := "go on with: harmonium train --resume " + out + "\n"; !strings.HasSuffix(stderr.String(), want) {
			t.Errorf("%v: standard error:\n%swant %q at its end", s, stderr, want)
		}
		if strings.Contains(stderr.String(), "goroutine") {
			t.Errorf("%v: a stack on standard error:\n%s", s, stderr)
		}
	}
}

// TestResumeAtAnotherRate: --learning-rate beside --resume is the rate of the further updates. 1e-30 changes no float32
// parameter, as nothing else moves the model: no weight decay, centering or momentum.
func TestResumeAtAnotherRate(t *testing.T) {
	t.Chdir(t.TempDir())
	flags := with(bars, "--schedule", "constant", "--l2", "0", "--center=false", "--momentum", "0", "--eval", "never")
	mustRun(t, with(flags, "--epochs", "1", "--out", "run")...)
	before := tensors(t, "run/"+fileModel)
	mustRun(t, "train", "--resume", "run", "--epochs", "2", "--learning-rate", "1e-30")
	if !bytes.Equal(tensors(t, "run/"+fileModel), before) {
		t.Error("updates at a rate of 1e-30 changed the model")
	}
	var config runConfig
	if err := json.Unmarshal(readBytes(t, "run/"+fileConfig), &config); err != nil || config.Training.LearningRate != 1e-30 {
		t.Errorf("config.json: learning rate %g (%v), want 1e-30", config.Training.LearningRate, err)
	}
	refuses(t, exitUsage, "--learning-rate 0, want", "train", "--resume", "run", "--epochs", "3", "--learning-rate", "0")
}

// countdown is a context that ends after a number of calls of Err.
type countdown struct {
	context.Context
	left atomic.Int64
}

func newCountdown(calls int64) *countdown {
	c := &countdown{Context: context.Background()}
	c.left.Store(calls)
	return c
}

func (c *countdown) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// TestResumeAfterInterruption: a run that is interrupted at a call of its context's Err, between updates, in an evaluation
// or in sampling, and is resumed gives the same as a whole run. The calls are counted first; then the run is interrupted
// at each of the first 14, in the middle and at the last call.
func TestResumeAfterInterruption(t *testing.T) {
	slow(t)
	t.Chdir(t.TempDir())
	flags := with(bars, "--epochs", "3", "--eval", "1")
	const plenty = 1 << 40
	whole := newCountdown(plenty)
	if code := run(whole, with(flags, "--out", "whole"), io.Discard, io.Discard); code != 0 {
		t.Fatalf("exit code %d, want 0", code)
	}
	calls := plenty - whole.left.Load()
	places := []int64{calls - 1, calls / 2}
	for place := range min(calls-2, 14) { // in the training, with two evaluations in it
		places = append(places, place)
	}
	for _, place := range places {
		out := fmt.Sprint("after", place)
		var stderr bytes.Buffer
		code := run(newCountdown(place), with(flags, "--out", out), io.Discard, &stderr)
		if code != exitInterrupted || !strings.Contains(stderr.String(), "harmonium: interrupted after update ") {
			t.Errorf("interrupted at call %d of %d: exit code %d, want 130; standard error:\n%s", place, calls, code, &stderr)
		}
		mustRun(t, "train", "--resume", out)
		wantSameRun(t, out, "whole")
	}
}
