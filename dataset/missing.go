package dataset

import (
	"errors"
	"fmt"
	"slices"
)

// missingCell marks a missing cell in Rows.Missing.
const missingCell = 255

// MissingCells returns the number of missing cells.
func (r *Rows) MissingCells() int {
	cells := 0
	for _, m := range r.Missing {
		if m != 0 {
			cells++
		}
	}
	return cells
}

// IsMissing reports whether the cell in column j of row n is missing.
func (r *Rows) IsMissing(n, j int) bool { return r.Missing != nil && r.Missing[n*r.V+j] != 0 }

// Unmarked returns the rows without their marks if no cell is missing, else the rows as they are.
func (r *Rows) Unmarked() *Rows {
	if r == nil || r.Missing == nil || r.MissingCells() > 0 {
		return r
	}
	whole := *r
	whole.Missing = nil
	return &whole
}

// checkMissing returns an error unless there is a mark for each cell, each is 0 or 255, and each row has a
// known cell.
func (r *Rows) checkMissing() error {
	if r.Missing == nil {
		return nil
	}
	if len(r.Missing) != r.N*r.V {
		return fmt.Errorf("dataset: %d marks of missing cells, want %d for %d rows of %d columns", len(r.Missing), r.N*r.V, r.N, r.V)
	}
	for n := range r.N {
		known := false
		for j, m := range r.Missing[n*r.V : (n+1)*r.V] {
			if m != 0 && m != missingCell {
				return fmt.Errorf("dataset: row %d, column %d: mark %d of a missing cell, want 0 or %d", n+1, j+1, m, missingCell)
			}
			known = known || m == 0
		}
		if !known {
			return fmt.Errorf("dataset: row %d: all cells are missing, want a known one", n+1)
		}
	}
	return nil
}

// checkColumns returns an error unless each column has a known cell.
func (r *Rows) checkColumns() error {
	if r.Missing == nil {
		return nil
	}
	for j, k := range r.knownCells() {
		if k == 0 {
			column := fmt.Sprintf("column %d", j+1)
			if o := r.Origin; o != nil && len(o.Columns) == r.V {
				name := ""
				if o.Names != nil {
					name = o.Names[j]
				}
				column = columnName(o.Columns[j], name)
			}
			return fmt.Errorf("dataset: %s: all cells are missing, want a known one", column)
		}
	}
	return nil
}

// knownCells returns the number of known cells of each column (V).
func (r *Rows) knownCells() []int {
	known := make([]int, r.V)
	for n := range r.N {
		for j := range known {
			if !r.IsMissing(n, j) {
				known[j]++
			}
		}
	}
	return known
}

// marked returns the given marks of missing cells, or nil if no cell is missing.
func marked(missing []uint8) []uint8 {
	if slices.Contains(missing, missingCell) {
		return missing
	}
	return nil
}

// takeMissing returns marks of the missing cells, which are NaN, or nil if there are none. It puts a known
// number of their column in their place, so that they do not change what the column holds. It returns
// a *MissingError if missing cells are not allowed.
func (m *matrix) takeMissing(allowed bool) ([]uint8, error) {
	cells, first := 0, 0
	for i, x := range m.floats {
		if x != x {
			if cells++; cells == 1 {
				first = i
			}
		}
	}
	switch {
	case cells == 0:
		return nil, nil
	case !allowed:
		return nil, &MissingError{m.place(first/m.v, first%m.v), cells}
	case cells == len(m.floats):
		return nil, errors.New("all cells are missing, want known ones")
	}
	missing := make([]uint8, len(m.floats))
	anyKnown := slices.IndexFunc(m.floats, func(x float32) bool { return x == x })
	for j := range m.v {
		value := m.floats[anyKnown] // in a column without a known cell, such as one to be predicted
		for n := range m.n {
			if x := m.floats[n*m.v+j]; x == x {
				value = x
				break
			}
		}
		for n := range m.n {
			if i := n*m.v + j; m.floats[i] != m.floats[i] {
				m.floats[i], missing[i] = value, missingCell
			}
		}
	}
	m.stands = missing
	for n := range m.n {
		if !slices.Contains(missing[n*m.v:(n+1)*m.v], 0) {
			return nil, fmt.Errorf("%s: all cells of the row are missing, want a known one", m.place(n, 0))
		}
	}
	return missing, nil
}

// standsIn reports whether element i, n*m.v+j for column j of row n, is a number that takeMissing has put in the
// place of a missing cell.
func (m *matrix) standsIn(i int) bool { return m.stands != nil && m.stands[i] != 0 }

// forget sets the values of missing cells to 0 in place of the numbers that takeMissing put there.
func (r *Rows) forget() {
	for i, m := range r.Missing {
		switch {
		case m == 0:
		case r.Bytes != nil:
			r.Bytes[i] = 0
		default:
			r.Floats[i] = 0
		}
	}
}
