package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"harmonium/dataset"
)

// description says how rows were read.
type description struct {
	Files    []string `json:"files"`  // FILE or FILE:ARRAY, one after another
	Format   string   `json:"format"` // of the first file
	Rows     int      `json:"rows"`
	Columns  int      `json:"columns"` // that are data
	Low      float64  `json:"low"`     // least and greatest number, as the files have them
	High     float64  `json:"high"`
	Missing  int      `json:"missing_cells"`
	Divisor  float64  `json:"divisor"`          // what the numbers were divided by
	Units    string   `json:"units"`            // kind of units whose states the values are
	States   bool     `json:"states"`           // all values are states
	Mean     float64  `json:"mean"`             // of the values after the division
	Constant []int    `json:"constant_columns"` // numbers in the file, from 1
	Header   []string `json:"header"`           // names of the columns; null without
	Label    string   `json:"label"`            // column of the labels; empty without
	Classes  []class  `json:"classes"`          // labels by frequency; null without
	Weight   string   `json:"weight"`           // column of the weights; empty without
	Hints    []string `json:"hints"`

	Schema json.RawMessage `json:"schema,omitempty"` // of a table

	table   *dataset.Schema
	real    bool  // some columns are real numbers, which stay as they are
	columns []int // number of each column in the file, from 1
}

// class is a label with the number of its rows.
type class struct {
	Label string `json:"label"`
	Rows  int    `json:"rows"`
}

// newDescription describes rows. If levels is not 0, each column of the file has become a unit of that number of
// grey levels. Rows that have no origin are probabilities.
func newDescription(rows *dataset.Rows, levels int) *description {
	o := rows.Origin
	if o == nil {
		o = &dataset.Origin{High: 1, Divisor: 1}
	}
	s, width := rows.Summary(), max(levels, 1) // values of a row for each column
	if levels > 0 {
		s = rows.LevelSummary(levels)
	}
	d := &description{
		Files: o.Files, Format: o.Format, Rows: rows.N, Columns: rows.V / width, Missing: rows.MissingCells() / width,
		Low: o.Low, High: o.High, Divisor: o.Divisor,
		States: rows.Binary(), Mean: s.Mean, Constant: []int{}, Header: o.Names, Label: o.Label, Classes: classesOf(rows.Labels),
		Weight: o.Weight, Hints: []string{}, columns: o.Columns, real: rows.Real != nil,
	}
	if levels > 0 && o.Columns != nil {
		d.columns = nil
		for j := 0; j < rows.V; j += levels {
			d.columns = append(d.columns, o.Columns[j])
		}
	}
	for _, j := range s.Constant {
		d.Constant = append(d.Constant, d.number(j))
	}
	for _, hint := range o.Hints {
		d.Hints = append(d.Hints, hint.String()+behind(hint.String(), hintFlags(hint)))
	}
	return d
}

// number returns the number of column j in the file.
func (d *description) number(j int) int {
	if d.columns == nil {
		return j + 1
	}
	return d.columns[j]
}

// String describes the columns and values: "16 columns, values 0 to 1, mean 0.49, 1 constant (column 3)".
func (d *description) String() string {
	scaled := ""
	if d.Divisor != 1 {
		scaled = fmt.Sprintf(", divided by %v", d.Divisor)
	}
	as := "" // numbers the mean is of, where the file has others
	if d.States && d.Low < 0 {
		as = " as 0 and 1"
	}
	text := fmt.Sprintf("%s, values %v to %v%s, mean %.3g%s, %s", plural(d.Columns, "column"), float32(d.Low), float32(d.High),
		scaled, d.Mean, as, d.constants())
	if d.Missing > 0 {
		text += fmt.Sprintf(", %s (%.3g %%)", plural(d.Missing, "missing cell"),
			100*float64(d.Missing)/(float64(d.Rows)*float64(d.Columns)))
	}
	return text
}

// constants names the first of the columns that are constant.
func (d *description) constants() string {
	const named = 5 // chosen: enough to find them, in a line of a terminal
	if len(d.Constant) == 0 {
		return "no constant columns"
	}
	if len(d.Constant) == d.Columns {
		return "all columns constant"
	}
	var numbers []string
	for _, number := range d.Constant[:min(named, len(d.Constant))] {
		numbers = append(numbers, fmt.Sprint(number))
	}
	if len(d.Constant) > named {
		numbers = append(numbers, "...")
	}
	return fmt.Sprintf("%d constant (%s)", len(d.Constant), strings.Join(numbers, ", "))
}

// isTable reports whether a schema describes all columns. Rows of plain values whose label became a unit
// have a schema too, for the label alone.
func isTable(s *dataset.Schema) bool { return s != nil && s.Plain == 0 }

// plural counts things: 1 row, 2 rows.
func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// uniform returns a warning if the binarization leaves only zeros or only ones, or "".
func (d *description) uniform(rows *dataset.Rows, b dataset.Binarization) string {
	low, high := rows.Extremes()
	if b.Mode == dataset.Threshold {
		state := func(x float32) float32 {
			if float64(x) > b.Threshold {
				return 1
			}
			return 0
		}
		low, high = state(low), state(high)
	}
	if low != high || low != 0 && low != 1 {
		return ""
	}
	text := fmt.Sprintf("all training rows are the same: every unit is in state %v", low)
	if !rows.Binary() {
		text += fmt.Sprintf(" after binarization %s of values from %v to %v", b, float32(d.Low), float32(d.High))
	}
	return text
}

// classesOf counts labels, the most frequent first.
func classesOf(labels []string) []class {
	at := map[string]int{}
	var list []class
	for _, label := range labels {
		i, ok := at[label]
		if !ok {
			i = len(list)
			at[label], list = i, append(list, class{Label: label})
		}
		list[i].Rows++
	}
	slices.SortFunc(list, func(a, b class) int {
		if a.Rows != b.Rows {
			return b.Rows - a.Rows
		}
		return strings.Compare(a.Label, b.Label)
	})
	return list
}

// nameOf names the files that rows of a set are from.
func nameOf(set *dataset.Set, rows *dataset.Rows) string {
	if rows.Origin == nil {
		return set.Name
	}
	return rows.Origin.String()
}
