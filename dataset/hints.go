package dataset

import (
	"fmt"
	"slices"
	"strings"
)

// Hint says why a column, or the first line of a text, may be no data.
type Hint struct {
	Column int    // in the file, from 1; 0 for a first line that may be a header
	Name   string // in the header; may be empty
	Label  bool   // the column may be a label; else an index
	Reason string // "counts 0, 1, 2, ..."
}

func (h Hint) String() string {
	if h.Column == 0 {
		return "the first line " + h.Reason + ": a header?"
	}
	what := "an index"
	if h.Label {
		what = "a label"
	}
	return fmt.Sprintf("%s %s: %s?", columnName(h.Column, h.Name), h.Reason, what)
}

// HintError is the error of a column that is almost certainly an index.
type HintError struct {
	Hint   Hint
	Others []Hint // further columns that are almost certainly indices
}

func (e *HintError) Error() string { return e.Hint.String() }

// The names of columns that are rarely data, in lower case. pandas names a nameless first column "Unnamed: 0".
var (
	labelNames = []string{"class", "classes", "label", "labels", "target"}
	indexNames = []string{"id", "index", "unnamed: 0"}
)

// hints returns hints at columns that may be no data. A column that surely counts the rows is an error.
func (m *matrix) hints(columns []int) ([]Hint, error) {
	var list []Hint
	for _, j := range columns {
		text, sure := m.counts(j)
		if text == "" {
			list = append(list, m.nameHints([]int{j})...)
			continue
		}
		list = append(list, Hint{m.columns[j], m.name(j), false, "counts " + text})
		if sure {
			return list, &HintError{Hint: list[len(list)-1]}
		}
	}
	return list, nil
}

// nameHints returns hints at columns whose names are rarely names of data.
func (m *matrix) nameHints(columns []int) []Hint {
	if m.names == nil {
		return nil
	}
	var list []Hint
	for _, j := range columns {
		switch name := strings.ToLower(strings.TrimSpace(m.names[j])); {
		case slices.Contains(labelNames, name):
			list = append(list, Hint{m.columns[j], m.name(j), true, "has this name"})
		case name == "" && j == 0 && m.v > 1:
			list = append(list, Hint{m.columns[j], m.name(j), false, "is the first one and has no name"})
		case slices.Contains(indexNames, name):
			list = append(list, Hint{m.columns[j], m.name(j), false, "has this name"})
		}
	}
	return list
}

// Numbers of rows from which on a column that counts them is an index. Chosen: few rows count by chance, less often in
// the first column, where an index usually is.
const (
	countedFirst = 3  // if it is the first column
	countedElse  = 10 // if it is another one
)

// counts returns how a column counts its rows, "0, 1, 2, ..." or from 1, or "". If sure is false it may be chance.
func (m *matrix) counts(j int) (text string, sure bool) {
	from := m.at(0, j)
	if from != 0 && from != 1 || m.n < 2 || m.v < 2 {
		return "", false
	}
	for n := range m.n {
		if m.at(n, j) != from+float32(n) {
			return "", false
		}
	}
	switch {
	case m.n >= countedElse || m.n >= countedFirst && j == 0:
		return fmt.Sprintf("%v, %v, %v, ...", from, from+1, from+2), true
	case from == 0 && m.n == 2 && j == 0 && m.name(j) == "":
		return "0, 1", false
	}
	return "", false
}

// headerHint returns a hint at a first row that may number the columns from 0 on, in a text of at most two
// columns: the 2 of a third one is neither a state nor a probability.
func (m *matrix) headerHint() []Hint {
	if m.names != nil || m.files[0].lines == nil || m.v > 2 || m.n < 2 {
		return nil
	}
	for j := range m.v {
		if m.at(0, j) != float32(j) {
			return nil
		}
	}
	return []Hint{{Reason: map[int]string{1: "is 0", 2: "is 0, 1"}[m.v]}}
}

// spread holds the first three different values of a column.
type spread struct {
	values []float32
}

func (s *spread) add(x float32) {
	if len(s.values) < 3 && !slices.Contains(s.values, x) {
		s.values = append(s.values, x)
	}
}

// odd returns the one column that holds other values than the two that all other columns hold, and
// these two; -1 if there is no such column. Two columns have no majority, and two rows no third value.
func (m *matrix) odd() (column int, low, high float32) {
	if m.v < 3 || m.n < 3 {
		return -1, 0, 0
	}
	spreads, in := make([]spread, m.v), map[float32]int{} // in: number of columns that hold a value
	for j := range spreads {
		s := &spreads[j]
		for n := range m.n {
			if s.add(m.at(n, j)); len(s.values) == 3 {
				break
			}
		}
		for _, x := range s.values {
			in[x]++
		}
	}
	var pair []float32 // the two values that most columns hold
	for range 2 {
		best, most := float32(0), 0
		for x, n := range in {
			if n > most || n == most && x < best {
				best, most = x, n
			}
		}
		if most > 0 {
			pair = append(pair, best)
			delete(in, best)
		}
	}
	column = -1
	for j, s := range spreads {
		if !slices.ContainsFunc(s.values, func(x float32) bool { return !slices.Contains(pair, x) }) {
			continue
		}
		if column >= 0 {
			return -1, 0, 0
		}
		column = j
	}
	return column, slices.Min(pair), slices.Max(pair)
}
