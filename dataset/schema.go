package dataset

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Schema says what the columns of a table stand for: words, integers or numbers, each column as a group
// of visible units. Options.Infer makes one of a table, ParseSchema reads one that Text has written or a person
// has edited.
type Schema struct {
	// Plain is the number of values in a row before the columns, in rows that are no table, such
	// as pictures, and have a label as their only column. It is 0 for a table.
	Plain   int
	Columns []Column // in the order of the table
}

// Column is a column of a table. Its cells stand for units in one of these ways:
//
//	bernoulli    one unit: 0 for the first of two categories, 1 for the second
//	categorical  one unit of Q states, as Q values, one of them 1: a state for each of Q categories or
//	             of Q bins of numbers
//	gaussian     one unit of real values: (number - Mean)/Deviation
//	constant     no unit: all cells are the only category
//
// The label comes last among the units, the other columns are in the order of the table.
type Column struct {
	Name       string   // in the header; empty without
	Number     int      // in the file, from 1; 0 for a label that is no column
	Kind       string   // one of the above
	Categories []string // the words of the table

	// Edges are the Q-1 rising limits between the Q bins of numbers: an edge belongs to the bin above it.
	// Means are the means of the numbers in each bin, which stand for its cells when rows are written.
	Edges, Means []float64

	Mean, Deviation float64 // of the numbers
	Decimals        int     // digits behind the point of numbers that are written; -1 for six significant digits

	Label bool // the column is the class of a row
}

// The kinds of columns.
const (
	bernoulliColumn   = "bernoulli"
	categoricalColumn = "categorical"
	gaussianColumn    = "gaussian"
	constantColumn    = "constant"
)

var columnKinds = []string{bernoulliColumn, categoricalColumn, gaussianColumn, constantColumn}

// maxTableColumns is the largest number of columns of a table. Each of them takes kilobytes while rows are
// read, and a sparse table can have millions of columns in a line of text. Chosen.
const maxTableColumns = 50_000

// checkCount returns an error for too many columns.
func checkCount(columns int) error {
	if columns > maxTableColumns {
		return fmt.Errorf("%d columns as a table of words and numbers, want at most %d", columns, maxTableColumns)
	}
	return nil
}

// MaxCategories is the largest number of categories or bins of a column, and of Options.Levels. Chosen: each one is a
// visible unit's state with weights of its own.
const MaxCategories = 1024

// Width returns the number of values that a cell becomes in a row.
func (c *Column) Width() int {
	switch {
	case c.Kind == constantColumn:
		return 0
	case c.Kind != categoricalColumn:
		return 1
	case c.binned():
		return len(c.Means)
	}
	return len(c.Categories)
}

// binned reports whether the categories are bins of numbers.
func (c *Column) binned() bool { return len(c.Means) > 0 }

// holdsNumbers reports whether the cells are numbers, standardised or in bins.
func (c *Column) holdsNumbers() bool { return c.Kind == gaussianColumn || c.binned() }

// String names the column as an error does.
func (c *Column) String() string { return columnName(c.Number, c.Name) }

// Title is the column's name or, without one, its number.
func (c *Column) Title() string {
	if c.Name != "" {
		return c.Name
	}
	return fmt.Sprintf("column %d", c.Number)
}

// Describe says what the cells are: `categorical, 3 categories: Adelie, Chinstrap, Gentoo`.
func (c *Column) Describe() string {
	list := c.Categories[:min(mostNamed, len(c.Categories))]
	words := strings.Join(list, ", ")
	if len(list) < len(c.Categories) {
		words += ", ..."
	}
	switch {
	case c.Kind == gaussianColumn:
		return fmt.Sprintf("%s, mean %s, standard deviation %.4g", c.Kind, c.number(c.Mean), c.Deviation)
	case c.binned():
		return fmt.Sprintf("%s, %d bins of numbers, means %s to %s", c.Kind, len(c.Means), c.number(c.Means[0]),
			c.number(c.Means[len(c.Means)-1]))
	case c.Kind == constantColumn:
		return "constant, no unit: " + words
	case c.Kind == bernoulliColumn:
		return fmt.Sprintf("%s: %s", c.Kind, strings.Join(list, " or "))
	}
	return fmt.Sprintf("%s, %d categories: %s", c.Kind, len(c.Categories), words)
}

// order returns the indices of the columns in the order of their units: the label last.
func (s *Schema) order() []int {
	var list, last []int
	for i, c := range s.Columns {
		if c.Label {
			last = append(last, i)
		} else {
			list = append(list, i)
		}
	}
	return append(list, last...)
}

// Width returns V, the number of values in a row.
func (s *Schema) Width() int {
	v := s.Plain
	for i := range s.Columns {
		v += s.Columns[i].Width()
	}
	return v
}

// From returns the index in a row of the first value of column i.
func (s *Schema) From(i int) int {
	from := s.Plain
	for _, k := range s.order() {
		if k == i {
			break
		}
		from += s.Columns[k].Width()
	}
	return from
}

// Label returns the column that is the class of a row, and the index of its first value in a row; nil
// if there is none.
func (s *Schema) Label() (column *Column, from int) {
	i := slices.IndexFunc(s.Columns, func(c Column) bool { return c.Label })
	if i < 0 {
		return nil, 0
	}
	column = &s.Columns[i]
	return column, s.Width() - column.Width()
}

// Units returns the groups of visible units in the order of a row's values:
// "categorical/3:1,bernoulli:2,gaussian:4". Plain values are units of the given kind.
func (s *Schema) Units(plain string) string {
	var groups []string
	var kinds []string
	var counts []int
	if s.Plain > 0 {
		kinds, counts = append(kinds, plain), append(counts, s.Plain)
	}
	for _, i := range s.order() {
		c := &s.Columns[i]
		kind := c.Kind
		switch {
		case c.Width() == 0:
			continue
		case kind == categoricalColumn:
			kind += "/" + strconv.Itoa(c.Width())
		}
		if n := len(kinds); n > 0 && kinds[n-1] == kind {
			counts[n-1]++
			continue
		}
		kinds, counts = append(kinds, kind), append(counts, 1)
	}
	for i, kind := range kinds {
		groups = append(groups, fmt.Sprintf("%s:%d", kind, counts[i]))
	}
	return strings.Join(groups, ",")
}

// UnitNames returns a name for each value of a row (V): the number, from 1, of a plain value; COLUMN=CATEGORY or
// COLUMN=MEAN for a state of a category or bin; COLUMN=WORD for a Bernoulli unit whose state 1 stands for a word
// other than "1"; and COLUMN for others.
func (s *Schema) UnitNames() []string {
	var names []string
	for i := range s.Plain {
		names = append(names, strconv.Itoa(i+1))
	}
	for _, i := range s.order() {
		c := &s.Columns[i]
		switch {
		case c.binned():
			for _, mean := range c.Means {
				names = append(names, c.Title()+"="+c.number(mean))
			}
		case c.Kind == categoricalColumn:
			for _, word := range c.Categories {
				names = append(names, c.Title()+"="+word)
			}
		case c.Kind == bernoulliColumn && c.Categories[1] != "1":
			names = append(names, c.Title()+"="+c.Categories[1])
		case c.Width() > 0:
			names = append(names, c.Title())
		}
	}
	return names
}

// numbers returns the number of each value's column in the file (V).
func (s *Schema) numbers() []int {
	list := make([]int, s.Plain)
	for _, i := range s.order() {
		c := &s.Columns[i]
		list = append(list, slices.Repeat([]int{c.Number}, c.Width())...)
	}
	return list
}

// ColumnOf returns the column that value i of a row is from; nil for a plain value.
func (s *Schema) ColumnOf(i int) *Column {
	i -= s.Plain
	for _, k := range s.order() {
		width := s.Columns[k].Width()
		if i >= 0 && i < width {
			return &s.Columns[k]
		}
		i -= width
	}
	return nil
}

// States returns the states of the categories in a list, with commas between them; all states for "all",
// unless that is a category.
func (c *Column) States(list string) ([]int, error) {
	e := newEncoder(c, -1, 0)
	state, err := e.find(list)
	switch {
	case err == nil && state >= 0: // one category, which may have commas
		return []int{state}, nil
	case err != nil && list == "all":
		return allOf(len(c.Categories)), nil
	}
	var states []int
	for word := range strings.SplitSeq(list, ",") {
		state, err := e.find(word)
		if err != nil || state < 0 {
			return nil, &CategoryError{"a class", word, c.Categories, false}
		}
		states = append(states, state)
	}
	return states, nil
}

// State returns the state of a category, or of the bin of a number, and -1 for other words.
func (c *Column) State(word string) int {
	state, err := newEncoder(c, -1, 0).find(word)
	if err != nil {
		return -1
	}
	return state
}

// Real reports whether the cells are real numbers.
func (c *Column) Real() bool { return c.Kind == gaussianColumn }

// Constant reports whether all cells are the same.
func (c *Column) Constant() bool { return c.Kind == constantColumn }
