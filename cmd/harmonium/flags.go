package main

import (
	"fmt"
	"math"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/ranks"
	"harmonium/rbm/train"
)

// rowsOf returns the named part of a data set.
func rowsOf(set *dataset.Set, split string) (*dataset.Rows, error) {
	var rows *dataset.Rows
	switch split {
	case "train":
		rows = set.Train
	case "test":
		rows = set.Test
	case "valid":
		rows = set.Valid
	}
	if rows == nil {
		return nil, usagef("%s has no %s rows; name a file of them by --%[2]s, or choose others by --split", set.Name, split)
	}
	return rows, nil
}

// deviceFlags choose the device that a command computes on.
type deviceFlags struct {
	name      string
	threads   int
	precision string
	ranks     ranks.Transport // of the run; nil for one process
	divided   bool            // the ranks divide the work of the command; false in training, where they share batches
	opened    engine.Device
}

func (f *deviceFlags) add(cmd *cobra.Command) {
	addGroup(cmd, groupDevice, func(flags *pflag.FlagSet) {
		oneOf(flags, &f.name, "device", "auto", "one of: auto (a GPU where there is one), cpu, cuda", "auto", "cpu", "cuda")
		flags.IntVar(&f.threads, "threads", 0,
			"threads of the host; results do not depend on it, and more than one per core are slower (default: one per core)")
		oneOf(flags, &f.precision, "precision", "auto",
			"precision of products in training on a GPU, one of: auto (tf32 where the GPU has it), f32, tf32, bf16, bf16x2 (16 "+
				"bits in two terms); the host uses f32", "auto", "f32", "tf32", "bf16", "bf16x2")
	})
}

// check returns an error for a number of threads that no device has.
func (f *deviceFlags) check() error {
	if f.threads < 0 || f.threads > engine.MaxThreads {
		return usagef("--threads %d, want 1 to %d, or 0 for one per core", f.threads, engine.MaxThreads)
	}
	return nil
}

// warnOfThreads prints a line if a command has more threads than processors.
func warnOfThreads(cmd *cobra.Command) {
	threads, err := cmd.Flags().GetInt("threads")
	if err != nil {
		return // it has no such flag
	}
	if n := engine.Processors(); threads > n && threads <= engine.MaxThreads {
		fmt.Fprintf(cmd.ErrOrStderr(),
			"warning: --threads %d, but this program has %d processors (GOMAXPROCS); threads take turns, and fewer are faster\n",
			threads, n)
	}
}

// open opens the device; close closes it.
func (f *deviceFlags) open() (engine.Device, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	options := engine.Options{Device: f.name, Threads: f.threads, Ranks: f.ranks}
	if f.divided && f.ranks.Size() > 1 {
		if f.name == "cuda" {
			return nil, usagef("--device cuda in %d processes, want cpu: a GPU rounds by the number of rows, so that parts of "+
				"them would have other bits than all", f.ranks.Size())
		}
		options.Device = "cpu"
	}
	if f.precision != "auto" {
		options.Precision = f.precision
	}
	d, err := engine.OpenWith(options)
	if err != nil {
		return nil, err
	}
	engine.Divide(d, f.divided)
	f.opened = d
	return d, nil
}

// close closes the device, if it was opened.
func (f *deviceFlags) close() {
	if f.opened != nil {
		f.opened.Close()
	}
}

// checkSize returns an error for a matrix whose elements a 32-bit index cannot count. Without
// it such a matrix would exhaust the memory and end the process without a message.
func checkSize(what string, rows, columns int) error {
	if rows > 0 && columns > math.MaxInt32/rows {
		return usagef("%s of %d x %d values, want at most %d", what, rows, columns, math.MaxInt32)
	}
	return nil
}

// checkSizes returns an error if a matrix of a training is too large: see checkSize.
func checkSizes(c train.Config, visible int) error {
	units, lateral := max(c.Hidden, visible), 0
	if c.Lateral {
		lateral = visible
	}
	for _, m := range []struct {
		what          string
		rows, columns int
	}{
		{"--hidden: weights", visible, c.Hidden}, {"--lateral: couplings", visible, lateral},
		{"--chains: chains", max(c.Chains, c.Temperatures, c.Chains*c.Temperatures), units}, // 0 leaves a number to the data
	} {
		if err := checkSize(m.what, m.rows, m.columns); err != nil {
			return err
		}
	}
	return nil
}

// positiveFlag returns an error for a value below 1.
func positiveFlag(name string, value int) error {
	if value < 1 {
		return usagef("--%s %d, want at least 1", name, value)
	}
	return nil
}
