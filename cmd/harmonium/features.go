package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"harmonium/dataset"
	"harmonium/rbm/sample"
	"harmonium/store"
)

// featuresCommand holds the flags of the features command.
type featuresCommand struct {
	data   modelRows
	device deviceFlags
	ranks  rankFlags

	out  string
	json bool
}

func newFeaturesCommand() *cobra.Command {
	c := &featuresCommand{}
	cmd := &cobra.Command{
		Use:   "features MODEL [FILE]",
		Short: "Write the hidden means of rows, as a sigmoid layer does",
		Long: `Write p(h=1|v) = σ(b + vᵀW) for every row v of FILE, or of the model's test rows, else of its
validation rows, else of its training rows: as rows of H values in [0,1], where H is the number of
hidden units, in the order of the data.

Labels of the rows go along: a .csv gets a header and a last column, label; beside F.npy stands
F-labels.txt with a label in each line.

Of a stack (train --init-stack) they are the hidden means of the last model, given the means of the
model below in place of visible states.

Grey values are binarized as in training, by one draw; --binarize none takes them as they are.`,
		Example: `  harmonium features runs/mnist --split train --out train.npy
  harmonium features runs/table rows.csv --out rows-features.csv`,
		Args: optionalFile,
		RunE: c.ranks.divide(&c.device, c.run),
	}
	c.data.add(cmd, "rows to read")
	addGroup(cmd, groupData, c.data.addSeed)
	addGroup(cmd, groupOutput, func(flags *pflag.FlagSet) {
		flags.StringVar(&c.out, "out", "features.npy", "`FILE` .npy or .csv to write, or - for CSV on standard output")
		flags.BoolVar(&c.json, "json", false, "print one JSON object")
	})
	c.device.add(cmd)
	c.ranks.add(cmd)
	return cmd
}

func (c *featuresCommand) run(cmd *cobra.Command, args []string) error {
	if err := checkTable(c.out, c.json, ".npy", ".csv"); err != nil {
		return err
	}
	if err := c.data.take(cmd, args); err != nil {
		return err
	}
	m, err := loadStack(cmd, args[0])
	if err != nil {
		return err
	}
	if m.Hidden.Len() == 0 {
		return fmt.Errorf("%s has no hidden units, whose means are the features", args[0])
	}
	rows, err := c.data.rows(cmd.Context(), m.first())
	if err != nil {
		return err
	}
	if err := rows.checkWhole(); err != nil {
		return err
	}
	if err := checkSize("features", rows.N, m.Hidden.Len()); err != nil {
		return err
	}
	if err := c.ranks.sameModels(m.models()); err != nil {
		return err
	}
	if err := c.ranks.sameRows(rows.Rows); err != nil {
		return err
	}
	device, err := c.device.open()
	if err != nil {
		return err
	}
	defer c.device.close()
	features, err := sample.StackFeatures(cmd.Context(), m.models(), device, rows.Rows, rows.binarize, c.data.seed)
	if err != nil {
		return err
	}
	if c.ranks.follows() {
		return nil
	}
	if err := writeFeatures(cmd.OutOrStdout(), c.out, features, rows.Rows); err != nil {
		return err
	}
	if c.json {
		return writeObject(cmd.OutOrStdout(), featuresSummary{c.out, rows.name(), rows.split, rows.N, m.Hidden.Len(),
			rows.binarize.String(), c.data.seed})
	}
	fmt.Fprintf(notes(cmd, c.out), "%s: %d hidden means of each of %s, binarized %s\n", c.out, m.Hidden.Len(), rows, rows.binarize)
	return nil
}

// featuresSummary is the output of --json.
type featuresSummary struct {
	Out      string `json:"out"`
	Data     string `json:"data"`
	Split    string `json:"split"`
	Rows     int    `json:"rows"`
	Hidden   int    `json:"hidden"`
	Binarize string `json:"binarize"`
	Seed     uint64 `json:"seed"`
}

// writeFeatures writes the features of rows with their labels, if they have any. A CSV with labels has
// the header h1, h2, … and label.
func writeFeatures(w io.Writer, path string, features []float32, rows *dataset.Rows) error {
	var names []string
	if rows.Labels != nil {
		for j := range len(features) / rows.N {
			names = append(names, fmt.Sprintf("h%d", j+1))
		}
	}
	cells := func(w io.Writer) error { return writeCells(w, names, features, rows.N, rows.Labels) }
	switch {
	case path == standardOutput:
		return cells(w)
	case extension(path) == ".csv":
		return store.WriteAtomic(path, cells)
	}
	if err := writeTable(path, features, rows.N); err != nil || rows.Labels == nil {
		return err
	}
	return store.WriteAtomic(labelsFile(path), func(w io.Writer) error {
		_, err := io.WriteString(w, strings.Join(oneLine(rows.Labels), "\n")+"\n")
		return err
	})
}

// labelsFile is the name of the file of labels beside an array.
func labelsFile(path string) string {
	return strings.TrimSuffix(path, filepath.Ext(path)) + "-labels.txt"
}

// oneLine returns labels in one line each: spaces join the parts between line breaks.
func oneLine(labels []string) []string {
	list := make([]string, len(labels))
	for n, label := range labels {
		list[n] = strings.Join(strings.FieldsFunc(label, func(r rune) bool { return r == '\n' || r == '\r' }), " ")
	}
	return list
}
