package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/likelihood"
)

// compareCommand holds the flags of the compare command.
type compareCommand struct {
	data      dataFlags
	base      baseFlag
	partition partitionFlags
	device    deviceFlags
	ranks     rankFlags
	format    string
	json      bool
}

func newCompareCommand() *cobra.Command {
	c := &compareCommand{}
	cmd := &cobra.Command{
		Use:   "compare RUN|MODEL...",
		Short: "Compare models in one table",
		Long: `Compare models or runs in one table: the settings that differ, the updates and their seconds, the
log-likelihoods of validation and test rows (of training rows if there are neither) with the interval
that log Z leaves, and their differences to the first model. A difference pairs the same rows, so that
its standard error is much smaller than the standard error of either log-likelihood. Where the rows of
two models differ, as with validation rows drawn by different seeds, the table has no difference.

Each model is evaluated on its own data unless --data, --test or --valid name others, in the states
that eval uses. log Z is the estimate that a run has recorded at its end; without one, or with
--method, it is estimated as eval does. A run with patience that has ended is represented by its
best.safetensors.

Where cells are missing, log-likelihoods are of the known cells, as in eval.

The log-likelihoods of rows with weights, and their differences, are weighted means; plain ones stand
beside them.

For models that differ by the seed alone the table ends with the mean and the standard deviation.`,
		Example: `  harmonium compare runs/a runs/b
  harmonium compare runs/* --format csv > runs.csv
  harmonium compare model.npz other.safetensors --data table.csv --test test.csv`,
		Args: oneOrMore("RUN|MODEL"),
		RunE: c.ranks.divide(&c.device, c.run),
	}
	c.data.addForModel(cmd)
	c.base.add(cmd)
	c.partition.add(cmd)
	addGroup(cmd, groupEvaluation, c.data.addSeed)
	addGroup(cmd, groupOutput, func(flags *pflag.FlagSet) {
		oneOf(flags, &c.format, "format", "text", "format of the table, one of: text, markdown, csv", "text", "markdown", "csv")
		flags.BoolVar(&c.json, "json", false, "print one JSON object")
	})
	c.device.add(cmd)
	c.ranks.add(cmd)
	return cmd
}

func (c *compareCommand) run(cmd *cobra.Command, args []string) error {
	if err := c.partition.check(cmd); err != nil {
		return err
	}
	var models []*contender
	for _, argument := range args {
		m, err := newContender(argument)
		if err != nil {
			return err
		}
		if m.model.note != "" {
			fmt.Fprintln(cmd.ErrOrStderr(), m.model.note)
		}
		if cmd.Flags().Changed("method") {
			m.estimated = nil
		}
		if err := c.partition.checkRuns(m.model.Model); err != nil {
			return err
		}
		models = append(models, m)
	}
	device, err := c.device.open()
	if err != nil {
		return err
	}
	defer c.device.close()
	compared, err := c.compare(cmd, device, models)
	if err != nil || c.ranks.follows() {
		return err
	}
	return compared.write(cmd.OutOrStdout(), c.format, c.json)
}

// write writes the comparison in a format, or as JSON.
func (c *comparison) write(w io.Writer, format string, asJSON bool) error {
	switch {
	case asJSON:
		return writeObject(w, c)
	case format == "csv":
		return c.writeCSV(w)
	}
	return c.print(w, format == "markdown")
}

// compare evaluates the models on their rows.
func (c *compareCommand) compare(cmd *cobra.Command, d engine.Device, models []*contender) (*comparison, error) {
	p := newProgress(cmd.ErrOrStderr())
	defer p.end()
	compared := &comparison{Settings: []string{}, Models: models}
	sets := map[string][]seenRows{}
	rows := make([][]seenRows, len(models))
	for i, m := range models { // all rows first: a mistake in them is found before an estimate takes time
		var err error
		if rows[i], err = c.rows(cmd.Context(), m, sets); err != nil {
			return nil, err
		}
	}
	if err := c.sameInputs(models, rows); err != nil {
		return nil, err
	}
	for i, m := range models {
		z, err := c.logPartition(cmd, d, m, rows[i][0], p)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.Name, err)
		}
		if err := c.evaluate(cmd.Context(), d, m, rows[i], z); err != nil {
			return nil, fmt.Errorf("%s: %w", m.Name, err)
		}
	}
	compared.addSettings()
	compared.addDifferences()
	return compared, nil
}

// sameInputs returns an error unless all processes have read the same models, with or without a recorded estimate, and
// the same rows.
func (c *compareCommand) sameInputs(models []*contender, rows [][]seenRows) error {
	if !c.ranks.several() {
		return nil
	}
	var all rbm.Stack
	var parts []*dataset.Rows
	recorded := []byte{}
	for i, m := range models {
		all = append(all, m.model.Model)
		recorded = fmt.Appendf(recorded, "%v ", m.estimated != nil)
		for _, of := range rows[i] {
			parts = append(parts, of.Rows)
		}
	}
	if err := c.ranks.sameModels(all); err != nil {
		return err
	}
	if err := c.ranks.same("has other estimates of log Z", "the same run folders", recorded); err != nil {
		return err
	}
	return c.ranks.sameRows(parts...)
}

// logPartition returns log Z of a model: the estimate that its run recorded, or else a new one. AIS, of log Z or
// over missing cells, starts from base rates, which rebase gives the model.
func (c *compareCommand) logPartition(cmd *cobra.Command, d engine.Device, m *contender, rows seenRows,
	p *progress) (*likelihood.Partition, error) {
	if m.estimated != nil {
		m.Recorded, m.LogZRefuted = true, m.estimated.LogZRefuted
		return m.estimated.partition(), nil
	}
	if !c.partition.exact(m.model.Model) || rows.Missing != nil {
		if err := c.base.rebase(cmd, m.model, rows); err != nil {
			return nil, err
		}
	}
	z, _, err := c.partition.find(cmd.Context(), m.model.Model, d, c.device.threads, c.data.seed, false, p)
	return z, err
}

// evaluate sets log Z and the log-likelihoods of the parts. Where the rows of a part prove a lower bound of log Z above
// the estimate z, the bound takes its place.
func (c *compareCommand) evaluate(ctx context.Context, d engine.Device, m *contender, rows []seenRows,
	z *likelihood.Partition) error {
	energies, missing := make([][]float64, len(rows)), make([]*missingCells, len(rows))
	for i, of := range rows {
		var err error
		if energies[i], missing[i], err = freeEnergies(ctx, m.model.Model, d, of, c.data.seed, likelihood.KnownConfig{}); err != nil {
			return err
		}
		bounded, refuted := z.HeldTo(m.model.Visible.Units, of.Rows, of.binarize, energies[i])
		if refuted != nil && m.LogZRefuted == nil { // the estimate itself, and not the bound by an earlier part
			m.LogZRefuted = &refuted.LogZ
		}
		z = bounded
	}
	m.setPartition(z)
	m.Parts = map[string]*likelihoodOfPart{}
	for i, of := range rows {
		p := newPart(of, energies[i], z)
		p.Missing = missing[i]
		m.Parts[of.split] = p
	}
	return nil
}

// rows returns the validation and the test rows of a model's data, or the training rows. It opens equal data once: sets
// holds the rows that were opened, by the flags that chose them, but without the fingerprints and the files that each model
// records.
func (c *compareCommand) rows(ctx context.Context, m *contender, sets map[string][]seenRows) ([]seenRows, error) {
	data := c.data
	if err := data.ofModel(m.model.Model); err != nil {
		return nil, fmt.Errorf("%s: %w", m.Name, err)
	}
	if err := data.checkNamed(m.model); err != nil {
		return nil, err
	}
	sums := data.fingerprints
	data.fingerprints, data.named = nil, nil
	flags, blocks := data, data.blockRows()
	flags.blocks = nil // %v would print its address
	key := fmt.Sprintf("%+v %d", flags, blocks)
	if sets[key] == nil {
		set, binarize, err := data.open(ctx)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.Name, err)
		}
		sets[key] = partsOf(set, binarize)
	}
	if err := checkFingerprints(sums, sets[key][0].set); err != nil {
		return nil, fmt.Errorf("%s: %w", m.Name, err)
	}
	for _, of := range sets[key] {
		if err := of.checkLikelihood(m.model.Model); err != nil {
			return nil, fmt.Errorf("%s: %w", m.Name, err)
		}
	}
	return sets[key], nil
}

// checkLikelihood returns an error for rows that have no mean log-likelihood under a model.
func (r seenRows) checkLikelihood(m *rbm.Model) error {
	switch {
	case r.V != m.Visible.Len():
		return fmt.Errorf("%s has rows of %d values for a model of %d visible units", r.name(), r.V, m.Visible.Len())
	case r.fractions():
		return usagef("rows of fractions have no log-likelihood under a model of states, want a --binarize that makes states")
	}
	return nil
}

// partsOf returns the parts of a set that are compared.
func partsOf(set *dataset.Set, b dataset.Binarization) []seenRows {
	var rows []seenRows
	if set.Valid != nil {
		rows = append(rows, seenRows{set.Valid, set, "valid", b})
	}
	if set.Test != nil {
		rows = append(rows, seenRows{set.Test, set, "test", b})
	}
	if rows == nil {
		rows = append(rows, seenRows{set.Train, set, "train", b})
	}
	return rows
}
