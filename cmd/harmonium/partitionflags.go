package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/likelihood"
)

// maxBetas is the largest number of inverse temperatures that --betas takes. It is chosen: they need 40 MB of memory, and
// AIS takes hundreds of times as long as with the default.
const maxBetas = 10_000_000

// partitionFlags say how a command finds log Z.
type partitionFlags struct {
	method string        // auto, exact, both or ais
	runs   int           // of AIS, and of reverse AIS
	betas  string        // default, auto or a number
	limit  time.Duration // of --betas auto; 0 for none
	burnIn int           // Gibbs steps before reverse AIS
}

func (f *partitionFlags) add(cmd *cobra.Command) {
	addGroup(cmd, groupEvaluation, func(flags *pflag.FlagSet) {
		oneOf(flags, &f.method, "method", "auto", "how to find log Z, one of: auto (exact if the size allows, else both), exact, both (AIS and reverse AIS), ais", "auto", "exact", "both", "ais")
		flags.IntVar(&f.runs, "runs", likelihood.DefaultRuns, "independent runs of AIS, and of reverse AIS")
		flags.StringVar(&f.betas, "betas", "default", "`SCHEDULE` inverse temperatures of AIS: default, a number N of them in equal steps, or auto (an eighth of the default, doubled until var log w is below 1) (default: 14,501 of them)")
		suggestValues(flags, "betas", "default", "auto")
		flags.DurationVar(&f.limit, "time-limit", 0, "longest time for --betas auto, such as 5m; schedules that would exceed it do not start (default: none)")
		flags.IntVar(&f.burnIn, "burn-in", likelihood.DefaultBurnIn, "Gibbs steps before reverse AIS in one half of the chains, and twice as many in the other half")
	})
}

// check returns an error for flags that no model can satisfy.
func (f *partitionFlags) check(cmd *cobra.Command) error {
	if cmd.Flags().Changed("burn-in") && !f.reverse() {
		return usagef("--burn-in with --method %s, which has no reverse AIS", f.method)
	}
	if f.runs < 2 {
		return usagef("--runs %d, want at least 2", f.runs)
	}
	if n, err := strconv.Atoi(f.betas); f.betas != "default" && f.betas != "auto" && (err != nil || n < 2 || n > maxBetas) {
		return usagef("--betas %s, want default, auto or a number from 2 to %d%s", shellWord(f.betas), maxBetas, didYouMean(f.betas, "", []string{"default", "auto"}))
	}
	if f.limit < 0 || f.limit > 0 && f.betas != "auto" {
		return usagef("--time-limit %v, want a positive one and --betas auto", f.limit)
	}
	return positiveFlag("burn-in", f.burnIn)
}

// checkRuns returns an error for numbers of runs that the model cannot have. Runs in both directions are at least 4,
// since package likelihood compares the halves of the reverse runs.
func (f *partitionFlags) checkRuns(m *rbm.Model) error {
	if f.runs < 4 && f.reverse() && !f.exact(m) {
		return usagef("--runs %d, want at least 4 in both directions, or --method ais", f.runs)
	}
	return checkSize("--runs: runs", f.runs, max(m.Visible.Len(), m.Hidden.Len()))
}

// reverse reports whether log Z, where it is not exact, is estimated by reverse AIS too.
func (f *partitionFlags) reverse() bool { return f.method == "auto" || f.method == "both" }

// exact reports whether log Z of the model is found by enumeration.
func (f *partitionFlags) exact(m *rbm.Model) bool {
	return f.method == "exact" || f.method == "auto" && m.Enumerable()
}

// schedule returns the inverse temperatures that AIS uses. With --betas auto these are the default, from which
// shorter schedules and longer ones are made.
func (f *partitionFlags) schedule() []float32 {
	if n, err := strconv.Atoi(f.betas); err == nil {
		return likelihood.LinearBetas(n - 1)
	}
	return likelihood.DefaultBetas()
}

// shorterSchedules is the number of times that the betas are halved for the first schedule of
// --betas auto and of a report. It is chosen: an eighth is enough for easy models, and all four schedules together have
// less than twice the betas of the last.
const shorterSchedules = 3

// find returns log Z, by AIS unless it is exact, and the report of all estimates, nil if it is exact. With shorter it
// also estimates log Z over shorter schedules.
func (f *partitionFlags) find(ctx context.Context, m *rbm.Model, d engine.Device, threads int, seed uint64, shorter bool, p *progress) (*likelihood.Partition, *likelihood.Report, error) {
	if f.exact(m) {
		c := rbm.PartitionConfig{Threads: threads, Ranks: engine.Divided(d), Progress: p.stage("states", "log Z by enumeration")}
		if f.method == "exact" {
			c.MaxUnits = rbm.MaxPartitionUnits
		}
		z, err := likelihood.ExactPartition(ctx, m, c)
		return z, nil, err
	}
	c := likelihood.ReportConfig{
		AIS:    likelihood.AISConfig{Runs: f.runs, Betas: f.schedule(), Seed: seed},
		BurnIn: f.burnIn, ForwardOnly: !f.reverse(),
		Auto: f.betas == "auto", TimeLimit: f.limit, Progress: p.stages("betas"),
	}
	if c.Auto || shorter {
		c.Shorter = shorterSchedules
	}
	report, err := likelihood.ReportLogPartition(ctx, m, d, c)
	if err != nil {
		return nil, nil, err
	}
	return report.Last().Forward, report, nil
}

// baseFlag names the rows whose base rates AIS starts from.
type baseFlag struct{ data string }

func (f *baseFlag) add(cmd *cobra.Command) {
	addGroup(cmd, groupData, func(flags *pflag.FlagSet) {
		flags.StringVar(&f.data, "base-data", "", "`DATA` rows whose base rates AIS starts from (default: the base rates in the model, else the rates of the rows)")
	})
}

// open opens the rows of --base-data, whose columns are the visible units of the model.
func (f *baseFlag) open(m *rbm.Model) (*dataset.Set, error) {
	data := dataFlags{spec: f.data, worth: worthOf(m.Visible.Units)}
	data.grey.levels = levelsOf(m)
	data.table.known = m.Provenance[keyTable]
	return data.openSet(dataset.Options{Lax: true, Missing: true, Levels: data.grey.levels})
}

// rebase gives the model the base rates of --base-data. Without that flag a model without base rates
// gets the rates of the training rows of the given rows' data set, and a line on standard error names them. The
// model's provenance then has the number of these rows.
func (f *baseFlag) rebase(cmd *cobra.Command, m modelArgument, rows seenRows) error {
	switch {
	case f.data != "":
		base, err := f.open(m.Model)
		if err != nil {
			return fmt.Errorf("--base-data: %w", err)
		}
		if base.Train.V != m.Visible.Len() {
			return fmt.Errorf("--base-data %s: rows of %d values for a model of %d visible units", f.data, base.Train.V, m.Visible.Len())
		}
		m.rebaseTo(base.Train, rows.binarize)
	case m.BaseRates == nil:
		m.rebaseTo(rows.set.Train, rows.binarize)
		fmt.Fprintf(cmd.ErrOrStderr(), "%s has no base rates of its training rows; the rates of the %d rows of %s take their place; --base-data names other rows\n",
			m.path, rows.set.Train.N, rows.set.Name)
	}
	return nil
}

// rebaseTo gives the model the base rates of rows, and their number.
func (m modelArgument) rebaseTo(rows *dataset.Rows, b dataset.Binarization) {
	m.BaseRates = rbm.BaseRates(rows, b)
	if m.Provenance == nil {
		m.Provenance = map[string]string{}
	}
	m.Provenance[keyTrainingRows] = strconv.Itoa(rows.N)
}
