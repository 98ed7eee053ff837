package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/likelihood"
)

// stackedRows says that the log-likelihoods of an evaluation are lower bounds under a stack.
type stackedRows struct {
	Models string `json:"models"` // sizes of the layers, as in 784-500-250
	Draws  int    `json:"draws"`  // of the hidden states of each row
}

// print writes how the bound was found.
func (s *stackedRows) print(w io.Writer) {
	fmt.Fprintf(w, "a lower bound under the stack %s: the mean over %s of the hidden states of each row, with log Z of the last model\n",
		s.Models, plural(s.Draws, "draw"))
}

// singleFlags are the flags of eval that are about the rows or the samples of one model.
var singleFlags = []string{"base-data", "raise", "missing-runs", "missing-betas"}

// runStack is [evalFlags.run] for a stack.
func (f *evalFlags) runStack(cmd *cobra.Command, s stackArgument) error {
	for _, name := range singleFlags {
		if cmd.Flags().Changed(name) {
			return usagef("--%s, want it only for a single model: %s is a stack", name, s.path)
		}
	}
	if f.draws < 1 {
		return usagef("--draws %d, want at least 1", f.draws)
	}
	if err := f.checkRuns(s.Model); err != nil {
		return err
	}
	first := s.first()
	rows, err := f.data.rows(cmd.Context(), first)
	if err != nil {
		return err
	}
	if err := rows.checkWhole(); err != nil {
		return err
	}
	if first.BaseRates == nil {
		return fmt.Errorf("%s: the first model of the stack has no base rates of its rows, which independent units take", s.path)
	}
	if s.BaseRates == nil && !f.partition.exact(s.Model) {
		return fmt.Errorf("%s: the last model of the stack has no base rates of its rows, where AIS starts", s.path)
	}
	base, err := independentUnits(s.below[0], rows)
	if err != nil {
		return fmt.Errorf("%s: %w", s.path, err)
	}
	if err := f.sameInputs(s.models(), rows); err != nil {
		return err
	}
	device, err := f.device.open()
	if err != nil {
		return err
	}
	defer f.device.close()
	l, err := f.bound(cmd, s, device, rows, base)
	if err != nil {
		return err
	}
	return f.write(cmd, l)
}

// bound bounds the log-likelihood of the rows under a stack, beside independent units.
func (f *evalFlags) bound(cmd *cobra.Command, s stackArgument, d engine.Device, rows seenRows, base rbm.Layer) (*likelihoodReport, error) {
	start := time.Now()
	p := newProgress(cmd.ErrOrStderr())
	defer p.end()
	ctx, seed := cmd.Context(), f.data.seed
	z, report, err := f.partition.find(ctx, s.Model, d, f.device.threads, seed, f.report != "", p)
	if err != nil {
		return nil, err
	}
	c := likelihood.StackConfig{Draws: f.draws, Binarize: rows.binarize, Seed: seed, Partition: z, Progress: p.stage("draws", "hidden states")}
	l, err := likelihood.StackBound(ctx, s.models(), d, rows.Rows, c)
	if err != nil {
		return nil, err
	}
	independent, err := likelihood.Independent(ctx, d, base, rows.Rows, rows.binarize, seed)
	if err != nil {
		return nil, err
	}
	e := newEvaluation(s.Model, l, independent, rows.name(), rows.split, seed)
	e.Stack, e.Fractions = &stackedRows{describeStack(s.models()), f.draws}, rows.fractions()
	if e.standing != likelihood.Better { // the log-likelihood may lie above its bound
		e.Standing = "not shown to be better than independent units"
	}
	r := newLikelihoodReport(e, report, f.partition.burnIn)
	r.Time = time.Since(start).Seconds()
	return r, nil
}
