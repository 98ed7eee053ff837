package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestHangUpAndQuit: SIGHUP and SIGQUIT end a run as SIGTERM does, with a line that tells how to go on and without the
// stack that Go prints for SIGQUIT. The run's million epochs do not end before.
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
