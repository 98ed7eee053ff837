package main

import (
	"context"
	"fmt"
	"io"
	"strings"
)

// result holds all measurements of a task.
type result struct {
	Name    string      `json:"name"`
	Task    task        `json:"task"`
	Rounds  [][]float64 `json:"rounds"` // samples by round and block, in the unit of the work
	Hidden  float64     `json:"hidden,omitempty"`
	Setting string      `json:"setting,omitempty"`
}

// plan is the extent of the measurements.
type plan struct {
	Rounds  int     `json:"rounds"`
	Blocks  int     `json:"blocks"`  // blocks of a task in each round
	Seconds float64 `json:"seconds"` // longest time of a block of more than one call
}

// run measures tasks in turn.
type run struct {
	plan      plan
	launcher  *launcher
	progress  io.Writer
	processes map[string]*process
	skipped   map[string]string // why, by process or task
	results   map[task]*result
}

func newRun(p plan, l *launcher, progress io.Writer) *run {
	return &run{p, l, progress, map[string]*process{}, map[string]string{}, map[task]*result{}}
}

// measure measures all tasks in turn, for all rounds. It leaves out a task or a library after
// it has failed.
func (r *run) measure(ctx context.Context, list []task) error {
	for round := range r.plan.Rounds {
		for i, t := range list {
			if err := ctx.Err(); err != nil {
				return err
			}
			if round > 0 && !t.repeated() || !r.ready(ctx, t) {
				continue
			}
			fmt.Fprintf(r.progress, "round %d/%d, %d/%d: %s\n", round+1, r.plan.Rounds, i+1, len(list), t)
			r.once(t)
		}
	}
	return ctx.Err()
}

// repeated reports whether a task is measured in every round. Memory hardly varies, and the
// command takes long.
func (t task) repeated() bool {
	return t.Work == update || t.Work == product || t.Work == annealing
}

// ready starts the process of a task if there is none yet.
func (r *run) ready(ctx context.Context, t task) bool {
	name := t.process()
	if r.skipped[name] != "" || r.skipped[t.String()] != "" {
		return false
	}
	if r.processes[name] != nil {
		return true
	}
	p, err := r.launcher.start(ctx, t)
	if err != nil {
		r.skip(name, err)
		return false
	}
	r.processes[name] = p
	return true
}

func (r *run) skip(name string, err error) {
	r.skipped[name] = err.Error()
	fmt.Fprintf(r.progress, "skipped: %s: %v\n", name, err)
}

// once measures a task for one round.
func (r *run) once(t task) {
	q := request{task: t, Blocks: r.plan.Blocks, Seconds: r.plan.Seconds}
	switch t.Work {
	case update:
		q.Start = t.startPath(r.launcher.directory)
	case annealing:
		q.Start = t.startPath(r.launcher.directory)
		q.Blocks = 1 // of several seconds
	}
	a, err := r.processes[t.process()].ask(q)
	if err != nil {
		r.skip(t.String(), err)
		return
	}
	if r.results[t] == nil {
		r.results[t] = &result{Name: t.String(), Task: t}
	}
	s := r.results[t]
	s.Rounds = append(s.Rounds, a.Samples)
	s.Hidden, s.Setting = a.Hidden, a.Setting
}

func (r *run) close() {
	for _, p := range r.processes {
		p.close()
	}
}

// coreType is the core type to set for OpenBLAS, or "". Older releases take newer processors
// for older ones and choose kernels for half the vector width. Setting the core type to one
// with AVX-512 kernels corrects that, and has rows of its own.
func (r *run) coreType(ctx context.Context, m machine) string {
	probe := task{Library: numpy}
	if !m.wide() || !r.ready(ctx, probe) {
		return ""
	}
	blas := r.processes[probe.process()].hello.Versions["blas"]
	if !strings.HasPrefix(blas, "openblas") {
		return ""
	}
	for _, wide := range []string{"SkylakeX", "Cooperlake", "SapphireRapids"} { // the types with AVX-512 kernels
		if strings.HasSuffix(blas, wide) {
			return ""
		}
	}
	return "SkylakeX"
}

// versions returns the versions that the processes reported.
func (r *run) versions() map[string]map[string]string {
	all := map[string]map[string]string{}
	for name, p := range r.processes {
		all[name] = p.hello.Versions
	}
	return all
}
