package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"harmonium/dataset"
)

// splitFile is the name of rows of a file that was given beside the model.
const splitFile = "file"

// modelRows chooses the rows that a command takes under a model: the rows of a file given beside the
// model, or a part of the model's data.
type modelRows struct {
	dataFlags
	file  string // beside the model; empty for none
	split string // empty for the test rows, else the validation rows, else the training rows
}

// seenRows are the rows that a command takes under a model.
type seenRows struct {
	*dataset.Rows
	set      *dataset.Set
	split    string // test, valid, train or file
	binarize dataset.Binarization
}

// name names the files that the rows are from.
func (r seenRows) name() string { return nameOf(r.set, r.Rows) }

// String describes the rows: "100 test rows of mnist".
func (r seenRows) String() string {
	if r.split == splitFile {
		return fmt.Sprintf("%s of %s", plural(r.N, "row"), r.name())
	}
	return fmt.Sprintf("%s of %s", plural(r.N, r.split+" row"), r.name())
}

// fractions reports whether the rows hold values between 0 and 1 that no binarization makes states of.
func (r seenRows) fractions() bool {
	return r.binarize.Mode == dataset.None && r.Real == nil && !r.Binary()
}

// checkWhole returns an error for rows with missing cells.
func (r seenRows) checkWhole() error {
	incomplete := 0
	for marks := range slices.Chunk(r.Missing, r.V) {
		if slices.ContainsFunc(marks, func(mark uint8) bool { return mark != 0 }) {
			incomplete++
		}
	}
	if incomplete > 0 {
		return fmt.Errorf("%s: %s with missing cells, want none; harmonium impute MODEL FILE fills them", r.name(), plural(incomplete, "row"))
	}
	return nil
}

// add adds the flags, but for the seed. The usage, such as "rows to score", begins the help of --split.
func (f *modelRows) add(cmd *cobra.Command, usage string) {
	f.addForModel(cmd)
	addGroup(cmd, groupData, func(flags *pflag.FlagSet) {
		oneOf(flags, &f.split, "split", "", usage+", one of: train, test, valid (default: test, else valid, else train)", "train", "test", "valid")
	})
}

// take takes the file of the arguments, beside which other flags for data are an error.
func (f *modelRows) take(cmd *cobra.Command, args []string) error {
	if f.file = fileOf(args); f.file == "" {
		return nil
	}
	for _, name := range []string{"data", "test", "valid"} {
		if cmd.Flags().Changed(name) {
			return usagef("%s beside --%s, want one of them", shellWord(f.file), name)
		}
	}
	return nil
}

// fileOf returns the second of a command's arguments, or "".
func fileOf(args []string) string {
	if len(args) < 2 {
		return ""
	}
	return args[1]
}

// rows opens the rows for a model.
func (f *modelRows) rows(ctx context.Context, m modelArgument) (seenRows, error) {
	if f.file != "" {
		f.spec = f.file
	}
	if err := f.ofModel(m.Model); err != nil {
		return seenRows{}, fmt.Errorf("%s: %w", m.path, err)
	}
	if err := f.checkNamed(m); err != nil {
		return seenRows{}, err
	}
	if f.file != "" {
		f.leaveInFile()
	}
	set, binarize, err := f.open(ctx)
	if err != nil {
		if f.recorded {
			err = fmt.Errorf("the data that %s names: %w; other rows are given after the model", m.path, err)
		}
		return seenRows{}, err
	}
	split := f.split
	if split == "" {
		split = firstSplit(set)
	}
	rows, err := rowsOf(set, split)
	if err != nil {
		return seenRows{}, err
	}
	if f.split == "" && split == "train" && f.file != "" { // the file is no training data
		split = splitFile
	}
	if rows.V != m.Visible.Len() {
		return seenRows{}, fmt.Errorf("%s: rows of %d values for a model of %d visible units", nameOf(set, rows), rows.V, m.Visible.Len())
	}
	return seenRows{rows, set, split, binarize}, nil
}

// firstSplit returns the part of a set that is evaluated if no flag names another.
func firstSplit(set *dataset.Set) string {
	switch {
	case set.Test != nil:
		return "test"
	case set.Valid != nil:
		return "valid"
	}
	return "train"
}
