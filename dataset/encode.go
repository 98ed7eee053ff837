package dataset

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"harmonium/store"
)

// CategoryError is the error of a word that is none of the categories of its column.
type CategoryError struct {
	Place string
	Word  string
	Known []string // the categories
	Cell  bool     // it is a cell of a table or a label, which may also be empty
}

func (e *CategoryError) Error() string {
	var words []string
	for _, word := range e.Known[:min(mostNamed, len(e.Known))] {
		words = append(words, shorten(word))
	}
	if len(e.Known) > mostNamed {
		words = append(words, fmt.Sprintf("... (%d in all)", len(e.Known)))
	}
	want := "one of the categories " + strings.Join(words, ", ")
	switch {
	case len(e.Known) == 1:
		want = words[0] + " as in all training rows, or a table without this column"
	case e.Cell:
		want += ", or an empty cell, which is a missing one"
	}
	return fmt.Sprintf("%s: %s, want %s", e.Place, shorten(e.Word), want)
}

// encoder turns the cells of one column into values.
type encoder struct {
	*Column
	at      int             // column of the table; -1 if the table does not have it
	from    int             // index in a row of its first value
	width   int             // number of its values
	states  map[string]int  // state of each category
	numbers map[float64]int // state of each category's number; nil unless these are all different
	seen    map[string]int  // results of find, by cell
}

// newEncoder prepares the encoding of a column.
func newEncoder(c *Column, at, from int) *encoder {
	e := &encoder{Column: c, at: at, from: from, width: c.Width(), states: map[string]int{}, numbers: map[float64]int{},
		seen: map[string]int{}}
	for i, word := range c.Categories {
		e.states[word] = i
		if x, ok := numberOf(word); ok {
			if _, twice := e.numbers[x]; !twice {
				e.numbers[x] = i
			}
		}
	}
	if len(e.numbers) < len(c.Categories) { // words, or several for one number, such as 7 and 007
		e.numbers = nil
	}
	return e
}

var errNoCategory = errors.New("no category")

// missingState stands for a cell without a value.
const missingState = -1

// state returns the state that a cell stands for in a column of categories or bins.
func (e *encoder) state(cell string) (int, error) {
	if state, ok := e.seen[cell]; ok {
		return state, nil
	}
	state, err := e.find(cell)
	if err == nil {
		e.seen[cell] = state
	}
	return state, err
}

// find is state without seen.
func (e *encoder) find(cell string) (int, error) {
	if state, ok := e.states[cell]; ok {
		return state, nil
	}
	if store.IsMissing(cell) {
		return missingState, nil
	}
	x, isNumber := numberOf(cell)
	switch {
	case e.binned() && isNumber:
		return e.bin(x), nil
	case e.binned():
		return 0, errNoCategory
	}
	if state, ok := e.numbers[x]; ok && isNumber {
		return state, nil
	}
	for i, word := range e.Categories {
		if strings.EqualFold(word, cell) && len(e.Categories) <= 2 { // such as TRUE for True
			return i, nil
		}
	}
	return 0, errNoCategory
}

// put writes the values of a cell to a row: NaN for a missing one.
func (e *encoder) put(row []float32, cell string) error {
	values := row[e.from : e.from+e.width]
	if e.Kind == gaussianColumn {
		x, ok := numberOf(cell)
		switch {
		case store.IsMissing(cell):
			x = math.NaN()
		case !ok:
			return errNoCategory
		}
		values[0] = float32((x - e.Mean) / e.Deviation)
		return nil
	}
	state, err := e.state(cell)
	switch {
	case err != nil:
		return err
	case state == missingState:
		for i := range values {
			values[i] = float32(math.NaN())
		}
	case e.Kind == bernoulliColumn:
		values[0] = float32(state)
	case e.Kind == categoricalColumn:
		clear(values)
		values[state] = 1
	}
	return nil
}

// encode calls yield with the number and the values (V) of each row of a table, in one reused slice, with NaN for
// missing cells. at are the columns that locate has found. labels are the cells of a label that is no column of
// the table, or nil if they are missing.
func (s *Schema) encode(m *matrix, at []int, labels []string, yield func(n int, row []float32)) error {
	var encoders []*encoder
	var cells [][]string
	row := make([]float32, s.Width())
	from := 0 // a table has no plain values
	for k, i := range s.order() {
		e := newEncoder(&s.Columns[i], at[k], from)
		from += e.width
		column := make([]string, m.n)
		if e.at >= 0 {
			column = m.cellsOf(e.at)
		} else if e.Label && labels != nil {
			column = labels
		}
		encoders, cells = append(encoders, e), append(cells, column)
	}
	for n := range m.n {
		for i, e := range encoders {
			if err := e.put(row, cells[i][n]); err != nil {
				return e.fault(m.cellPlace(n, e.at), cells[i][n])
			}
		}
		yield(n, row)
	}
	return nil
}

// fault returns the error of a cell with errNoCategory.
func (e *encoder) fault(place, cell string) error {
	if e.holdsNumbers() {
		return &TextError{Place: place, Column: e.Number, Name: e.Name, Word: cell}
	}
	return &CategoryError{place, cell, e.Categories, true}
}

// locate returns the column of a table for each column of the schema, in the order of their units. It finds them
// by name where the table has a header; else by position if the table has as many columns as the schema, and by
// number if not. Columns that the table does not have are -1 if partial is set or they are constant, and so is
// the label if labelOptional is set; others are an error.
func (s *Schema) locate(m *matrix, labelOptional, partial bool) ([]int, error) {
	var list []int
	found := false
	for _, i := range s.order() {
		j, err := s.find(m, i)
		optional := partial || s.Columns[i].Label && labelOptional || s.Columns[i].Kind == constantColumn
		if missing := (*ColumnError)(nil); optional && errors.As(err, &missing) {
			j, err = -1, nil
		}
		if err != nil {
			return nil, err
		}
		list, found = append(list, j), found || j >= 0
	}
	if !found {
		return nil, fmt.Errorf("no column of the table, which has %s", s.titles())
	}
	return list, nil
}

// titles names the first columns of the schema, for an error.
func (s *Schema) titles() string {
	var list []string
	for i := range s.Columns[:min(mostNamed, len(s.Columns))] {
		list = append(list, shorten(s.Columns[i].Title()))
	}
	if len(list) < len(s.Columns) {
		list = append(list, "...")
	}
	return strings.Join(list, ", ")
}

// find returns the table's column for column i of the schema.
func (s *Schema) find(m *matrix, i int) (int, error) {
	c := &s.Columns[i]
	if m.names != nil && c.Name != "" {
		j, err := m.named(c.Name)
		if j < 0 && err == nil {
			err = &ColumnError{c.Name, m.names, m.v, true}
		}
		return j, err
	}
	number := c.Number
	if m.v == len(s.Columns) {
		number = i + 1
	}
	if number < 1 || number > m.v {
		return -1, &ColumnError{c.Title(), m.names, m.v, true}
	}
	return number - 1, nil
}
