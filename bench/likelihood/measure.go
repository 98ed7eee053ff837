package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"harmonium/store"
)

// folder is the path of a folder: of all runs, or of one of them.
type folder string

func (f folder) file(name string) string { return filepath.Join(string(f), name) }

// measurement holds the results of a run: an experiment with one seed.
type measurement struct {
	Name     string  `json:"name"`
	Seed     int     `json:"seed"`
	Command  string  `json:"command"`
	Version  string  `json:"version"`
	Device   string  `json:"device"`
	Training float64 `json:"training_seconds"` // time of the updates, without estimates, evaluations and pictures

	Test  likelihood  `json:"test"`            // of the test rows, or of the training rows for data without test rows
	Train *likelihood `json:"train,omitempty"` // of the training rows, if Test is not
}

// likelihood holds results of harmonium eval. Null stands for figures that an exact likelihood
// does not have.
type likelihood struct {
	Split          string   `json:"split"`
	Method         string   `json:"method"`
	Value          float64  `json:"log_likelihood"`
	Low            *float64 `json:"log_likelihood_low"`
	High           *float64 `json:"log_likelihood_high"`
	StandardError  float64  `json:"log_likelihood_standard_error"`
	MeanFreeEnergy float64  `json:"mean_free_energy"`
	LogZ           float64  `json:"log_z"`
	ESS            *float64 `json:"ess"`
	VarLogW        *float64 `json:"var_log_w"`
	ReverseLogZ    *float64 `json:"reverse_log_z"`
	ReverseESS     *float64 `json:"reverse_ess"`
	ReverseVarLogW *float64 `json:"reverse_var_log_w"`
	Verdict        string   `json:"verdict"`
}

// lab makes runs with harmonium.
type lab struct {
	command  string // path of the program
	runs     folder
	threads  int
	progress io.Writer // gets the command of each run when it starts
}

// result is the file in the folder of a run that holds its measurement. It is written last, so that a run
// with this file is complete.
const result = "measurement.json"

// measure returns the results of an experiment with one seed: the results of an earlier call, or
// of a run that it makes or continues from its last checkpoint.
func (l lab) measure(ctx context.Context, e experiment, seed int) (measurement, error) {
	run := folder(l.runs.file(e.folder(seed)))
	m := measurement{Name: e.name, Seed: seed}
	content, err := os.ReadFile(run.file(result))
	if err == nil {
		return m, json.Unmarshal(content, &m)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return m, err
	}
	args := e.train(seed)
	m.Command = "harmonium " + strings.ReplaceAll(strings.Join(args, " "), filepath.Clean(string(l.runs))+"/", "")
	fmt.Fprintln(l.progress, m.Command)
	args = append(args, "--out", string(run))
	if e.every > 0 {
		args = append(args, "--eval", fmt.Sprint(e.every))
	}
	if _, err := os.Stat(run.file("checkpoint.safetensors")); err == nil {
		args = []string{"train", "--resume", string(run)}
	}
	if _, err := l.run(ctx, append(args, "--threads", fmt.Sprint(l.threads))...); err != nil {
		return m, err
	}
	if err := m.recall(run); err != nil {
		return m, err
	}
	if m.Test, err = l.evaluate(ctx, run, e, "test"); err != nil {
		return m, err
	}
	if e.split != "train" {
		train, err := l.evaluate(ctx, run, e, "train")
		if err != nil {
			return m, err
		}
		m.Train = &train
	}
	return m, writeJSON(run.file(result), m)
}

// recall reads version, device and training time from the files that harmonium train wrote to the folder of
// a run.
func (m *measurement) recall(run folder) error {
	config, err := os.ReadFile(run.file("config.json"))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(config, m); err != nil { // version and device
		return fmt.Errorf("%s: %w", run, err)
	}
	times, err := os.ReadFile(run.file("times.jsonl"))
	if err != nil {
		return err
	}
	lines := bytes.Split(bytes.TrimSpace(times), []byte("\n"))
	var last struct{ Seconds float64 }
	if err := json.Unmarshal(lines[len(lines)-1], &last); err != nil {
		return fmt.Errorf("%s: %w", run, err)
	}
	m.Training = last.Seconds
	return nil
}

// evaluate estimates the likelihood of the rows of a split under the model of a run. The experiment's split, if it
// has one, takes the place of the given split.
func (l lab) evaluate(ctx context.Context, run folder, e experiment, split string) (likelihood, error) {
	var found likelihood
	if e.split != "" {
		split = e.split
	}
	out, err := l.run(ctx, "eval", run.file("model.safetensors"), "--split", split, "--threads", fmt.Sprint(l.threads), "--json")
	if err == nil {
		err = json.Unmarshal(out, &found)
	}
	return found, err
}

// run runs the harmonium command and returns its standard output.
func (l lab) run(ctx context.Context, args ...string) ([]byte, error) {
	c := exec.CommandContext(ctx, l.command, args...)
	var out, problem bytes.Buffer
	c.Stdout, c.Stderr = &out, &problem
	if err := c.Run(); err != nil {
		lines := strings.Split(strings.TrimSpace(problem.String()), "\n")
		return nil, fmt.Errorf("harmonium %s: %w: %s", strings.Join(args, " "), err, lines[len(lines)-1])
	}
	return out.Bytes(), nil
}

func writeJSON(path string, value any) error {
	return store.WriteAtomic(path, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "\t")
		return e.Encode(value)
	})
}
