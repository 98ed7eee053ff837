package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"
)

// commandRun is a run of the train command with its defaults.
type commandRun struct {
	seconds       float64 // from the start of "go run", with everything built, to its end
	logLikelihood float64 // of the test rows, in nats a row
}

// runCommand runs the train command, once in a process.
var runCommand = sync.OnceValues(func() (commandRun, error) {
	folder, err := os.MkdirTemp("", "train")
	if err != nil {
		return commandRun{}, err
	}
	defer os.RemoveAll(folder)
	train := func(arguments ...string) *exec.Cmd {
		command := exec.Command("go", append([]string{"run", "harmonium/cmd/harmonium"}, arguments...)...)
		command.Stderr = os.Stderr
		return command
	}
	if err := train("--version").Run(); err != nil { // builds the command
		return commandRun{}, fmt.Errorf("compare: go run of the command: %w", err)
	}
	start := time.Now()
	out, err := train("train", "--json", "--out", filepath.Join(folder, "run")).Output()
	if err != nil {
		return commandRun{}, fmt.Errorf("compare: train command: %w", err)
	}
	run := commandRun{seconds: time.Since(start).Seconds()}
	run.logLikelihood, err = logLikelihood(out)
	return run, err
})

// logLikelihood reads the result of the train command.
func logLikelihood(output []byte) (float64, error) {
	var result struct {
		LogLikelihood *float64 `json:"log_likelihood"`
	}
	if err := json.Unmarshal(output, &result); err != nil {
		return 0, fmt.Errorf("compare: train command: %w", err)
	}
	if result.LogLikelihood == nil {
		return 0, fmt.Errorf("compare: train command: no log_likelihood in %q", output)
	}
	return *result.LogLikelihood, nil
}

// command returns a figure of the single run of the train command.
func (r request) command() (answer, error) {
	run, err := runCommand()
	if err != nil {
		return answer{}, err
	}
	if r.Work == commandLoss {
		return answer{Samples: []float64{-run.logLikelihood}}, nil
	}
	return answer{Samples: []float64{run.seconds}}, nil
}
