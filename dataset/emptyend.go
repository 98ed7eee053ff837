package dataset

import (
	"fmt"
	"math"
)

// The reader of texts leaves out a last cell that is empty in every row of a text without a header: it may come from a
// separator too many, or be a last column without a known cell, such as one to be predicted. Where the number of columns
// is known, it decides.

// addEnd puts the last column back.
func (m *matrix) addEnd() {
	m.toFloats()
	floats := make([]float32, 0, m.n*(m.v+1))
	for n := range m.n {
		floats = append(append(floats, m.floats[n*m.v:(n+1)*m.v]...), float32(math.NaN()))
	}
	m.v++
	m.floats, m.columns, m.emptyEnd = floats, append(m.columns, m.v), false
	m.picture = squareOf(m.v)
}

// chooseWidth is choose for a part that should have width columns of data, or any number of them for 0. It puts the last
// column back if the part has one too few, or lacks a column that c names: that may be the last one.
func (m *matrix) chooseWidth(width int, c Columns, lax bool) (*choice, error) {
	taken, err := m.choose(c, lax)
	if !m.emptyEnd || width == 0 || err == nil && len(taken.columns) != width-1 {
		return taken, err
	}
	m.addEnd()
	return m.choose(c, lax)
}

// fitSchema puts the last column back if a table without a header then has as many columns as the schema, or
// reaches to the last one that the schema names by its number. It is an error if both numbers of columns fit.
func (m *matrix) fitSchema(s *Schema) error {
	if !m.emptyEnd {
		return nil
	}
	last := 0
	for i := range s.Columns {
		last = max(last, s.Columns[i].Number)
	}
	fits := m.v+1 == len(s.Columns) || m.v+1 == last
	if fits && m.v == len(s.Columns) {
		return fmt.Errorf("each row ends with an empty cell: %d columns, or %d? A header would tell", m.v, m.v+1)
	}
	if fits {
		m.addEnd()
	}
	return nil
}
