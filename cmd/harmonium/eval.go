package main

import (
	"context"
	"fmt"
	"path/filepath"
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

// evalFlags are the flags of the eval command.
type evalFlags struct {
	data      modelRows
	base      baseFlag
	partition partitionFlags
	device    deviceFlags
	ranks     rankFlags
	raise     int
	draws     int                    // of the hidden states of each row under a stack
	known     likelihood.KnownConfig // of rows with missing cells
	report    string
	json      bool

	knownBetas int // inverse temperatures of AIS over missing cells, one more than its steps
}

func newEvalCommand() *cobra.Command {
	f := &evalFlags{}
	cmd := &cobra.Command{
		Use:   "eval MODEL [FILE]",
		Short: "Estimate the log-likelihood of rows under a model",
		Long: `Estimate the mean log-likelihood of rows under a model, in nats a row: of the rows of FILE, or
of the model's test rows, else of its validation rows, else of its training rows.

log Z is summed exactly where the smaller layer, or the visible one of a model with couplings, has
at most 25 units (30 with --method exact). Otherwise it is estimated from both sides: by annealed
importance sampling (AIS), which makes a model look too good where it has not converged, and by
reverse AIS, which does not. The verdict indicates whether the two agree and, if not, what to raise.
Samples of the model are compared with the rows by their pair covariances, beside training rows.
--method ais leaves reverse AIS out and takes half of the time. Dynamic and static binarization are
one draw by the seed.

Where cells are missing, the log-likelihood counts the known cells of each row alone. The sum over the
states of its missing cells is exact where they are few; else AIS over them estimates it, from below on
average.

Where rows have weights, the log-likelihood is the weighted mean, and the plain mean stands beside it.

Of a stack (train --init-stack) the log-likelihood is a lower bound: for hidden states drawn from
p(h|v), layer by layer, the mean of log p(v|h) - log p(h|v) + log p(h), where only the last model has
a log Z (Salakhutdinov and Murray 2008). The bound is as sure as that log Z.`,
		Example: `  harmonium eval runs/mnist
  harmonium eval model.safetensors rows.npy
  harmonium eval runs/mnist --betas auto --time-limit 5m --report report`,
		Args: optionalFile,
		RunE: f.ranks.divide(&f.device, f.run),
	}
	f.data.add(cmd, "rows to evaluate")
	f.base.add(cmd)
	f.partition.add(cmd)
	addGroup(cmd, groupEvaluation, func(flags *pflag.FlagSet) {
		flags.IntVar(&f.raise, "raise", 0,
			"rows, spread evenly or by weight, for a conservative estimate by RAISE, which needs no log Z (default: none)")
		flags.IntVar(&f.known.Runs, "missing-runs", likelihood.DefaultKnownRuns,
			"AIS runs over the missing cells of each row, at least 2")
		flags.IntVar(&f.knownBetas, "missing-betas", likelihood.DefaultKnownSteps+1,
			"inverse temperatures of these runs, in equal steps, at least 2")
		flags.IntVar(&f.draws, "draws", likelihood.DefaultDraws,
			"draws of the hidden states of each row; the bound under a stack is their mean")
		f.data.addSeed(flags)
	})
	addGroup(cmd, groupOutput, func(flags *pflag.FlagSet) {
		flags.StringVar(&f.report, "report", "",
			"`FOLDER` write report.json there, whose estimates of log Z the command report draws; adds schedules of an eighth, "+
				"a quarter and half the betas (default: none)")
		flags.BoolVar(&f.json, "json", false, "print one JSON object")
	})
	f.device.add(cmd)
	f.ranks.add(cmd)
	return cmd
}

func (f *evalFlags) run(cmd *cobra.Command, args []string) error {
	if err := f.check(cmd); err != nil {
		return err
	}
	if err := f.data.take(cmd, args); err != nil {
		return err
	}
	s, err := loadStack(cmd, args[0])
	if err != nil {
		return err
	}
	if s.below != nil {
		return f.runStack(cmd, s)
	}
	m := s.modelArgument
	if cmd.Flags().Changed("draws") {
		return usagef("--draws, want it only for a stack: %s is a single model", m.path)
	}
	if err := f.checkRuns(m.Model); err != nil {
		return err
	}
	rows, err := f.data.rows(cmd.Context(), m)
	if err != nil {
		return err
	}
	if f.raise > rows.N {
		return usagef("--raise %d, want at most the %d rows there are", f.raise, rows.N)
	}
	if f.raise > 0 {
		if err := rows.checkWhole(); err != nil {
			return fmt.Errorf("--raise: %w", err)
		}
	}
	if err := f.base.rebase(cmd, m, rows); err != nil {
		return err
	}
	base, err := independentUnits(m.Model, rows)
	if err != nil {
		return fmt.Errorf("%s: %w", m.path, err)
	}
	if err := f.sameInputs(rbm.Stack{m.Model}, rows); err != nil {
		return err
	}
	device, err := f.device.open()
	if err != nil {
		return err
	}
	defer f.device.close()
	l, err := f.evaluate(cmd, m.Model, device, rows, base)
	if err != nil {
		return err
	}
	return f.write(cmd, l)
}

// sameInputs returns an error unless all processes have read the same.
func (f *evalFlags) sameInputs(models rbm.Stack, rows seenRows) error {
	if err := f.ranks.sameModels(models); err != nil {
		return err
	}
	return f.ranks.sameRows(rows.Rows, rows.set.Train)
}

// write writes a report to the folder of --report and to standard output.
func (f *evalFlags) write(cmd *cobra.Command, l *likelihoodReport) error {
	if f.ranks.follows() {
		return nil
	}
	if f.report != "" {
		if err := l.save(f.report); err != nil {
			return err
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "estimates of log Z: %s; draw them with: harmonium report %s\n",
			filepath.Join(f.report, fileReport), shellWord(f.report))
	}
	if f.json {
		return writeObject(cmd.OutOrStdout(), l)
	}
	l.print(cmd.OutOrStdout())
	return nil
}

// check returns an error for flags that no model can satisfy. It reads no file.
func (f *evalFlags) check(cmd *cobra.Command) error {
	if err := f.partition.check(cmd); err != nil {
		return err
	}
	if f.raise < 0 {
		return usagef("--raise %d, want 0 or more", f.raise)
	}
	if f.known.Runs < 2 {
		return usagef("--missing-runs %d, want at least 2", f.known.Runs)
	}
	if f.knownBetas < 2 {
		return usagef("--missing-betas %d, want at least 2", f.knownBetas)
	}
	f.known.Steps = f.knownBetas - 1
	return f.device.check()
}

// checkRuns returns an error for numbers of runs that the model cannot have.
func (f *evalFlags) checkRuns(m *rbm.Model) error {
	if err := f.partition.checkRuns(m); err != nil {
		return err
	}
	return checkSize("--raise: runs", f.raise*raiseRuns, max(m.Visible.Len(), m.Hidden.Len()))
}

// independentUnits returns independent units with the base rates of a model. The number of rows that these are
// from, by which [rbm.BaseLayer] keeps them from 0 and 1, is in the provenance; else it is the number of the
// training rows at hand.
func independentUnits(m *rbm.Model, of seenRows) (rbm.Layer, error) {
	n := of.set.Train.N
	if text := m.Provenance[keyTrainingRows]; text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil || n < 1 {
			return rbm.Layer{}, fmt.Errorf("provenance: %s is %q, want a number of rows", keyTrainingRows, text)
		}
	}
	return m.Independent(n), nil
}

// evaluate evaluates the model on the rows, beside independent units.
func (f *evalFlags) evaluate(cmd *cobra.Command, m *rbm.Model, d engine.Device, of seenRows,
	base rbm.Layer) (*likelihoodReport, error) {
	start := time.Now()
	p := newProgress(cmd.ErrOrStderr())
	defer p.end()
	ctx, seed := cmd.Context(), f.data.seed
	z, estimates, err := f.partition.find(ctx, m, d, f.device.threads, seed, f.report != "", p)
	if err != nil {
		return nil, err
	}
	f.known.Progress = p.stage("rows", "missing cells")
	config := likelihood.EvaluateConfig{Method: "auto", Binarize: of.binarize, Seed: seed, Partition: z, Known: f.known}
	l, err := likelihood.Evaluate(ctx, m, d, of.Rows, config)
	if err != nil {
		return nil, err
	}
	independent, err := likelihood.Independent(ctx, d, base, of.Rows, of.binarize, seed)
	if err != nil {
		return nil, err
	}
	r := newLikelihoodReport(newEvaluation(m, l, independent, of.name(), of.split, seed), estimates, f.partition.burnIn)
	r.Fractions = of.fractions()
	r.Grey = f.data.grey.bitsOf(r.evaluation, of.V)
	if err := f.checkSamples(ctx, m, d, of, r); err != nil {
		return nil, err
	}
	if f.raise > 0 {
		betas := f.partition.schedule()
		if estimates != nil { // as many betas as --betas auto has found enough
			betas = likelihood.ResampleBetas(betas, estimates.Last().Betas-1)
		}
		ais := likelihood.AISConfig{Runs: raiseRuns, Betas: betas, Seed: seed, Progress: p.stage("betas", "likelihood by RAISE")}
		if r.Raise, err = f.estimateByRAISE(cmd, m, d, of, z, ais); err != nil {
			return nil, err
		}
	}
	r.Time = time.Since(start).Seconds()
	return r, nil
}

// checkSamples adds a comparison of samples with the rows to the report, if no cell is missing. CheckSamples
// has training rows beside held-out rows, or alone.
func (f *evalFlags) checkSamples(ctx context.Context, m *rbm.Model, d engine.Device, of seenRows, r *likelihoodReport) error {
	heldOut := of.Rows
	if heldOut == of.set.Train {
		heldOut = nil
	}
	if of.Missing != nil || of.set.Train.Missing != nil {
		return nil
	}
	c, err := likelihood.CheckSamples(ctx, m, d, of.set.Train, heldOut, of.binarize, f.data.seed)
	if err != nil {
		return err
	}
	r.addSamples(c, of.split)
	return nil
}

// raiseRuns is the number of runs of RAISE for each row. It is chosen: more runs tighten the bound of each row, but the
// same time spent on more rows tells more of their mean.
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

// estimateByRAISE estimates the log-likelihood of f.raise rows without log Z and, for comparison, with z.
func (f *evalFlags) estimateByRAISE(cmd *cobra.Command, m *rbm.Model, d engine.Device, of seenRows, z *likelihood.Partition,
	ais likelihood.AISConfig) (*raised, error) {
	states, err := sample.DataVisible(cmd.Context(), d, of.Rows, of.binarize, m.Visible.Units, f.raise, f.data.seed)
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
