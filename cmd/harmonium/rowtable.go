package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"io"
	"iter"
	"math"
	"slices"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"harmonium/store"
)

// rowTable holds numbers for rows, in named columns, and perhaps a label for each row.
type rowTable struct {
	columns []string
	values  []float64 // (N, columns), row after row
	labels  []string  // (N); a column of the name label after the first one; nil for none
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
	out := cmd.OutOrStdout()
	if o.format == "npy" {
		out = binaryOutput(out)
	}
	w := bufio.NewWriter(out)
	if err := t.write(w, o.format); err != nil {
		return err
	}
	return w.Flush()
}

func (t rowTable) write(w io.Writer, format string) error {
	switch format {
	case "npy":
		t = t.numeric()
		return store.WriteNPY64(w, t.values, len(t.columns))
	case "jsonl":
		return t.writeLines(w)
	}
	table := csv.NewWriter(w)
	line := slices.Clone(t.columns)
	if t.labels != nil {
		line = slices.Insert(line, 1, "label")
	}
	table.Write(line)
	for n, row := range t.rows() {
		line = line[:0]
		for _, x := range row {
			line = append(line, strconv.FormatFloat(x, 'g', -1, 64))
		}
		if t.labels != nil {
			line = slices.Insert(line, 1, t.labels[n])
		}
		table.Write(line)
	}
	table.Flush()
	return table.Error()
}

// rows yields the values of each row with its index.
func (t rowTable) rows() iter.Seq2[int, []float64] {
	return func(yield func(int, []float64) bool) {
		for n := 0; n*len(t.columns) < len(t.values); n++ {
			if !yield(n, t.values[n*len(t.columns):(n+1)*len(t.columns)]) {
				return
			}
		}
	}
}

// numeric returns the table with its labels as a column of numbers, or without them if one is no
// number.
func (t rowTable) numeric() rowTable {
	numbers, ok := t.numbers()
	if !ok {
		return rowTable{columns: t.columns, values: t.values}
	}
	with := rowTable{columns: slices.Insert(slices.Clone(t.columns), 1, "label")}
	for n, row := range t.rows() {
		with.values = append(append(append(with.values, row[0]), numbers[n]), row[1:]...)
	}
	return with
}

// numbers returns the labels as numbers. It is not ok if there are none, or one is no number as one
// is written here: 007 is none.
func (t rowTable) numbers() (numbers []float64, ok bool) {
	for _, label := range t.labels {
		x, err := strconv.ParseFloat(label, 64)
		if err != nil || strconv.FormatFloat(x, 'g', -1, 64) != label || math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, false
		}
		numbers = append(numbers, x)
	}
	return numbers, numbers != nil
}

// writeLines writes a JSON object for each row. Labels that are all numbers are written as such.
func (t rowTable) writeLines(w io.Writer) error {
	names := make([]string, len(t.columns))
	for i, name := range t.columns {
		names[i] = jsonText(name)
	}
	numbers, numeric := t.numbers()
	var line []byte
	number := func(name string, x float64) {
		line = append(append(line, name...), ':')
		if math.IsNaN(x) || math.IsInf(x, 0) {
			line = append(line, "null"...)
		} else {
			line = strconv.AppendFloat(line, x, 'g', -1, 64)
		}
	}
	for n, row := range t.rows() {
		line = append(line[:0], '{')
		for i, x := range row {
			if i > 0 {
				line = append(line, ',')
			}
			number(names[i], x)
			switch {
			case i > 0 || t.labels == nil:
			case numeric:
				line = append(line, ',')
				number(`"label"`, numbers[n])
			default:
				line = append(append(line, `,"label":`...), jsonText(t.labels[n])...)
			}
		}
		if _, err := w.Write(append(line, '}', '\n')); err != nil {
			return err
		}
	}
	return nil
}

// jsonText returns a text as JSON has it.
func jsonText(text string) string {
	content, err := json.Marshal(text)
	if err != nil {
		panic("a text that JSON cannot hold: " + err.Error()) // JSON holds every string
	}
	return string(content)
}
