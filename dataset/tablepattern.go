package dataset

import (
	"fmt"
	"slices"

	"harmonium/store"
)

// pattern returns the pattern of a table.
func (s *Schema) pattern(m *matrix, opt Options) (*Pattern, error) {
	m.takeHeader(s, opt.Header)
	if err := m.fitSchema(s); err != nil {
		return nil, err
	}
	taken, err := m.choose(opt.Columns, true)
	if err != nil {
		return nil, err
	}
	if err := m.where(opt.Columns.Where, taken); err != nil {
		return nil, err
	}
	at, err := s.locate(m, true, opt.Partial)
	if err != nil {
		return nil, err
	}
	p := &Pattern{N: m.n, V: s.Width(), Labels: taken.labels, Cells: s.cells(m, at)}
	err = s.encode(m, at, nil, func(_ int, row []float32) { p.Values = append(p.Values, row...) })
	return p, err
}

// cells returns Pattern.Cells for a table. at are the columns that locate has found.
func (s *Schema) cells(m *matrix, at []int) [][]string {
	rows := make([][]string, m.n)
	for n := range rows {
		rows[n] = make([]string, len(s.Columns))
	}
	for k, i := range s.order() {
		if at[k] < 0 {
			continue
		}
		categories := s.Columns[i].Categories
		for n, cell := range m.cellsOf(at[k]) {
			if !store.IsMissing(cell) || slices.Contains(categories, cell) {
				rows[n][i] = cell
			}
		}
	}
	return rows
}

// labelPattern adds the values of the labels to rows of plain values: missing ones for rows without labels.
func (s *Schema) labelPattern(p *Pattern) error {
	e := newEncoder(&s.Columns[0], -1, 0)
	var values []float32
	value := make([]float32, e.width)
	for n := range p.N {
		label := ""
		if p.Labels != nil {
			label = p.Labels[n]
		}
		if err := e.put(value, label); err != nil {
			return e.fault(fmt.Sprintf("label of row %d", n+1), label)
		}
		values = append(append(values, p.Values[n*p.V:(n+1)*p.V]...), value...)
	}
	p.Values, p.V = values, s.Width()
	if p.Names != nil {
		p.Names = append(slices.Clone(p.Names), s.UnitNames()[s.Plain:]...)
	}
	return nil
}
