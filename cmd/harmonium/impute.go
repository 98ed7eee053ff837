package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"harmonium/dataset"
	"harmonium/rbm"
	"harmonium/rbm/sample"
	"harmonium/store"
)

// imputeCommand holds the flags of the impute command.
type imputeCommand struct {
	data   dataFlags
	device deviceFlags
	ranks  rankFlags
	config sample.ImputeConfig

	out    string
	errors string // file for the standard errors; empty for none
	draws  bool
	json   bool

	table  *dataset.Schema // of the model; nil if its rows are no table
	levels int             // grey levels of a cell; 0 for none
}

func newImputeCommand() *cobra.Command {
	c := &imputeCommand{}
	cmd := &cobra.Command{
		Use:   "impute MODEL FILE",
		Short: "Fill the missing cells of a table",
		Long: `Fill the missing cells of a table, which are empty, NaN, NA or ?, by the means of their units given
the known cells of the row. Known cells are states, such as 0 and 1, and stay as they are. A table
of words and numbers gets the most probable word, and the mean of a number; a .npy has the means
of all values in a row.

The columns are chosen as in training, unless flags choose them. A .csv has the names of the columns
and, behind them, the labels of the rows, if the table has them.

A row with at most --exact missing cells is summed over all states of them. In other rows Gibbs
chains run with the known cells held, and the means of the steps after the burn-in are averaged. The
standard error of such a mean, from the differences of the chains, goes to --errors; it is 0 where
the sum is exact. --draws writes one draw in place of the means.`,
		Example: `  harmonium impute runs/table holes.csv > filled.csv
  harmonium impute runs/table holes.csv --out filled.csv --errors errors.csv
  harmonium impute runs/mnist digits.npy --chains 50 --out filled.npy`,
		Args: arguments("MODEL", "FILE"),
		RunE: c.ranks.divide(&c.device, c.run),
	}
	addGroup(cmd, groupData, c.data.addChoice)
	addGroup(cmd, groupChains, func(flags *pflag.FlagSet) {
		flags.IntVar(&c.config.ExactCells, "exact", sample.DefaultExactCells,
			"largest number of missing cells of a row that are summed exactly, from 0 to 24; one more doubles the time")
		flags.IntVar(&c.config.Chains, "chains", sample.DefaultImputeChains, "chains for each other row, at least 2")
		flags.IntVar(&c.config.Steps, "steps", sample.DefaultImputeSteps, "Gibbs steps of each chain whose means are averaged")
		flags.IntVar(&c.config.BurnIn, "burn-in", sample.DefaultImputeBurnIn, "Gibbs steps before them")
		flags.Uint64Var(&c.config.Seed, "seed", 1, "seed of all random numbers")
	})
	addGroup(cmd, groupOutput, func(flags *pflag.FlagSet) {
		flags.StringVar(&c.out, "out", standardOutput, "`FILE` .csv or .npy to write, or - for CSV on standard output")
		flags.StringVar(&c.errors, "errors", "", "`FILE` .csv or .npy for the standard errors of all cells (default: none)")
		flags.BoolVar(&c.draws, "draws", false, "write one draw of the missing cells, not their means")
		flags.BoolVar(&c.json, "json", false, "print one JSON object about the cells on standard output (needs --out FILE)")
	})
	c.device.add(cmd)
	c.ranks.add(cmd)
	return cmd
}

// check returns an error for flags that no model can satisfy. It reads no file.
func (c *imputeCommand) check() error {
	if c.out != standardOutput {
		if err := checkExtension("--out", c.out, ".csv", ".npy"); err != nil {
			return err
		}
	} else if c.json {
		return usagef("--json with the table on standard output, want --out FILE")
	}
	if c.errors != "" {
		if err := checkExtension("--errors", c.errors, ".csv", ".npy"); err != nil {
			return err
		}
		if c.draws {
			return usagef("--errors beside --draws, want one of them: a draw has no standard error")
		}
	}
	switch {
	case c.config.ExactCells < 0 || c.config.ExactCells > 24: // the limit of ImputeConfig
		return usagef("--exact %d, want 0 to 24", c.config.ExactCells)
	case c.config.Chains < 2:
		return usagef("--chains %d, want at least 2", c.config.Chains)
	}
	if err := positiveFlag("steps", c.config.Steps); err != nil {
		return err
	}
	if err := positiveFlag("burn-in", c.config.BurnIn); err != nil {
		return err
	}
	if c.config.ExactCells == 0 {
		c.config.ExactCells = -1 // 0 is the default of ImputeConfig, -1 is none
	}
	return c.device.check()
}

func (c *imputeCommand) run(cmd *cobra.Command, args []string) error {
	if err := c.check(); err != nil {
		return err
	}
	m, err := loadModel(cmd, args[0])
	if err != nil {
		return err
	}
	rows, err := c.open(cmd.Context(), m.Model, args[1])
	if err != nil {
		return err
	}
	if c.levels > 0 && c.errors != "" {
		return usagef("--errors of grey levels, want none: the errors of the %d states of a cell depend on each other", c.levels)
	}
	if err := checkSize("--chains: chains", c.config.Chains, max(m.Visible.Len(), m.Hidden.Len())); err != nil {
		return err
	}
	if err := c.ranks.sameModels(rbm.Stack{m.Model}); err != nil {
		return err
	}
	if err := c.ranks.sameValues(rows.Values); err != nil {
		return err
	}
	device, err := c.device.open()
	if err != nil {
		return err
	}
	defer c.device.close()
	p := newProgress(cmd.ErrOrStderr())
	defer p.end()
	c.config.Progress = p.stage("rows", "filling cells")
	filled, err := sample.Impute(cmd.Context(), m.Model, device, rows.Values, c.config)
	if err != nil {
		return err
	}
	p.end() // before the lines of the summary
	if c.ranks.follows() {
		return nil
	}
	if err := c.write(cmd, filled, rows); err != nil {
		return err
	}
	summary := c.summarize(args[1], filled, rows)
	summary.print(cmd.ErrOrStderr())
	if c.json {
		return writeObject(cmd.OutOrStdout(), summary)
	}
	return nil
}

// open opens the rows of a file as rows of a model, and sets the table and the levels of the model.
func (c *imputeCommand) open(ctx context.Context, m *rbm.Model, file string) (*dataset.Pattern, error) {
	c.data.spec = file
	if err := c.data.ofModel(m); err != nil {
		return nil, err
	}
	s, err := schemaOf(m)
	if err != nil {
		return nil, err
	}
	if isTable(s) {
		c.table = s
	}
	c.levels = levelsOf(m)
	options := c.data.options()
	options.Worth, options.Schema = c.data.worthOf(s), s
	return interruptible(ctx, func() (*dataset.Pattern, error) { return dataset.OpenPattern(file, m.Visible.Len(), options) })
}

// write writes the filled rows, and their standard errors where they are asked for.
func (c *imputeCommand) write(cmd *cobra.Command, filled *sample.Imputation, rows *dataset.Pattern) error {
	values := filled.Means
	if c.draws {
		values = filled.Draws
	}
	values = asGreys(values, c.levels)
	if c.table != nil {
		return c.writeWords(cmd.OutOrStdout(), filled, values, rows)
	}
	if c.errors != "" {
		if err := writeFilled(c.errors, filled.Errors, rows, nil); err != nil {
			return err
		}
	}
	if c.out == standardOutput {
		return writeCells(cmd.OutOrStdout(), rows.Names, values, rows.N, rows.Labels)
	}
	return writeFilled(c.out, values, rows, rows.Labels)
}

// writeWords writes filled rows in the words and numbers of the table, and their standard errors. An NPY file has
// the values of the units instead.
func (c *imputeCommand) writeWords(w io.Writer, filled *sample.Imputation, values []float32, rows *dataset.Pattern) error {
	write := func(path string, values []float32, asCSV func(w io.Writer) error) error {
		switch {
		case path == standardOutput:
			return asCSV(w)
		case extension(path) == ".csv":
			return store.WriteAtomic(path, asCSV)
		}
		return writeTable(path, values, rows.N)
	}
	if c.errors != "" {
		err := write(c.errors, filled.Errors, func(w io.Writer) error { return c.table.WriteErrors(w, filled.Means, filled.Errors) })
		if err != nil {
			return err
		}
	}
	return write(c.out, values, func(w io.Writer) error { return c.table.WriteCSV(w, values, rows.Cells) })
}

// writeFilled writes values (N,V) to a file, to a CSV file with the names of the columns and labels.
func writeFilled(path string, values []float32, rows *dataset.Pattern, labels []string) error {
	if extension(path) != ".csv" {
		return writeTable(path, values, rows.N)
	}
	return store.WriteAtomic(path, func(w io.Writer) error { return writeCells(w, rows.Names, values, rows.N, labels) })
}

// imputeSummary is the output of --json.
type imputeSummary struct {
	Out          string  `json:"out"`
	Data         string  `json:"data"`
	Rows         int     `json:"rows"`
	Missing      int     `json:"missing_cells"`
	Exact        int     `json:"rows_exact"`   // rows with missing cells that were summed
	Sampled      int     `json:"rows_sampled"` // rows with missing cells that chains filled
	Chains       int     `json:"chains"`
	Steps        int     `json:"steps"`
	BurnIn       int     `json:"burn_in"`
	Seed         uint64  `json:"seed"`
	Draws        bool    `json:"draws"`
	LargestError float32 `json:"largest_standard_error"`
}

func (c *imputeCommand) summarize(data string, filled *sample.Imputation, rows *dataset.Pattern) *imputeSummary {
	s := &imputeSummary{
		Out: c.out, Data: data, Rows: len(filled.Missing), Draws: c.draws, LargestError: slices.Max(filled.Errors),
		Chains: c.config.Chains, Steps: c.config.Steps, BurnIn: c.config.BurnIn, Seed: c.config.Seed,
	}
	for n, missing := range filled.Missing {
		if c.table != nil { // a cell may be several values of a row
			s.Missing += c.table.Missing(rows.Values[n*rows.V : (n+1)*rows.V])
		} else {
			s.Missing += missing / max(c.levels, 1)
		}
		switch {
		case missing > 0 && filled.Exact[n]:
			s.Exact++
		case missing > 0:
			s.Sampled++
		}
	}
	return s
}

// print writes the summary for people.
func (s *imputeSummary) print(w io.Writer) {
	fmt.Fprintf(w, "%s in %d of %s of %s\n", plural(s.Missing, "missing cell"), s.Exact+s.Sampled, plural(s.Rows, "row"), s.Data)
	if s.Exact > 0 {
		fmt.Fprintf(w, "%s: exact sums over the states of the missing cells\n", plural(s.Exact, "row"))
	}
	if s.Sampled > 0 {
		fmt.Fprintf(w, "%s: %d chains x %d steps after %d, seed %d; largest standard error of a mean %.3g\n",
			plural(s.Sampled, "row"), s.Chains, s.Steps, s.BurnIn, s.Seed, s.LargestError)
	}
}
