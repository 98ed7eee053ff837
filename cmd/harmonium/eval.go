package main

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
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
	baseData string
	json     bool
}

func newEvalCommand() *cobra.Command {
	f := &evalFlags{}
	cmd := &cobra.Command{
		Use:   "eval MODEL",
		Short: "Find the log-likelihood of data under a model",
		Long: `Find the mean log-likelihood of data under a model, in nats a row.

log Z is summed exactly where the smaller layer has at most 25 units (30 with --method
exact), else estimated by annealed importance sampling. A dynamic or static
binarization is one draw by the seed.`,
		Args: arguments("MODEL"),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
	}
	f.data.addForModel(cmd)
	f.device.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.split, "split", "test", "`ROWS` to look at: train, test or valid")
	flags.StringVar(&f.method, "method", "auto", "`METHOD` for log Z: exact, ais, or auto for what the size allows")
	flags.IntVar(&f.runs, "runs", rbm.DefaultRuns, "runs of AIS")
	flags.StringVar(&f.betas, "betas", "default", "`SCHEDULE` of AIS: default (14,501 inverse temperatures), or a number N of them in equal steps")
	flags.StringVar(&f.baseData, "base-data", "", "`DATA` whose base rates AIS starts from (default: those in the model)")
	flags.BoolVar(&f.json, "json", false, "print one JSON object")
	return cmd
}

func (f *evalFlags) run(cmd *cobra.Command, path string) error {
	config, err := f.config()
	if err != nil {
		return err
	}
	m, err := rbm.LoadModel(path)
	if err != nil {
		return err
	}
	if err := checkSize("--runs: runs", f.runs, max(m.Visible, m.Hidden)); err != nil {
		return err
	}
	if err := f.data.ofModel(m); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	set, binarize, err := f.data.open()
	if err != nil {
		return err
	}
	config.Binarize = binarize
	rows, err := rowsOf(set, f.split)
	if err != nil {
		return err
	}
	if err := f.rebase(m, binarize); err != nil {
		return err
	}
	device, err := f.device.open()
	if err != nil {
		return err
	}
	defer device.Close()
	e, err := f.evaluate(cmd, m, device, rows, config, set.Name)
	if err != nil {
		return err
	}
	if f.json {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(e)
	}
	e.print(cmd.OutOrStdout())
	return nil
}

// config is the configuration that the flags describe, but for the binarization.
func (f *evalFlags) config() (rbm.EvaluateConfig, error) {
	c := rbm.EvaluateConfig{
		Method: f.method, Seed: f.data.seed,
		AIS:   rbm.AISConfig{Runs: f.runs, Seed: f.data.seed},
		Exact: rbm.PartitionConfig{Threads: f.device.threads},
	}
	if f.method == "exact" {
		c.Exact.MaxUnits = rbm.MaxPartitionUnits
	}
	if f.runs < 2 {
		return c, usagef("--runs %d, want at least 2", f.runs)
	}
	if f.betas != "default" {
		n, err := strconv.Atoi(f.betas)
		if err != nil || n < 2 || n > maxBetas {
			return c, usagef("--betas %q, want default or a number from 2 to %d", f.betas, maxBetas)
		}
		c.AIS.Betas = rbm.LinearBetas(n - 1)
	}
	switch f.method {
	case "auto", "exact", "ais":
	default:
		return c, usagef("--method %q, want auto, exact or ais", f.method)
	}
	return c, f.device.check()
}

// rebase gives the model the base rates of --base-data, if that is given.
func (f *evalFlags) rebase(m *rbm.Model, b dataset.Binarization) error {
	if f.baseData == "" {
		return nil
	}
	base, err := dataset.Open(f.baseData, dataset.Options{})
	if err != nil {
		return err
	}
	if base.Train.V != m.Visible {
		return fmt.Errorf("--base-data %s: rows of %d values for a model of %d visible units", f.baseData, base.Train.V, m.Visible)
	}
	m.BaseRates = rbm.BaseRates(base.Train, b)
	return nil
}

func (f *evalFlags) evaluate(cmd *cobra.Command, m *rbm.Model, d engine.Device, rows *dataset.Rows,
	c rbm.EvaluateConfig, data string) (*evaluation, error) {
	p := newProgress(cmd.ErrOrStderr())
	defer p.end()
	c.AIS.Progress = p.stage("betas", "log Z by AIS")
	c.Exact.Progress = p.stage("states", "log Z by enumeration")
	l, err := m.Evaluate(cmd.Context(), d, rows, c)
	if err != nil {
		return nil, err
	}
	return newEvaluation(m, l, data, f.split, c.Seed), nil
}
