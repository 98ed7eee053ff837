package main

import (
	"bufio"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"harmonium/store"
)

// rowTable holds numbers for rows, in named columns.
type rowTable struct {
	columns []string
	values  []float64 // (N, columns), row after row
}

// rowFormats are the formats of a rowTable, by the extensions of files.
var rowFormats = []string{"csv", "npy", "jsonl"}

// rowOutput is where a command writes a rowTable, and in which format.
type rowOutput struct{ path, format string }

// standardOutput is the path that stands for it.
const standardOutput = "-"

func (o *rowOutput) add(cmd *cobra.Command) {
	addGroup(cmd, groupOutput, func(flags *pflag.FlagSet) {
		flags.StringVar(&o.path, "out", standardOutput, "`FILE` .csv, .npy or .jsonl to write, or - for standard output")
		oneOf(flags, &o.format, "format", "", "format of the output, one of: csv, npy, jsonl (default: by the extension of --out, else csv)", rowFormats...)
	})
}

// check returns an error for a path whose format is not known, and sets the format.
func (o *rowOutput) check() error {
	if o.format != "" {
		return nil
	}
	if o.path == standardOutput {
		o.format = "csv"
		return nil
	}
	if err := checkExtension("--out", o.path, ".csv", ".npy", ".jsonl"); err != nil {
		return err
	}
	o.format = extension(o.path)[1:]
	return nil
}

// write writes a table to the file, as a whole or not at all, or to standard output.
func (o *rowOutput) write(cmd *cobra.Command, t rowTable) error {
	if o.path != standardOutput {
		return store.WriteAtomic(o.path, func(w io.Writer) error { return t.write(w, o.format) })
	}
	w := bufio.NewWriter(cmd.OutOrStdout())
	if err := t.write(w, o.format); err != nil {
		return err
	}
	return w.Flush()
}

func (t rowTable) write(w io.Writer, format string) error {
	switch format {
	case "npy":
		return store.WriteNPY64(w, t.values, len(t.columns))
	case "jsonl":
		return t.lines(w, "{", "}", func(line []byte, column int, x float64) []byte {
			line = append(strconv.AppendQuote(line, t.columns[column]), ':')
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return append(line, "null"...)
			}
			return strconv.AppendFloat(line, x, 'g', -1, 64)
		})
	}
	if _, err := io.WriteString(w, strings.Join(t.columns, ",")+"\n"); err != nil {
		return err
	}
	return t.lines(w, "", "", func(line []byte, _ int, x float64) []byte {
		return strconv.AppendFloat(line, x, 'g', -1, 64)
	})
}

// lines writes a line for each row.
func (t rowTable) lines(w io.Writer, begin, end string, add func(line []byte, column int, x float64) []byte) error {
	var line []byte
	for row := range slices.Chunk(t.values, len(t.columns)) {
		line = append(line[:0], begin...)
		for column, x := range row {
			if column > 0 {
				line = append(line, ',')
			}
			line = add(line, column, x)
		}
		if _, err := w.Write(append(append(line, end...), '\n')); err != nil {
			return err
		}
	}
	return nil
}
