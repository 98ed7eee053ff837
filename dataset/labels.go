package dataset

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// ErrNoLabels is the error of rows without labels where labels become units.
var ErrNoLabels = errors.New("no labels, want one for each row: label units need them")

// labelColumn returns the schema's column for labels that are no column of a table. Its categories are the
// different labels.
func labelColumn(labels []string) (Column, error) {
	c := Column{Name: "label", Label: true}
	err := c.ofCategories(distinctOf(labels))
	return c, err
}

// addLabels adds label units to the training and test rows of a set that is no table, if Options ask for them.
func (l *loader) addLabels(set *Set) error {
	given, how := l.opt.Schema, l.opt.Infer
	switch {
	case given != nil && given.Plain > 0:
		l.schema = given
	case l.schema == nil && how != nil && how.Label:
		c, err := labelColumn(set.Train.Labels)
		if set.Train.Labels == nil {
			err = ErrNoLabels
		}
		if err != nil {
			return fmt.Errorf("dataset: %s: %w", set.Name, err)
		}
		l.schema = &Schema{Plain: set.Train.V, Columns: []Column{c}}
	default:
		return nil
	}
	set.Schema = l.schema
	for _, rows := range []**Rows{&set.Train, &set.Test} {
		if *rows == nil {
			continue
		}
		var err error
		if *rows, err = l.addLabel(*rows); err != nil {
			return err
		}
	}
	return nil
}

// addLabel returns rows with the values of their labels behind their plain values. Rows of a table, or without a
// schema, stay as they are.
func (l *loader) addLabel(r *Rows) (*Rows, error) {
	if l.schema == nil || l.schema.Plain == 0 {
		return r, nil
	}
	if err := l.schema.checkPlain(r.V); err != nil {
		return nil, fmt.Errorf("dataset: %s: %w", r.Origin, err)
	}
	labels := r.Labels
	if labels == nil {
		if !l.opt.mayLackLabel() {
			return nil, fmt.Errorf("dataset: %s: %w", r.Origin, ErrNoLabels)
		}
		labels = make([]string, r.N)
	}
	e := newEncoder(&l.schema.Columns[0], -1, 0)
	out := tableRows{
		Rows: &Rows{N: r.N, V: l.schema.Width(), Real: l.schema.besidePlain(r.Real), Labels: r.Labels, Weights: r.Weights,
			Origin: l.labelled(r.Origin)},
		opt: l.opt, discrete: r.Bytes != nil, label: l.schema.Plain,
	}
	row := make([]float32, out.V)
	for n, label := range labels {
		r.Row(row, n)
		for j := range r.V {
			if r.IsMissing(n, j) {
				row[j] = float32(math.NaN())
			}
		}
		err := e.put(row[r.V:], label)
		if missing := row[r.V] != row[r.V]; err != nil || missing && !l.opt.Missing && !l.opt.Unlabelled {
			place := fmt.Sprintf("dataset: %s: label of row %d", r.Origin, n+1)
			return nil, &CategoryError{place, label, e.Categories, true}
		}
		out.add(row)
	}
	out.Missing = marked(out.Missing)
	return out.Rows, nil
}

// besidePlain returns Rows.Real for plain values with the given marks and the values of the label, which are states.
func (s *Schema) besidePlain(real []bool) []bool {
	if real == nil {
		return nil
	}
	return append(slices.Clone(real), make([]bool, s.Width()-s.Plain)...)
}

// checkPlain returns an error unless rows have the schema's number of plain values.
func (s *Schema) checkPlain(v int) error {
	if v != s.Plain {
		return fmt.Errorf("%d columns beside the label, want %d", v, s.Plain)
	}
	return nil
}

// labelled returns an origin with the names and numbers of the label's values.
func (l *loader) labelled(o *Origin) *Origin {
	with, s := *o, l.schema
	if o.Names != nil {
		with.Names = append(slices.Clone(o.Names), s.UnitNames()[s.Plain:]...)
	}
	if o.Columns != nil {
		with.Columns = append(slices.Clone(o.Columns), s.numbers()[s.Plain:]...)
	}
	return &with
}
