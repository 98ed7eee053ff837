package dataset

import (
	"errors"
	"fmt"
	"slices"

	"harmonium/memory"
	"harmonium/store"
)

// loader reads the parts of one set.
type loader struct {
	opt    Options
	origin *Origin // of the training rows; nil until they are read
	train  levels  // of the training rows
	loaded []loaded
	reason string // why training rows that were to stay in their file are in memory; empty without

	schema *Schema // of all parts; nil for rows that are no table
	cells  bool    // parts are read as tables, with the cells of texts as they are written
}

// loaded is a source and the part of the set that holds its rows.
type loaded struct {
	source
	part string
}

// file opens the rows of a part that are in files, and returns their width and height as pictures. Training rows
// come first.
func (l *loader) file(spec, part string) (*Rows, [2]int, error) {
	if part != trainingRows {
		return l.read(spec, part)
	}
	if l.opt.BlockRows == 0 {
		return l.readTraining(spec)
	}
	rows, picture, err := l.openStored(spec)
	if rows != nil || err != nil {
		return rows, picture, err
	}
	rows, picture, err = l.readTraining(spec)
	if l.reason != "" && errors.As(err, new(*memory.Error)) {
		err = fmt.Errorf("%w; %s", err, l.reason)
	}
	return rows, picture, err
}

// readTraining reads the training rows into memory. Rows that may be a table are read as numbers first, and again
// as a table if they need that.
func (l *loader) readTraining(spec string) (*Rows, [2]int, error) {
	if l.noTable() {
		return l.read(spec, trainingRows)
	}
	if l.opt.Schema == nil && !l.opt.Infer.Always {
		rows, picture, err := l.read(spec, trainingRows)
		if !needsSchema(err) && !l.namesBits(rows) || !l.rereadable(spec) {
			return rows, picture, err
		}
		l.origin, l.train, l.loaded = nil, levels{}, nil
	}
	l.schema, l.cells = l.opt.Schema, true
	return l.read(spec, trainingRows)
}

// read reads the rows of a part into memory, as a table if l.cells is set.
func (l *loader) read(spec, part string) (*Rows, [2]int, error) {
	m, err := l.matrix(spec, part)
	if err != nil {
		return nil, [2]int{}, err
	}
	o := &Origin{Format: m.files[0].format}
	for _, f := range m.files {
		o.Files = append(o.Files, f.name)
	}
	var rows *Rows
	if l.cells {
		m.picture = [2]int{}
		rows, err = l.table(m, o)
	} else {
		rows, err = l.rows(m, o)
	}
	if err != nil {
		return nil, [2]int{}, fmt.Errorf("dataset: %s: %w", o, err)
	}
	return rows, m.picture, nil
}

// matrix reads the tables of all files of a spec.
func (l *loader) matrix(spec, part string) (*matrix, error) {
	sources, err := sourcesOf(spec)
	if err != nil {
		return nil, err
	}
	key := ""
	if part == trainingRows {
		key = l.opt.Key
	}
	var all *matrix
	for _, s := range sources {
		isInput := func(other loaded) bool { return other.path == store.StandardInput }
		if s.path == store.StandardInput && slices.ContainsFunc(l.loaded, isInput) {
			return nil, fmt.Errorf("dataset: %s: standard input is read once, want a file for the %s", s, part)
		}
		t, err := s.decode(store.Options{Key: key, Header: l.opt.Header, Cells: l.cells, Piped: l.opt.Piped})
		if err != nil {
			return nil, fmt.Errorf("dataset: %w", err)
		}
		for _, other := range l.loaded {
			if other.part != part && other.same(s) {
				return nil, fmt.Errorf("dataset: %s: both %s and %s, want different ones: other files or arrays, or a fraction",
					s, other.part, part)
			}
		}
		l.loaded = append(l.loaded, loaded{s, part})
		m, err := newMatrix(t, s.String())
		if err != nil {
			return nil, fmt.Errorf("dataset: %s: %w", s, err)
		}
		if all == nil {
			all = m
		} else if err := all.append(m); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// rows makes rows of a matrix that is no table: of the chosen rows and columns, with labels and weights, and with
// the values that the numbers stand for.
func (l *loader) rows(m *matrix, o *Origin) (*Rows, error) {
	first := l.origin == nil
	taken, err := l.choose(m, o)
	if err != nil {
		return nil, err
	}
	if first && l.opt.Header == store.HeaderAuto {
		o.Hints = m.headerHint()
	}
	if first && !taken.named {
		hints, err := m.hints(taken.columns)
		if err != nil {
			return nil, err
		}
		o.Hints = append(o.Hints, hints...)
	}
	if err := m.where(l.opt.Columns.Where, taken); err != nil {
		return nil, err
	}
	m.keepColumns(taken.columns)
	if !first {
		if err := l.sameColumns(m); err != nil {
			return nil, err
		}
	}
	o.Names, o.Columns = m.names, m.columns
	if err := m.finite(); err != nil {
		return nil, err
	}
	missing, err := m.takeMissing(l.opt.Missing)
	if err != nil {
		return nil, err
	}
	found, err := l.levels(m, first)
	if err != nil {
		return nil, err
	}
	o.Low, o.High, o.Divisor = found.low, found.high, found.divisor
	if first {
		l.train, l.origin = found, o
		o.addHint(found.odd)
	}
	rows, err := m.toRows(found, l.opt.Worth)
	if err != nil {
		return nil, err
	}
	rows.Labels, rows.Weights, rows.Missing, rows.Origin = taken.labels, taken.weights, missing, o
	rows.forget()
	return rows, nil
}

// choose is matrix.choose with labels from a source of their own, for the training rows alone. It names the labels
// and weights in the origin.
func (l *loader) choose(m *matrix, o *Origin) (*choice, error) {
	columns, first := l.opt.Columns, l.origin == nil
	var labels []string
	if from, ok := l.elsewhere(m); ok {
		columns.Label = ""
		if first && !l.opt.Lax {
			var err error
			if labels, err = labelsFrom(from, l.opt.Header, m.n); err != nil {
				return nil, err
			}
		}
	}
	taken, err := m.chooseWidth(l.width(), columns, !first || l.opt.Lax)
	if err != nil {
		return nil, err
	}
	if err := taken.checkWeights(); err != nil {
		return nil, err
	}
	o.Label, o.Weight = taken.label, taken.weight
	if labels != nil {
		taken.labels, o.Label = labels, l.opt.Columns.Label
	}
	return taken, nil
}

// width returns the number of columns of data that a part should have, or 0 if that is not known, as in a table.
func (l *loader) width() int {
	switch {
	case l.cells:
		return 0
	case l.origin == nil:
		return l.opt.Width
	}
	return len(l.origin.Columns)
}

// levels returns what the numbers of a matrix stand for.
func (l *loader) levels(m *matrix, first bool) (levels, error) {
	if first {
		return m.levels(l.opt.Scale, l.opt.Worth)
	}
	return m.follow(l.train, l.origin.String(), l.opt.Scale, l.opt.Worth)
}

// sameColumns returns an error unless a test or validation part has the columns of the training rows.
func (l *loader) sameColumns(m *matrix) error {
	if want := len(l.origin.Columns); m.v != want {
		return fmt.Errorf("%d columns, want %d as in %s", m.v, want, l.origin)
	}
	if m.names == nil || l.origin.Names == nil {
		return nil
	}
	for j, name := range m.names {
		if want := l.origin.Names[j]; name != want {
			return fmt.Errorf("%s, want %s as in %s", m.column(j), shorten(want), l.origin)
		}
	}
	return nil
}

// elsewhere returns the source of the labels if Columns.Label names no columns of the matrix, but a file.
func (l *loader) elsewhere(m *matrix) (from source, ok bool) {
	label := l.opt.Columns.Label
	missing := (*ColumnError)(nil)
	if _, err := m.optional(label); !errors.As(err, &missing) {
		return source{}, false
	}
	sources, err := sourcesOf(label)
	if err != nil || len(sources) != 1 || !exists(sources[0].path) {
		return source{}, false
	}
	return sources[0], true
}

// labelsFrom reads the labels of n rows from a source of their own: one element a row, or a one-hot row.
func labelsFrom(from source, header string, n int) ([]string, error) {
	t, err := from.decode(store.Options{Header: header})
	if err != nil {
		return nil, fmt.Errorf("labels of %w", err)
	}
	if len(t.Shape) == 1 {
		t.Shape = append(slices.Clone(t.Shape), 1)
	}
	m, err := newMatrix(t, from.String())
	if err != nil {
		return nil, fmt.Errorf("labels of %s: %w", from, err)
	}
	if m.n != n {
		return nil, fmt.Errorf("%d labels in %s, want one for each of %d rows", m.n, from, n)
	}
	labels, err := m.labels(allOf(m.v))
	if err != nil {
		return nil, fmt.Errorf("labels of %s: %w", from, err)
	}
	return labels, nil
}

// allOf returns 0, 1, …, n-1.
func allOf(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}
