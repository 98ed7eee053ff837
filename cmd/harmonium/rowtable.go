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

// rowTable holds numbers for rows, in named columns, and perhaps words for each row.
type rowTable struct {
	columns []string     // names of the columns of numbers, at least one
	values  []float64    // (N, columns), row after row
	words   []wordColumn // stand between the first column of numbers and the others
}

// wordColumn holds a word for each row.
type wordColumn struct {
	name  string
	words []string // (N)
}

// labelled returns the column of labels, or nil if there are no labels.
func labelled(labels []string) []wordColumn {
	if labels == nil {
		return nil
	}
	return []wordColumn{{"label", labels}}
}

// rowFormats are the formats of a rowTable, by the extensions of files.
var rowFormats = []string{"csv", "npy", "jsonl"}

// rowOutput is where a command writes a rowTable, and in which format.
type rowOutput struct{ path, format string }

func (o *rowOutput) add(cmd *cobra.Command) {
	addGroup(cmd, groupOutput, func(flags *pflag.FlagSet) {
		flags.StringVar(&o.path, "out", standardOutput, "`FILE` .csv, .npy or .jsonl to write, or - for standard output")
		oneOf(flags, &o.format, "format", "", "format of the output, one of: csv, npy, jsonl (default: by the extension of --out, else csv)", rowFormats...)
	})
}

// check sets the format that is not given by the extension of the path, and returns an error for an unknown one.
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
	for i, column := range t.words {
		line = slices.Insert(line, 1+i, column.name)
	}
	table.Write(line)
	for n, row := range t.rows() {
		line = line[:0]
		for _, x := range row {
			line = append(line, strconv.FormatFloat(x, 'g', -1, 64))
		}
		for i, column := range t.words {
			line = slices.Insert(line, 1+i, column.words[n])
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

// numeric returns the table with words as columns of numbers at their place, and without columns of words that are no
// numbers.
func (t rowTable) numeric() rowTable {
	with := rowTable{columns: t.columns, values: t.values}
	for _, column := range slices.Backward(t.words) { // each goes before the later ones
		numbers, ok := column.numbers()
		if !ok {
			continue
		}
		before := with
		with = rowTable{columns: slices.Insert(slices.Clone(before.columns), 1, column.name)}
		for n, row := range before.rows() {
			with.values = append(append(append(with.values, row[0]), numbers[n]), row[1:]...)
		}
	}
	return with
}

// numbers returns the words as numbers. It is ok if there are words and each is a finite number in the form in which
// this command writes it: 007 is not, as its zeros would be lost.
func (c wordColumn) numbers() (numbers []float64, ok bool) {
	for _, word := range c.words {
		x, err := strconv.ParseFloat(word, 64)
		if err != nil || strconv.FormatFloat(x, 'g', -1, 64) != word || math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, false
		}
		numbers = append(numbers, x)
	}
	return numbers, numbers != nil
}

// writeLines writes a JSON object for each row, with null for numbers that are not finite. A column of words that are
// all numbers has numbers in JSON.
func (t rowTable) writeLines(w io.Writer) error {
	names := make([]string, len(t.columns))
	for i, name := range t.columns {
		names[i] = jsonText(name)
	}
	numbers := make([][]float64, len(t.words))
	for i, column := range t.words {
		numbers[i], _ = column.numbers()
	}
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
			if i > 0 {
				continue
			}
			for k, column := range t.words {
				line = append(line, ',')
				if numbers[k] != nil {
					number(jsonText(column.name), numbers[k][n])
				} else {
					line = append(append(append(line, jsonText(column.name)...), ':'), jsonText(column.words[n])...)
				}
			}
		}
		if _, err := w.Write(append(line, '}', '\n')); err != nil {
			return err
		}
	}
	return nil
}

// jsonText returns a text as a string in JSON.
func jsonText(text string) string {
	content, err := json.Marshal(text)
	if err != nil {
		panic("a text that JSON cannot hold: " + err.Error()) // JSON holds every string
	}
	return string(content)
}
