package main

import (
	"encoding/csv"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"harmonium/store"
)

// checkTable is checkExtension for --out of a command that writes a table, a picture or a page, where the path may
// also be standardOutput.
func checkTable(path string, asJSON bool, want ...string) error {
	if path != standardOutput {
		return checkExtension("--out", path, want...)
	}
	if asJSON {
		return usagef("--out - and --json, want standard output for one of them")
	}
	return nil
}

// checkExtension returns an error for a path whose extension is not in want.
func checkExtension(name, path string, want ...string) error {
	if !slices.Contains(want, extension(path)) {
		return usagef("%s %s: extension %q, want %s", name, path, extension(path), strings.Join(want, ", "))
	}
	return nil
}

func extension(path string) string { return strings.ToLower(filepath.Ext(path)) }

// notes returns the writer of the line with which such a command says what it has written to a path.
func notes(cmd *cobra.Command, path string) io.Writer {
	if path == standardOutput {
		return cmd.ErrOrStderr()
	}
	return cmd.OutOrStdout()
}

// writeTable writes n rows to a CSV file if the path ends in .csv and else to an NPY file. It
// writes the whole file or none.
func writeTable(path string, rows []float32, n int) error {
	a := store.Array{Shape: []int{n, len(rows) / n}, Data: rows}
	return store.WriteAtomic(path, func(w io.Writer) error {
		if extension(path) == ".csv" {
			return store.WriteCSV(w, a)
		}
		return store.WriteNPY(w, a)
	})
}

// writeCells writes n rows as CSV, below the names of the columns if there are any, with labels in the
// last column if there are any. Each number is the shortest one that reads back as the same float32.
func writeCells(w io.Writer, names []string, rows []float32, n int, labels []string) error {
	table := csv.NewWriter(w) // keeps its error
	if names != nil && labels != nil {
		names = append(slices.Clone(names), "label")
	}
	if names != nil {
		table.Write(names)
	}
	var line []string
	for width := len(rows) / n; len(rows) > 0; rows = rows[width:] {
		line = line[:0]
		for _, x := range rows[:width] {
			line = append(line, strconv.FormatFloat(float64(x), 'g', -1, 32))
		}
		if labels != nil {
			line, labels = append(line, labels[0]), labels[1:]
		}
		table.Write(line)
	}
	table.Flush()
	return table.Error()
}
