package main

import (
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"harmonium/store"
)

// checkTable is checkExtension for --out of a command that writes tables, where the path may also
// be standardOutput.
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

// notes returns where a command that writes a table to a path says what it did.
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
