package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"harmonium/rbm/likelihood"
)

// seedsResult is the output of --json of train --seeds.
type seedsResult struct {
	Out string `json:"out"`
	comparison
}

// runSeeds makes a run for each of several seeds, in folders of their own, and compares them.
func (f *trainFlags) runSeeds(cmd *cobra.Command) error {
	if cmd.Flags().Changed("recipe") { // sets the flags of f for the checks below; each run cooks again, and prints the line
		if _, err := cook(f.recipe, cmd.Flags()); err != nil {
			return err
		}
	}
	if cmd.Flags().Changed("config") {
		if err := f.takeConfig(cmd.Flags()); err != nil {
			return err
		}
	}
	if err := f.checkSeeds(); err != nil {
		return err
	}
	out := f.out
	if out == "" {
		out = string(defaultFolder(f.data.spec, time.Now().Format("20060102-150405")))
	}
	first := f.data.seed
	folder := func(i int) string { return filepath.Join(out, fmt.Sprintf("seed-%d", first+uint64(i))) }
	for i := range f.seeds {
		if err := runFolder(folder(i)).checkFree(f.force); err != nil {
			return err
		}
	}
	w := cmd.OutOrStdout()
	if f.json {
		w = cmd.ErrOrStderr()
	}
	var models []*contender
	for i := range f.seeds {
		if err := cmd.Flags().Set("seed", fmt.Sprint(first+uint64(i))); err != nil { // sets f.data.seed
			return err
		}
		one := *f
		one.out = folder(i)
		m, err := one.runSeed(cmd, w)
		if err != nil {
			return fmt.Errorf("seed %d: %w", one.data.seed, err)
		}
		models = append(models, m)
	}
	f.data.seed = first
	return f.compareSeeds(cmd, w, out, models)
}

// checkSeeds returns an error for flags that make no runs to compare.
func (f *trainFlags) checkSeeds() error {
	switch {
	case f.stack != "":
		return usagef("--seeds %d beside --init-stack, want one of them: compare takes single models", f.seeds)
	case f.seeds < 1:
		return usagef("--seeds %d, want at least 1", f.seeds)
	case uint64(f.seeds-1) > math.MaxUint64-f.data.seed:
		return usagef("--seeds %d from --seed %d, want seeds of 64 bits", f.seeds, f.data.seed)
	case f.eval == "never":
		return usagef("--seeds %d beside --eval never, whose log-likelihoods its table holds", f.seeds)
	}
	return nil
}

// runSeed makes one run, which prints to w, and returns its model with the evaluation at its end.
func (f *trainFlags) runSeed(cmd *cobra.Command, w io.Writer) (*contender, error) {
	defer f.device.close()
	defer func() { f.lock.Close() }()
	r, err := f.begin(cmd.Context(), cmd.Flags())
	if err != nil {
		return nil, err
	}
	r.out, r.result, r.progress = w, io.Discard, newProgress(cmd.ErrOrStderr())
	if err := r.run(cmd.Context()); err != nil {
		return nil, err
	}
	m, err := newContender(f.out)
	if err != nil {
		return nil, err
	}
	m.estimated = r.evaluated
	return m, nil
}

// compareSeeds prints the table that compare makes of the runs. log Z is the evaluations', so that the partition flags
// have their defaults.
func (f *trainFlags) compareSeeds(cmd *cobra.Command, w io.Writer, out string, models []*contender) error {
	c := &compareCommand{data: dataFlags{seed: f.data.seed}}
	c.partition = partitionFlags{method: "auto", runs: likelihood.DefaultRuns, betas: "default", burnIn: likelihood.DefaultBurnIn}
	c.device = f.device
	d, err := c.device.open()
	if err != nil {
		return err
	}
	defer c.device.close()
	compared, err := c.compare(cmd, d, models)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "\n%s in %s%c, by the states of seed %d:\n", plural(len(models), "run"), out, os.PathSeparator, f.data.seed)
	if err := compared.print(w, false); err != nil || !f.json {
		return err
	}
	return writeObject(cmd.OutOrStdout(), seedsResult{out, *compared})
}
