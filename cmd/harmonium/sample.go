package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/memory"
	"harmonium/rbm"
	"harmonium/rbm/sample"
	"harmonium/store"
)

// sampleCommand holds the flags of the sample command.
type sampleCommand struct {
	data   modelRows
	device deviceFlags
	ranks  rankFlags

	n, steps int
	init     string
	clamp    string
	class    string
	table    *dataset.Schema // of the model, no flag; nil if its rows are no table
	out      string
	means    bool
	json     bool
}

func newSampleCommand() *cobra.Command {
	c := &sampleCommand{}
	cmd := &cobra.Command{
		Use:   "sample MODEL [FILE]",
		Short: "Draw visible states from a model by Gibbs sampling",
		Long: `Run Gibbs chains of a model and write their last states: as a grid of grey
pictures, which show the means that the states are drawn with, or as rows of 0 and 1. A model of
a table writes a table, in the words and numbers of the one it was trained on.

Chains start from fair coin flips; or from the rows of FILE, or with --init data from the model's
test rows, else its validation rows, else its training rows, spread evenly over them, in the states
that eval uses for the same rows and seed. A grey value is the probability of a 1 there
unless --binarize cuts it.

--clamp FILE holds visible units fixed: 0 and 1 are held, NaN or an empty cell is free. A
file of one row serves all samples; n rows serve one sample each. Of a table the cells are
words and numbers as it has them, and columns that FILE does not have are free.

--class holds the label of a model with label units, see train --label-units.

Of a stack (train --init-stack) the chains are of the last model, and one pass leads down to the
visible units.`,
		Example: `  harmonium sample runs/mnist --out digits.png
  harmonium sample model.safetensors -n 1000 --steps 5000 --out states.npy
  harmonium sample model.safetensors --init data --clamp upper-half.csv
  harmonium sample runs/table -n 20 --class Gentoo,Adelie --out -`,
		Args: optionalFile,
		RunE: c.ranks.divide(&c.device, c.run),
	}
	c.data.add(cmd, "rows for --init data")
	addGroup(cmd, groupChains, func(flags *pflag.FlagSet) {
		flags.IntVarP(&c.n, "samples", "n", 100, "number of chains, one sample each (default: 100, or the rows of --clamp if it has several)")
		flags.IntVar(&c.steps, "steps", 1000, "Gibbs steps of each chain")
		oneOf(flags, &c.init, "init", "random", "start of the chains, one of: random, data (default: random, or data with FILE)", "random", "data")
		flags.StringVar(&c.clamp, "clamp", "", "`FILE` visible units to hold fixed, CSV or NPY (default: none)")
		flags.StringVar(&c.class, "class", "", "`LIST` labels to hold, with commas between: of the samples in turn; or all, for all that there are (default: none)")
		c.data.addSeed(flags)
		takeOnce(flags, "class")
	})
	addGroup(cmd, groupOutput, func(flags *pflag.FlagSet) {
		flags.StringVar(&c.out, "out", "samples.png", "`FILE` .png, .npy or .csv to write, or - for CSV on standard output (default: samples.png, or samples.csv of a table)")
		flags.BoolVar(&c.means, "means", false, "write the means of the last step instead of the states, in a table the most probable words; a .png always shows means")
		flags.BoolVar(&c.json, "json", false, "print one JSON object")
	})
	c.device.add(cmd)
	c.ranks.add(cmd)
	return cmd
}

// check returns an error for flags that no model can satisfy. It reads no file.
func (c *sampleCommand) check(cmd *cobra.Command, args []string) error {
	if err := checkTable(c.out, c.json, ".png", ".npy", ".csv"); err != nil {
		return err
	}
	if c.class != "" && c.clamp != "" {
		return usagef("--class beside --clamp, want one of them: the file can have a column of labels")
	}
	if err := positiveFlag("samples", c.n); err != nil {
		return err
	}
	if err := positiveFlag("steps", c.steps); err != nil {
		return err
	}
	if err := c.device.check(); err != nil {
		return err
	}
	if err := c.data.take(cmd, args); err != nil {
		return err
	}
	if c.data.file != "" {
		if cmd.Flags().Changed("init") && c.init == "random" {
			return usagef("%s beside --init random, want one of them", shellWord(c.data.file))
		}
		c.init = "data"
	}
	if c.init == "data" {
		return nil
	}
	var unused error
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		if unused == nil && annotation(flag, groupOf) == groupData {
			unused = usagef("--%s, want it only with --init data", flag.Name)
		}
	})
	return unused
}

func (c *sampleCommand) run(cmd *cobra.Command, args []string) error {
	if err := c.check(cmd, args); err != nil {
		return err
	}
	s, err := loadStack(cmd, args[0])
	if err != nil {
		return err
	}
	m := s.first() // whose visible units the samples are of; s.Model is the last one
	if err := c.checkStack(s); err != nil {
		return err
	}
	if c.table, err = tableOf(m.Model); err != nil {
		return err
	}
	if c.table != nil && !cmd.Flags().Changed("out") {
		c.out = "samples.csv"
	}
	pattern, err := c.pattern(cmd.Context(), m.Model, !cmd.Flags().Changed("samples"))
	if err != nil {
		return err
	}
	if extension(c.out) == ".png" && c.n > maxPictures {
		return usagef("--out %s of %d samples, want at most %d in a PNG file", c.out, c.n, maxPictures)
	}
	if err := checkSize("samples", c.n, max(m.Visible.Len(), s.Visible.Len())); err != nil {
		return err
	}
	data, err := c.rows(cmd.Context(), m)
	if err != nil {
		return err
	}
	if err := c.sameInputs(s.models(), data, pattern); err != nil {
		return err
	}
	device, err := c.device.open()
	if err != nil {
		return err
	}
	defer c.device.close()
	if err := sample.CheckMemory(s.Model, device, c.n); err != nil {
		return fmt.Errorf("--samples: %w", err)
	}
	start, err := c.start(cmd.Context(), device, s, data)
	if err != nil {
		return err
	}
	rows, err := c.sample(cmd.Context(), device, s, start, pattern)
	if err != nil {
		return err
	}
	if c.ranks.follows() {
		return nil
	}
	if err := c.write(cmd.OutOrStdout(), m.Model, rows); err != nil {
		return err
	}
	if c.json {
		return writeObject(cmd.OutOrStdout(), c.summary(data, device))
	}
	from := ""
	if data.Rows != nil {
		from = " from " + data.String()
	}
	fmt.Fprintf(notes(cmd, c.out), "%s: %s after %s%s on %s\n", c.out, plural(c.n, "sample"), plural(c.steps, "Gibbs step"), from,
		device.Name())
	return nil
}

// rows returns the rows that the chains start from, or none if they start from random states.
func (c *sampleCommand) rows(ctx context.Context, first modelArgument) (seenRows, error) {
	if c.init != "data" {
		return seenRows{}, nil
	}
	data, err := c.data.rows(ctx, first)
	if err != nil {
		return seenRows{}, err
	}
	return data, data.checkWhole()
}

// sameInputs returns an error unless all processes have read the same models, rows and clamped values.
func (c *sampleCommand) sameInputs(models rbm.Stack, data seenRows, pattern []float32) error {
	if err := c.ranks.sameModels(models); err != nil {
		return err
	}
	if data.Rows != nil {
		if err := c.ranks.sameRows(data.Rows); err != nil {
			return err
		}
	}
	return c.ranks.sameValues(pattern)
}

// sampleSummary is the output of --json.
type sampleSummary struct {
	Out     string `json:"out"`
	Samples int    `json:"samples"`
	Steps   int    `json:"steps"`
	Means   bool   `json:"means"`
	Init    string `json:"init"`
	Data    string `json:"data,omitempty"`
	Split   string `json:"split,omitempty"`
	Seed    uint64 `json:"seed"`
	Device  string `json:"device"`
}

func (c *sampleCommand) summary(data seenRows, d engine.Device) sampleSummary {
	s := sampleSummary{Out: c.out, Samples: c.n, Steps: c.steps, Means: c.means || extension(c.out) == ".png", Init: c.init, Seed: c.data.seed, Device: d.Name()}
	if data.Rows != nil {
		s.Data, s.Split = data.name(), data.split
	}
	return s
}

// pattern returns the clamped values of all samples (n,V), NaN where a unit is free, or nil if no unit is clamped. If
// free is set, a file of several rows sets the number of samples.
func (c *sampleCommand) pattern(ctx context.Context, m *rbm.Model, free bool) ([]float32, error) {
	if c.class != "" {
		return c.classPattern(m)
	}
	if c.clamp == "" {
		return nil, nil
	}
	pattern, rows, err := c.clamped(ctx, m)
	if err != nil {
		return nil, err
	}
	if rows > 1 && free {
		c.n = rows
	}
	switch rows {
	case c.n:
		return pattern, nil
	case 1:
		if err := memory.Check("--clamp: the values of all samples", 4*float64(c.n)*float64(m.Visible.Len())); err != nil {
			return nil, err
		}
		return slices.Repeat(pattern, c.n), nil
	}
	return nil, fmt.Errorf("%s: %d rows, want 1 or as many as samples, %d", c.clamp, rows, c.n)
}

// clamped returns the rows of --clamp (rows,V), NaN where a unit is free.
func (c *sampleCommand) clamped(ctx context.Context, m *rbm.Model) (values []float32, rows int, err error) {
	options := dataset.Options{Schema: c.table, Partial: c.table != nil}
	if c.table == nil {
		options.Worth, options.Levels = worthOf(m.Visible.Units), levelsOf(m)
		options.Scale, _ = strconv.ParseFloat(m.Provenance["scale"], 64) // 0 without
	}
	p, err := interruptible(ctx, func() (*dataset.Pattern, error) { return dataset.OpenPattern(c.clamp, m.Visible.Len(), options) })
	if err != nil {
		return nil, 0, err
	}
	return p.Values, p.N, nil
}

// classPattern returns values (n,V) that hold the label of each sample and nothing else.
func (c *sampleCommand) classPattern(m *rbm.Model) ([]float32, error) {
	s, err := schemaOf(m)
	if err != nil {
		return nil, err
	}
	label, from := labelOf(s)
	if label == nil {
		return nil, usagef("--class %s: %w", shellWord(c.class), errNoLabelUnits)
	}
	classes, err := label.States(c.class)
	if err != nil {
		return nil, usagef("--class %s: %w", shellWord(c.class), err)
	}
	if err := memory.Check("--class: the values of all samples", 4*float64(c.n)*float64(m.Visible.Len())); err != nil {
		return nil, err
	}
	pattern := slices.Repeat([]float32{float32(math.NaN())}, c.n*m.Visible.Len())
	for n := range c.n {
		values := pattern[n*m.Visible.Len()+from : (n+1)*m.Visible.Len()] // of the label, which end a row
		clear(values)
		values[classes[n%len(classes)]] = 1
	}
	return pattern, nil
}

// checkStack returns an error for flags that no stack can satisfy: only one pass leads down to the visible
// units, so that none of them can be held.
func (c *sampleCommand) checkStack(s stackArgument) error {
	for name, given := range map[string]string{"clamp": c.clamp, "class": c.class} {
		if given != "" && s.below != nil {
			return usagef("--%s, want it only for a single model: %s is a stack, whose visible units are drawn at the end", name, s.path)
		}
	}
	return nil
}

// start returns the states of the visible units of the last model from which the chains start: random ones, or states
// given rows of the data, if there are any.
func (c *sampleCommand) start(ctx context.Context, d engine.Device, s stackArgument, data seenRows) ([]float32, error) {
	if data.Rows == nil {
		return sample.RandomVisible(s.Model, c.n, c.data.seed), nil
	}
	first := s.first()
	states, err := sample.DataVisible(ctx, d, data.Rows, data.binarize, first.Visible.Units, c.n, c.data.seed)
	if err != nil || s.below == nil {
		return states, err
	}
	return sample.TopStates(ctx, s.models(), d, states, c.data.seed)
}

// sample runs the chains of the last model and returns the visible states or means (n,V) of the last
// step.
func (c *sampleCommand) sample(ctx context.Context, d engine.Device, s stackArgument, start, pattern []float32) ([]float32, error) {
	chains, err := sample.NewChains(s.Model, d, start, pattern, c.data.seed)
	if err != nil {
		return nil, err
	}
	if err := chains.Run(ctx, c.steps); err != nil {
		return nil, err
	}
	means := c.means || extension(c.out) == ".png"
	if means && s.below == nil {
		return chains.MeanVisible()
	}
	states, err := chains.Visible()
	if err != nil {
		return nil, err
	}
	return sample.Down(ctx, s.models(), d, states, means, c.data.seed)
}

func (c *sampleCommand) write(w io.Writer, m *rbm.Model, rows []float32) error {
	if c.table != nil && (c.out == standardOutput || extension(c.out) == ".csv") {
		table := func(w io.Writer) error { return c.table.WriteCSV(w, rows, nil) }
		if c.out == standardOutput {
			return table(w)
		}
		return store.WriteAtomic(c.out, table)
	}
	rows = asGreys(rows, levelsOf(m))
	if c.out == standardOutput {
		return store.WriteCSV(w, store.Array{Shape: []int{c.n, len(rows) / c.n}, Data: rows})
	}
	if extension(c.out) != ".png" {
		return writeTable(c.out, rows, c.n)
	}
	width, height := pictureSize(m)
	return writeSamples(c.out, greys(m, rows), c.n, width, height)
}
