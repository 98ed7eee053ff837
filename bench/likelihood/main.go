package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
)

// options are the flags.
type options struct {
	only    string
	runs    string
	out     string
	threads int
}

func main() {
	var o options
	flag.StringVar(&o.only, "only", "", "only the runs whose name matches this regular expression; the results are of these alone")
	flag.StringVar(&o.runs, "runs", "runs/likelihood", "folder for the runs; those that are complete there are not made again")
	flag.StringVar(&o.out, "out", "bench/results", "folder for likelihood.json and the learning curves")
	flag.IntVar(&o.threads, "threads", 0,
		"threads of each run (0: one per processor); the likelihoods do not depend on their number")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := o.main(ctx, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "likelihood:", err)
		os.Exit(1)
	}
}

func (o options) main(ctx context.Context, w, progress io.Writer) error {
	only, err := regexp.Compile(o.only)
	if err != nil {
		return fmt.Errorf("--only: %w", err)
	}
	if flag.NArg() > 0 {
		return fmt.Errorf("%d arguments, want none", flag.NArg())
	}
	directory, err := os.MkdirTemp("", "likelihood")
	if err != nil {
		return err
	}
	defer os.RemoveAll(directory)
	l := lab{command: filepath.Join(directory, "harmonium"), runs: folder(o.runs), threads: o.threads, progress: progress}
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", l.command, "./cmd/harmonium").CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	for _, folder := range []string{o.runs, o.out} {
		if err := os.MkdirAll(folder, 0o777); err != nil {
			return err
		}
	}
	if err := writeFlipped(l.runs); err != nil {
		return err
	}
	return o.measure(ctx, l, only, w)
}

// measure makes all runs, writes the results and prints the tables.
func (o options) measure(ctx context.Context, l lab, only *regexp.Regexp, w io.Writer) error {
	var all []measurement
	listed := map[string]bool{} // an experiment may occur in two tables
	for _, t := range tables(l.runs) {
		var rows [][]measurement
		for _, e := range t.experiments {
			if !only.MatchString(e.name) {
				continue
			}
			row, err := l.repeat(ctx, e)
			if err != nil {
				return err
			}
			if e.every > 0 {
				if err := l.draw(ctx, e, filepath.Join(o.out, "curve-"+e.name+".png")); err != nil {
					return err
				}
			}
			rows = append(rows, row)
			if !listed[e.name] {
				listed[e.name], all = true, append(all, row...)
			}
		}
		if rows != nil {
			printTable(w, t.title, rows)
		}
	}
	return writeJSON(filepath.Join(o.out, "likelihood.json"), all)
}

// repeat measures an experiment with all its seeds.
func (l lab) repeat(ctx context.Context, e experiment) ([]measurement, error) {
	var row []measurement
	for seed := range e.seeds {
		m, err := l.measure(ctx, e, seed+1)
		if err != nil {
			return nil, err
		}
		row = append(row, m)
	}
	return row, nil
}

// draw draws the learning curves of an experiment, one for each seed.
func (l lab) draw(ctx context.Context, e experiment, path string) error {
	args := []string{"curve", "--out", path}
	for seed := range e.seeds {
		args = append(args, l.runs.file(e.folder(seed+1)))
	}
	_, err := l.run(ctx, args...)
	return err
}
