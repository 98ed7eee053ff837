package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// options are the flags of a run, which main.go describes.
type options struct {
	out    string
	limit  time.Duration // of the whole run
	quick  bool
	python string
}

// result is the outcome of a step.
type result struct {
	Name    string   `json:"name"`
	Command string   `json:"command"`
	Status  string   `json:"status"`        // "ok", "failed" or "left out"
	Why     string   `json:"why,omitempty"` // reason why it failed or was left out
	Seconds float64  `json:"seconds"`
	Section string   `json:"section,omitempty"` // section of the page that shows the figures
	Figures []figure `json:"figures,omitempty"`
	Output  string   `json:"output,omitempty"` // end of the output, if the step failed or has no figures
}

// The values of result.Status.
const (
	passed  = "ok"
	failed  = "failed"
	leftOut = "left out"
)

// run unpacks the parts of the kit in the given folder into a temporary folder, makes the steps in turn and
// writes the results. It returns an error if a step failed, but not for a step that was left out.
func (o options) run(ctx context.Context, kit string) error {
	start := time.Now()
	folder, err := os.MkdirTemp("", "harmonium-kit")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	if err := unsqueeze(filepath.Join(kit, partsFile), folder); err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(folder, "manifest.json"))
	if err != nil {
		return err
	}
	var m manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return err
	}
	r := report{Date: start.UTC(), Manifest: m, Quick: o.quick, Machine: examine(ctx, o.python)}
	w := worker{options: o, folder: folder, machine: r.Machine, deadline: start.Add(o.limit)}
	steps := o.steps()
	for i, s := range steps {
		result := w.make(ctx, s)
		fmt.Printf("[%d/%d] %s: %s, %.1f s %s\n", i+1, len(steps), s.name, result.Status, result.Seconds, result.Why)
		r.Results = append(r.Results, result)
		if i == 0 && result.Status != passed { // the doctor, see steps
			w.noCard = "no GPU can be used: " + result.Why
		}
	}
	r.Seconds = time.Since(start).Seconds()
	return r.write(o.out)
}

// worker makes the steps of a run.
type worker struct {
	options
	folder   string // folder of the unpacked parts
	machine  machine
	deadline time.Time // end of the time for the whole run
	noCard   string    // why there is no GPU, or ""
}

// make makes a step, or leaves it out and gives the reason.
func (w worker) make(ctx context.Context, s step) result {
	r := result{Name: s.name, Section: s.section, Command: strings.Join(s.command, " "), Status: leftOut}
	left := min(s.limit, time.Until(w.deadline))
	switch {
	case s.card && w.noCard != "":
		r.Why = w.noCard
	case s.python && w.machine.Torch == "":
		r.Why = "no Python here has PyTorch with a GPU"
	case left < time.Second:
		r.Why = "no time was left"
	}
	if r.Why != "" {
		return r
	}
	start := time.Now()
	output, err := w.start(ctx, s, left)
	r.Seconds, r.Status = time.Since(start).Seconds(), passed
	var faults []string
	r.Figures, faults = s.read(output)
	if s.timed {
		for _, f := range r.Figures {
			f.Values["seconds"] = r.Seconds
		}
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		faults = append(faults, fmt.Sprintf("it was ended after %.0f s", left.Seconds()))
	case err != nil:
		faults = append([]string{err.Error() + ": " + lastLine(output)}, faults...)
	}
	if len(faults) > 0 {
		r.Status, r.Why = failed, strings.Join(faults, "; ")
	}
	if r.Status == failed || len(r.Figures) == 0 {
		r.Output = ending(output, 6000) // chosen: some sixty lines
	}
	return r
}

// start runs the program of a step and returns what it prints.
func (w worker) start(ctx context.Context, s step, limit time.Duration) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	program := filepath.Join(w.folder, filepath.FromSlash(s.command[0]))
	if s.python {
		program = w.machine.Python
	}
	c := exec.CommandContext(ctx, program, s.command[1:]...)
	c.Dir = filepath.Join(w.folder, filepath.FromSlash(s.folder))
	// The user's libraries come first, then the toolkits' libraries, and then the cuBLAS that comes with PyTorch.
	c.Env = append(os.Environ(), "LD_LIBRARY_PATH="+strings.Join(append(w.machine.loaderPath(), w.machine.BLAS...), ":"))
	c.WaitDelay = time.Second // how long to wait for the end of its output, which its children may keep open
	var output bytes.Buffer
	c.Stdout, c.Stderr = &output, &output
	err := c.Run()
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return output.String(), err
}

// lastLine returns the last line of an output, which has the error of a program that fails.
func lastLine(output string) string {
	lines := strings.Split(strings.TrimSpace(output), "\n")
	return lines[len(lines)-1]
}

// ending returns the last `bytes` bytes of a text, or all of a shorter one.
func ending(text string, bytes int) string { return text[max(0, len(text)-bytes):] }
