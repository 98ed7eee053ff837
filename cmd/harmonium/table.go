package main

import (
	"io"
	"path/filepath"
	"slices"
	"strings"

	"harmonium/store"
)

// checkExtension returns an error for a path whose extension is not in want.
func checkExtension(name, path string, want ...string) error {
	if !slices.Contains(want, extension(path)) {
		return usagef("%s %s: extension %q, want %s", name, path, extension(path), strings.Join(want, ", "))
	}
	return nil
}

func extension(path string) string { return strings.ToLower(filepath.Ext(path)) }

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
