package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"harmonium/dataset"
	"harmonium/engine"
)

// dataCommand holds the flags of the data command.
type dataCommand struct {
	data dataFlags
	json bool
}

func newDataCommand() *cobra.Command {
	c := &dataCommand{}
	cmd := &cobra.Command{
		Use:   "data FILE...",
		Short: "Show how a file of rows is read",
		Long: `Show how a file of rows is read: its format, rows, columns, values, header and labels, and
hints at columns that may be no data. FILE is as train --data takes it. The rows of several files
follow one another.

Values 0 and 1 are states of Bernoulli units, -1 and 1 are states of spins. Integers from 0 to 255,
one of them at least 128, are grey levels and are divided by 255. Reals from 0 to 1 are grey levels.
For other values --scale names the greatest possible value. Gaussian units take integers as they are,
but for bytes, as in pictures.

Words, or columns that differ in range, make a table, whose columns become groups of units: two words
or numbers one bernoulli unit, few words or integers a categorical one. --json has its schema.`,
		Example: `  harmonium data table.csv
  harmonium data table.csv --label class --drop 1
  harmonium data penguins --bins 8
  harmonium data splits.npz:train_data --json`,
		Args: oneOrMore("FILE"),
		RunE: c.run,
	}
	c.data.addColumns(cmd)
	addGroup(cmd, groupData, func(flags *pflag.FlagSet) {
		c.data.table.add(flags)
		addUnits(flags, &c.data.visible, "visible", autoUnits, "kinds of units that the columns stand for",
			", or auto: by the values", autoUnits)
	})
	addGroup(cmd, groupOutput, func(flags *pflag.FlagSet) {
		flags.BoolVar(&c.json, "json", false, "print one JSON object")
	})
	return cmd
}

func (c *dataCommand) run(cmd *cobra.Command, args []string) error {
	c.data.spec = dataset.JoinSpecs(args...)
	c.data.leaveInFile()
	set, binarize, err := c.data.open(cmd.Context())
	if err != nil {
		return err
	}
	d := newDescription(set.Train, 0)
	d.Units = c.data.visible
	if d.table = set.Schema; d.table != nil {
		d.Schema = json.RawMessage(d.table.Text())
		if isTable(d.table) { // a column may be several values of a row
			d.Columns, d.Header, d.Missing = len(d.table.Columns), d.table.Header(), d.table.MissingIn(set.Train)
		}
	}
	if d.Units == "" {
		d.Units = engine.Kind(0).String()
	}
	if c.json {
		return writeObject(cmd.OutOrStdout(), d)
	}
	d.print(cmd.OutOrStdout(), binarize)
	return nil
}

// print writes the description for people.
func (d *description) print(w io.Writer, b dataset.Binarization) {
	fmt.Fprintf(w, "%s: %s\n", strings.Join(d.Files, ", "), d.Format)
	if s := d.table; isTable(s) {
		missing := ""
		if d.Missing > 0 {
			missing = ", " + plural(d.Missing, "missing cell")
		}
		fmt.Fprintf(w, "%s of a table of %s%s, visible units %s:\n", plural(d.Rows, "row"), plural(len(s.Columns), "column"),
			missing, d.Units)
		printColumns(w, s, "  ")
		d.printMore(w)
		return
	}
	fmt.Fprintf(w, "%s of %s\n", plural(d.Rows, "row"), d)
	kind := "grey levels, which become states by binarization " + b.String()
	if d.States || d.real {
		kind = "states of " + d.Units + " units"
	}
	fmt.Fprintf(w, "values: %s\n", kind)
	if d.Header != nil {
		fmt.Fprintf(w, "header: %s\n", firstWords(d.Header))
	}
	d.printMore(w)
}

// printMore writes the labels, the weights and the hints.
func (d *description) printMore(w io.Writer) {
	if d.Classes != nil {
		var classes []string
		for _, c := range d.Classes {
			classes = append(classes, fmt.Sprintf("%s (%s)", c.Label, plural(c.Rows, "row")))
		}
		fmt.Fprintf(w, "labels: %s, %d different: %s\n", d.Label, len(d.Classes), firstWords(classes))
	}
	if d.Weight != "" {
		fmt.Fprintf(w, "weights: %s\n", d.Weight)
	}
	for _, hint := range d.Hints {
		fmt.Fprintf(w, "hint: %s\n", hint)
	}
}

// firstWords joins the first ten words, each in one line, with commas.
func firstWords(words []string) string {
	const limit = 10 // chosen: about a line of them
	var list []string
	for _, word := range words[:min(limit, len(words))] {
		list = append(list, strings.Join(strings.Fields(word), " "))
	}
	if len(words) > limit {
		list = append(list, "...")
	}
	return strings.Join(list, ", ")
}
