package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"harmonium/store"
)

// options are the flags.
type options struct {
	rounds int
	quick  bool
	only   string
	out    string
	python string
	serve  bool
	device string
}

func main() {
	var o options
	flag.IntVar(&o.rounds, "rounds", 0, "rounds that every task takes part in; 0 means 5, or 2 with --quick")
	flag.BoolVar(&o.quick, "quick", false, "measure little: a first look, not a result")
	flag.StringVar(&o.only, "only", "", "only the rows whose name matches this regular expression")
	flag.StringVar(&o.out, "out", "bench/results", "folder for the results")
	flag.StringVar(&o.python, "python", "", "Python with the peers (default /usr/bin/python3, then python3)")
	flag.StringVar(&o.device, "device", "cpu",
		"cpu, or cuda for the kit of a GPU (bench/kit) on this machine, which takes --quick, --out and --python")
	flag.BoolVar(&o.serve, "serve", false, "measure what standard input asks for, as the command does with itself")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := o.main(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

func (o options) main(ctx context.Context) error {
	if o.serve {
		return serve(ctx, os.Stdin, os.Stdout)
	}
	only, err := regexp.Compile(o.only)
	if err != nil {
		return fmt.Errorf("--only: %w", err)
	}
	if o.rounds < 0 || flag.NArg() > 0 {
		return fmt.Errorf("%d rounds and %d arguments, want at least 1 round, or 0 for the usual, and no arguments",
			o.rounds, flag.NArg())
	}
	switch o.device {
	case "cpu":
		return o.compare(ctx, only)
	case "cuda":
		if o.only != "" || o.rounds != 0 {
			return errors.New("--device cuda: the kit has neither --only nor --rounds")
		}
		return o.kit(ctx)
	}
	return fmt.Errorf("--device %s, want cpu or cuda", o.device)
}

// kit builds the kit of a GPU and runs it here.
func (o options) kit(ctx context.Context) error {
	c := exec.CommandContext(ctx, "go", "run", "harmonium/bench/kit", "measure", "--out="+o.out, "--python="+o.python,
		fmt.Sprintf("--quick=%t", o.quick))
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	return c.Run()
}

// plan returns the extent of the measurements that the flags ask for.
func (o options) plan() plan {
	p := plan{Rounds: 5, Blocks: 3, Seconds: 1}
	if o.quick {
		p = plan{Rounds: 2, Blocks: 1, Seconds: 0.3}
	}
	if o.rounds > 0 {
		p.Rounds = o.rounds
	}
	return p
}

func (o options) compare(ctx context.Context, only *regexp.Regexp) error {
	started, m := time.Now(), thisMachine()
	directory, err := os.MkdirTemp("", "compare")
	if err != nil {
		return err
	}
	defer os.RemoveAll(directory)
	// The core type is unknown before OpenBLAS reports it. With any type, all rows are here: enough to check --only
	// and to find the programs that must be built.
	rows := matching(comparison("any", o.quick), only)
	if len(rows) == 0 {
		return fmt.Errorf("--only: no row's name matches %q", only)
	}
	l, err := newLauncher(ctx, directory, o.python, tasks(rows))
	if err != nil {
		return err
	}
	r := newRun(o.plan(), l, os.Stderr)
	defer r.close()
	rows = matching(comparison(r.coreType(ctx, m), o.quick), only)
	if err := writeStarts(ctx, directory, tasks(rows)); err != nil {
		return err
	}
	if err := r.measure(ctx, tasks(rows)); err != nil {
		return err
	}
	all := lines(rows, r.results)
	if err := writeTable(os.Stdout, all); err != nil {
		return err
	}
	return o.report(os.Stdout, report{
		Date: started.UTC(), Commit: commit(), Machine: m, Kernels: os.Getenv("HARMONIUM_KERNELS"),
		Versions: r.versions(), Quick: o.quick, Plan: o.plan(), Lines: all, Results: sorted(r.results), Skipped: r.skipped,
	})
}

// report is the file of a run.
type report struct {
	Date     time.Time                    `json:"date"`
	Commit   string                       `json:"commit"`
	Machine  machine                      `json:"machine"`
	Kernels  string                       `json:"kernels,omitempty"` // HARMONIUM_KERNELS
	Versions map[string]map[string]string `json:"versions"`          // by process
	Quick    bool                         `json:"quick"`
	Plan     plan                         `json:"plan"`
	Lines    []line                       `json:"table"`
	Results  []*result                    `json:"results"`
	Skipped  map[string]string            `json:"skipped"` // why, by process or task
}

func sorted(results map[task]*result) []*result {
	byName := func(a, b *result) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	}
	return slices.SortedFunc(maps.Values(results), byName)
}

// report prints the machine of the run and writes the result file.
func (o options) report(w io.Writer, r report) error {
	fmt.Fprintf(w, "\n%s, %d processors, load %s before; commit %s\n", r.Machine.Processor, r.Machine.Processors,
		r.Machine.Load, r.Commit)
	for _, name := range slices.Sorted(maps.Keys(r.Versions)) {
		fmt.Fprintf(w, "%s: %v\n", name, r.Versions[name])
	}
	for _, name := range slices.Sorted(maps.Keys(r.Skipped)) {
		fmt.Fprintf(w, "skipped: %s: %s\n", name, r.Skipped[name])
	}
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return err
	}
	text, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	path := filepath.Join(o.out, "compare-"+r.Date.Format("20060102T150405Z")+".json")
	err = store.WriteAtomic(path, func(out io.Writer) error {
		_, err := out.Write(append(text, '\n'))
		return err
	})
	if err == nil {
		fmt.Fprintln(w, "results:", path)
	}
	return err
}
