package dataset

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"harmonium/memory"
	"harmonium/store"
)

// noTable reports whether the options say that rows are no table.
func (l *loader) noTable() bool {
	if s := l.opt.Schema; s != nil {
		return s.Plain > 0
	}
	return l.opt.Infer == nil
}

// needsSchema reports whether an error shows a table that only a schema can read: one with words, or with
// columns that differ in range.
func needsSchema(err error) bool {
	if text := (*TextError)(nil); errors.As(err, &text) {
		return !text.Decimal // a decimal comma is a mistake
	}
	values := (*RangeError)(nil)
	return errors.As(err, &values) && values.Differ && !values.FirstRow && !values.Ratings
}

// namesBits reports whether rows have labels that become units and named columns of 0 and 1, which rows of a table
// keep when they are written.
func (l *loader) namesBits(r *Rows) bool {
	return r != nil && l.opt.Infer.Label && r.Origin.Names != nil && r.Labels != nil && r.Binary()
}

// rereadable reports whether the sources of a spec can be read twice: pipes only if Options.Piped keeps their content.
func (l *loader) rereadable(spec string) bool {
	sources, err := sourcesOf(spec)
	return err == nil && !slices.ContainsFunc(sources, func(s source) bool {
		if s.path == penguins || s.path == store.StandardInput && l.opt.Piped != nil {
			return false
		}
		info, err := os.Stat(s.path)
		return err != nil || !info.Mode().IsRegular() && (info.Mode()&fs.ModeNamedPipe == 0 || l.opt.Piped == nil)
	})
}

// differ reports whether the columns of a text differ in range: at most half of the columns that are not
// constant have at least half the range of all numbers together.
func (m *matrix) differ() bool {
	if m.files[0].lines == nil || m.floats == nil || m.v < 2 {
		return false
	}
	low, high := slices.Clone(m.floats[:m.v]), slices.Clone(m.floats[:m.v])
	for i, x := range m.floats {
		low[i%m.v], high[i%m.v] = min(low[i%m.v], x), max(high[i%m.v], x)
	}
	span := float64(slices.Max(high)) - float64(slices.Min(low))
	columns, wide := 0, 0
	for j := range low {
		width := float64(high[j]) - float64(low[j])
		if width > 0 {
			columns++
		}
		if 2*width >= span {
			wide++
		}
	}
	return columns > 1 && 2*wide <= columns
}

// takeHeader takes the first line of a text for its header if it names a column of the schema and holds no
// number. The reader of texts cannot tell a header from a row where all cells are words.
func (m *matrix) takeHeader(s *Schema, header string) {
	if m.names != nil || header != store.HeaderAuto || m.files[0].lines == nil || m.n < 2 {
		return
	}
	var names []string
	named := false
	for j := range m.v {
		name := m.cellsOf(j)[0]
		if _, number := numberOf(name); number {
			return
		}
		names = append(names, name)
		named = named || slices.ContainsFunc(s.Columns, func(c Column) bool { return c.Name != "" && c.Name == name })
	}
	if named {
		m.keepRows(allOf(m.n)[1:])
		m.names, m.emptyEnd = names, false
	}
}

// table makes rows of a matrix that is a table. Without a schema it makes one of the training rows.
func (l *loader) table(m *matrix, o *Origin) (*Rows, error) {
	first := l.origin == nil
	if l.schema != nil {
		m.takeHeader(l.schema, l.opt.Header)
		if err := m.fitSchema(l.schema); err != nil {
			return nil, err
		}
	}
	taken, err := l.choose(m, o)
	if err != nil {
		return nil, err
	}
	if first && l.schema == nil {
		if err := m.checkHeader(l.opt.Header); err != nil {
			return nil, err
		}
	}
	if err := m.where(l.opt.Columns.Where, taken); err != nil {
		return nil, err
	}
	if l.schema == nil {
		if !taken.named {
			o.Hints = m.nameHints(taken.columns)
		}
		if l.schema, err = m.infer(taken, *l.opt.Infer); err != nil {
			return nil, err
		}
	}
	l.origin = cmp.Or(l.origin, o)
	o.Names, o.Columns, o.High, o.Divisor = l.schema.UnitNames(), l.schema.numbers(), 1, 1
	rows, err := l.schema.rows(m, taken.labels, l.opt)
	if err != nil {
		return nil, err
	}
	rows.Weights, rows.Origin = taken.weights, o
	if rows.Labels == nil {
		rows.Labels = taken.labels
	}
	return rows, nil
}

// checkHeader returns an error if the first line of a text of words may name its columns: each of its
// cells is a word that does not occur again in its column.
func (m *matrix) checkHeader(header string) error {
	if m.names != nil || header != store.HeaderAuto || m.files[0].lines == nil || m.n < 2 {
		return nil
	}
	var cells []string
	for j := range m.v {
		column := m.cellsOf(j)
		_, number := numberOf(column[0])
		if number || store.IsMissing(column[0]) || slices.Contains(column[1:], column[0]) {
			return nil
		}
		cells = append(cells, column[0])
	}
	return &store.HeaderError{Line: m.files[0].lines[0], Found: shorten(strings.Join(cells, ","))}
}

// rows returns the rows of a table. labels are the cells of a label that is no column of the table. Missing cells
// are marked if opt.Missing is set, and else an error, but a missing label becomes the first class if opt.Unlabelled
// is set.
func (s *Schema) rows(m *matrix, labels []string, opt Options) (*Rows, error) {
	label, labelFrom := s.Label()
	elsewhere := label != nil && label.Number == 0 && labels != nil // the label is no column
	at, err := s.locate(m, opt.mayLackLabel() || elsewhere, false)
	if err != nil {
		return nil, err
	}
	r := &Rows{N: m.n, V: s.Width(), Real: s.realValues(), Labels: s.labels(m, at)}
	size := float64(s.valueSize() + 1) // with the mark in Missing
	if err := memory.Check("the rows of "+strconv.Itoa(r.V)+" units", size*float64(r.N)*float64(r.V)); err != nil {
		return nil, err
	}
	t := tableRows{Rows: r, opt: opt, discrete: s.valueSize() == 1, begins: s.begins(), label: -1}
	if label != nil {
		t.label = labelFrom
	}
	err = s.encode(m, at, labels, func(n int, row []float32) {
		if k := t.add(row); k >= 0 {
			t.place = m.cellPlace(n, at[k])
		}
	})
	switch {
	case err != nil:
		return nil, err
	case t.empty > 0:
		return nil, fmt.Errorf("%s: all cells are missing, want a known one", m.rowPlace(t.empty-1))
	case t.cells > 0 && !opt.Missing:
		return nil, &MissingError{t.place, t.cells}
	}
	r.Missing = marked(r.Missing)
	return r, nil
}

// realValues returns Rows.Real for rows of the table.
func (s *Schema) realValues() []bool {
	real, any := make([]bool, s.Width()), false
	order := s.order()
	for k, from := range s.begins() {
		if c := &s.Columns[order[k]]; from >= 0 && c.Real() {
			real[from], any = true, true
		}
	}
	if !any {
		return nil
	}
	return real
}

// labels returns the cells of the label, empty where they are missing; nil if the table does not have them.
// at are the columns that locate has found.
func (s *Schema) labels(m *matrix, at []int) []string {
	j := at[len(at)-1]
	if label, _ := s.Label(); label == nil || j < 0 {
		return nil
	}
	cells := slices.Clone(m.cellsOf(j))
	for n, cell := range cells {
		if store.IsMissing(cell) {
			cells[n] = ""
		}
	}
	return cells
}

// tableRows are rows that are being made.
type tableRows struct {
	*Rows
	opt      Options
	discrete bool   // values go to Bytes, else to Floats
	begins   []int  // see Schema.begins; nil if missing cells need not be counted
	label    int    // index in a row of the label's first value; -1 without a label
	cells    int    // number of missing cells
	place    string // place of the first missing cell
	empty    int    // first row without a known cell, from 1; 0 if there is none
}

// add adds a row. If it holds the first missing cell of all rows, add returns the index in begins of this cell's
// column, else -1.
func (t *tableRows) add(row []float32) int {
	if t.opt.Unlabelled && t.label >= 0 && row[t.label] != row[t.label] {
		clear(row[t.label:])
		row[t.label] = 1
	}
	column, known := -1, false
	for k, i := range t.begins {
		switch {
		case i < 0:
		case row[i] == row[i]:
			known = true
		default:
			if t.cells++; t.cells == 1 {
				column = k
			}
		}
	}
	if n := len(t.Missing) / t.V; !known && t.empty == 0 {
		t.empty = n + 1
	}
	for _, x := range row {
		mark := uint8(0)
		if x != x {
			x, mark = 0, missingCell
		}
		t.Missing = append(t.Missing, mark)
		if t.discrete {
			t.Bytes = append(t.Bytes, uint8(greyMax*x+0.5)) // rounded: x may be b/255, of a byte b
		} else {
			t.Floats = append(t.Floats, x)
		}
	}
	return column
}

// begins returns the index in a row of the first value of each column, in the order of the units; -1 for a
// constant column.
func (s *Schema) begins() []int {
	var list []int
	from := 0 // a table has no plain values
	for _, i := range s.order() {
		c := &s.Columns[i]
		if c.Width() == 0 {
			list = append(list, -1)
			continue
		}
		list = append(list, from)
		from += c.Width()
	}
	return list
}

// valueSize returns the bytes of a value in rows: 1 if all columns are discrete, else 4.
func (s *Schema) valueSize() int {
	if slices.ContainsFunc(s.Columns, func(c Column) bool { return c.Kind == gaussianColumn }) {
		return 4
	}
	return 1
}
