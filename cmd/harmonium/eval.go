package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/likelihood"
	"harmonium/rbm/sample"
)

const maxBetas = 10_000_000

// evalFlags are the flags of the eval command.
type evalFlags struct {
	data     dataFlags
	device   deviceFlags
	split    string
	method   string
	runs     int
	betas    string
	limit    time.Duration
	burnIn   int
	raise    int
	report   string
	baseData string
	json     bool
}

func newEvalCommand() *cobra.Command {
	f := &evalFlags{}
	cmd := &cobra.Command{
		Use:   "eval MODEL",
		Short: "Estimate the log-likelihood of rows under a model",
		Long: `Estimate the mean log-likelihood of rows under a model, in nats a row.

log Z is summed exactly where the smaller layer has at most 25 units (30 with --method
exact). Otherwise it is estimated from both sides: by annealed importance sampling (AIS), which
makes a model look too good where it has not converged, and by reverse AIS, which does not. The verdict
indicates whether the two agree and, if not, what to raise. Samples of the model are compared
with the rows by their pair covariances, beside training rows. --method ais leaves reverse AIS
out and takes half of the time. Dynamic and static binarization are one draw by the seed.`,
		Example: `  harmonium eval runs/mnist
  harmonium eval model.safetensors --data data.npy --split train
  harmonium eval runs/mnist --betas auto --time-limit 5m --report report`,
		Args: arguments("MODEL"),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, modelFile(args[0])) },
	}
	f.data.addForModel(cmd)
	addGroup(cmd, groupData, func(flags *pflag.FlagSet) {
		addSplit(flags, &f.split, "test", "rows to evaluate")
		flags.StringVar(&f.baseData, "base-data", "", "`DATA` rows whose base rates AIS starts from (default: the base rates in the model)")
	})
	addGroup(cmd, groupEvaluation, func(flags *pflag.FlagSet) {
		oneOf(flags, &f.method, "method", "auto", "how to find log Z, one of: auto (exact if the size allows, else both), exact, both (AIS and reverse AIS), ais", "auto", "exact", "both", "ais")
		flags.IntVar(&f.runs, "runs", likelihood.DefaultRuns, "independent runs of AIS, and of reverse AIS")
		flags.StringVar(&f.betas, "betas", "default", "`SCHEDULE` inverse temperatures of AIS: default, a number N of them in equal steps, or auto (an eighth of the default, doubled until var log w is below 1) (default: 14,501 of them)")
		suggestValues(flags, "betas", "default", "auto")
		flags.DurationVar(&f.limit, "time-limit", 0, "longest time for --betas auto, such as 5m; schedules that would exceed it do not start (default: none)")
		flags.IntVar(&f.burnIn, "burn-in", likelihood.DefaultBurnIn, "Gibbs steps before reverse AIS in one half of the chains, and twice as many in the other half")
		flags.IntVar(&f.raise, "raise", 0, "rows, spread evenly, for a conservative estimate by RAISE, which needs no log Z (default: none)")
		f.data.addSeed(flags)
	})
	addGroup(cmd, groupOutput, func(flags *pflag.FlagSet) {
		flags.StringVar(&f.report, "report", "", "`FOLDER` write report.json and, unless log Z is exact, report.png there; adds schedules of an eighth, a quarter and half the betas (default: none)")
		flags.BoolVar(&f.json, "json", false, "print one JSON object")
	})
	f.device.add(cmd)
	return cmd
}

func (f *evalFlags) run(cmd *cobra.Command, path string) error {
	if err := f.check(cmd); err != nil {
		return err
	}
	m, err := rbm.LoadModel(path)
	if err != nil {
		return err
	}
	if err := f.data.ofModel(m); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := f.checkRuns(m); err != nil {
		return err
	}
	set, binarize, err := f.data.open()
	if err != nil {
		return err
	}
	rows, err := rowsOf(set, f.split)
	if err != nil {
		return err
	}
	if f.raise > rows.N {
		return usagef("--raise %d, want at most the %d rows there are", f.raise, rows.N)
	}
	if err := f.rebase(m, binarize); err != nil {
		return err
	}
	base, err := independentUnits(m, set, binarize)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	device, err := f.device.open()
	if err != nil {
		return err
	}
	defer f.device.close()
	l, err := f.evaluate(cmd, m, device, evaluated{rows, set.Train, binarize, set.Name, base})
	if err != nil {
		return err
	}
	if f.report != "" {
		if err := l.save(f.report); err != nil {
			return err
		}
	}
	if f.json {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(l)
	}
	l.print(cmd.OutOrStdout())
	return nil
}

// check returns an error for flags that no model can satisfy. It reads no file.
func (f *evalFlags) check(cmd *cobra.Command) error {
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
	if err := positiveFlag("burn-in", f.burnIn); err != nil {
		return err
	}
	if f.raise < 0 {
		return usagef("--raise %d, want 0 or more", f.raise)
	}
	return f.device.check()
}

// checkRuns returns an error for numbers of runs that the model cannot have.
func (f *evalFlags) checkRuns(m *rbm.Model) error {
	if f.runs < 4 && f.reverse() && !f.exact(m) {
		return usagef("--runs %d, want at least 4 in both directions, or --method ais", f.runs)
	}
	widest := max(m.Visible.Len(), m.Hidden.Len())
	if err := checkSize("--raise: runs", f.raise*raiseRuns, widest); err != nil {
		return err
	}
	return checkSize("--runs: runs", f.runs, widest)
}

func (f *evalFlags) reverse() bool { return f.method == "auto" || f.method == "both" }

func (f *evalFlags) exact(m *rbm.Model) bool {
	return f.method == "exact" || f.method == "auto" && m.Enumerable()
}

// rebase gives the model the base rates of --base-data, if it is set.
func (f *evalFlags) rebase(m *rbm.Model, b dataset.Binarization) error {
	if f.baseData == "" {
		return nil
	}
	base, err := dataset.Open(f.baseData, dataset.Options{Worth: worthOf(m.Visible.Units)})
	if err != nil {
		return err
	}
	if base.Train.V != m.Visible.Len() {
		return fmt.Errorf("--base-data %s: rows of %d values for a model of %d visible units", f.baseData, base.Train.V, m.Visible.Len())
	}
	m.BaseRates = rbm.BaseRates(base.Train, b)
	delete(m.Provenance, keyTrainingRows)
	return nil
}

// evaluated is the data that a likelihood is computed for.
type evaluated struct {
	rows     *dataset.Rows
	train    *dataset.Rows // training rows
	binarize dataset.Binarization
	name     string    // of the data set
	base     rbm.Layer // independent units with the rates of the training rows
}

// independentUnits returns independent units with the rates of the training rows of a model. If the
// model does not know its base rates, it takes the rates of the data set's training rows.
func independentUnits(m *rbm.Model, set *dataset.Set, b dataset.Binarization) (rbm.Layer, error) {
	rates, n := m.BaseRates, set.Train.N
	if rates == nil {
		return rbm.BaseLayer(m.Visible.Units, rbm.BaseRates(set.Train, b), n), nil
	}
	if text := m.Provenance[keyTrainingRows]; text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil || n < 1 {
			return rbm.Layer{}, fmt.Errorf("provenance: %s is %q, want a number of rows", keyTrainingRows, text)
		}
	}
	return rbm.BaseLayer(m.Visible.Units, rates, n), nil
}

func (f *evalFlags) evaluate(cmd *cobra.Command, m *rbm.Model, d engine.Device, of evaluated) (*likelihoodReport, error) {
	start := time.Now()
	p := newProgress(cmd.ErrOrStderr())
	defer p.end()
	c := likelihood.EvaluateConfig{
		Method: "exact", Binarize: of.binarize, Seed: f.data.seed,
		Exact: rbm.PartitionConfig{Threads: f.device.threads, Progress: p.stage("states", "log Z by enumeration")},
	}
	if f.method == "exact" {
		c.Exact.MaxUnits = rbm.MaxPartitionUnits
	}
	betas := f.schedule()
	var log *likelihood.Report
	if !f.exact(m) {
		var err error
		if log, err = likelihood.ReportLogPartition(cmd.Context(), m, d, f.reportConfig(betas, p)); err != nil {
			return nil, err
		}
		c.Partition = log.Last().Forward
		betas = likelihood.ResampleBetas(betas, log.Last().Betas-1)
	}
	l, err := likelihood.Evaluate(cmd.Context(), m, d, of.rows, c)
	if err != nil {
		return nil, err
	}
	independent, err := likelihood.Independent(cmd.Context(), d, of.base, of.rows, of.binarize, f.data.seed)
	if err != nil {
		return nil, err
	}
	r := newLikelihoodReport(newEvaluation(m, l, independent, of.name, f.split, f.data.seed), log, f.burnIn)
	if m.BaseRates != nil {
		held := of.rows
		if f.split == "train" {
			held = nil
		}
		c, err := likelihood.CheckSamples(cmd.Context(), m, d, of.train, held, of.binarize, f.data.seed)
		if err != nil {
			return nil, err
		}
		r.check(c, f.split)
	}
	if f.raise > 0 {
		ais := likelihood.AISConfig{Runs: raiseRuns, Betas: betas, Seed: f.data.seed, Progress: p.stage("betas", "likelihood by RAISE")}
		if r.Raise, err = f.raised(cmd, m, d, of, l.Partition, ais); err != nil {
			return nil, err
		}
	}
	r.Time = time.Since(start).Seconds()
	return r, nil
}

// schedule returns the inverse temperatures of the flags, or the longest ones of an automatic
// schedule before it is refined.
func (f *evalFlags) schedule() []float32 {
	if n, err := strconv.Atoi(f.betas); err == nil {
		return likelihood.LinearBetas(n - 1)
	}
	return likelihood.DefaultBetas()
}

// shorterSchedules is the number of times that the betas are halved for the first schedule of
// --betas auto and of a picture.
const shorterSchedules = 3

func (f *evalFlags) reportConfig(betas []float32, p *progress) likelihood.ReportConfig {
	c := likelihood.ReportConfig{
		AIS:    likelihood.AISConfig{Runs: f.runs, Betas: betas, Seed: f.data.seed},
		BurnIn: f.burnIn, ForwardOnly: !f.reverse(),
		Auto: f.betas == "auto", TimeLimit: f.limit, Progress: p.stages("betas"),
	}
	if c.Auto || f.report != "" {
		c.Shorter = shorterSchedules
	}
	return c
}

// raiseRuns is the number of runs of RAISE for each row.
const raiseRuns = 5

// raised is a conservative estimate of the log-likelihood of some rows, in nats a row.
type raised struct {
	Rows           int       `json:"rows"`
	Runs           int       `json:"runs"` // for each row
	LogLikelihood  float64   `json:"log_likelihood"`
	StandardError  float64   `json:"standard_error"` // over the rows
	ByLogZ         float64   `json:"log_likelihood_by_log_z"`
	LogLikelihoods []float64 `json:"log_likelihoods"` // of each row
}

// raised estimates the log-likelihood of rows without log Z and, for comparison, with it.
func (f *evalFlags) raised(cmd *cobra.Command, m *rbm.Model, d engine.Device, of evaluated, z *likelihood.Partition, ais likelihood.AISConfig) (*raised, error) {
	states, err := sample.DataVisible(cmd.Context(), d, of.rows, of.binarize, m.Visible.Units, f.raise, f.data.seed)
	if err != nil {
		return nil, err
	}
	low, err := likelihood.RAISE(cmd.Context(), m, d, states, ais)
	if err != nil {
		return nil, err
	}
	none := dataset.Binarization{Mode: dataset.None}
	l, err := likelihood.Evaluate(cmd.Context(), m, d, m.Visible.Rows(states),
		likelihood.EvaluateConfig{Method: "auto", Binarize: none, Partition: z})
	if err != nil {
		return nil, err
	}
	return &raised{f.raise, ais.Runs, low.Mean, low.StandardError, l.LogLikelihood, low.LogLikelihoods}, nil
}
