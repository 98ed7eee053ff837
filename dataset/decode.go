package dataset

import (
	"encoding/csv"
	"io"
	"math"
	"slices"
	"strconv"
)

// Cells returns the plain values of a row (V) of states or means and then the cells of the schema's columns, in
// their order, in the table's own words and numbers. For means, a cell is the most probable category, or the
// mean over the bins of numbers. A cell whose values are NaN is empty.
func (s *Schema) Cells(row []float32) []string {
	cells := make([]string, s.Plain+len(s.Columns))
	for i, x := range row[:s.Plain] {
		cells[i] = strconv.FormatFloat(float64(x), 'g', -1, 32)
	}
	from := s.Plain
	for _, i := range s.order() {
		c := &s.Columns[i]
		width := c.Width()
		cells[s.Plain+i] = c.cell(row[from : from+width])
		from += width
	}
	return cells
}

// cell returns the cell that the values of a column stand for.
func (c *Column) cell(values []float32) string {
	switch {
	case c.Width() > 0 && values[0] != values[0]:
		return ""
	case c.Kind == gaussianColumn:
		return c.number(c.Mean + c.Deviation*float64(values[0]))
	case c.Kind == constantColumn:
		return c.Categories[0]
	case c.Kind == bernoulliColumn:
		if values[0] > 0.5 {
			return c.Categories[1]
		}
		return c.Categories[0]
	case c.binned():
		return c.number(c.binMean(values))
	}
	return c.Categories[c.state(values)]
}

// state returns the index of the largest value, the first one of equal values.
func (c *Column) state(values []float32) int { return slices.Index(values, slices.Max(values)) }

// binMean returns the mean of the bins' means, weighted by the probabilities of the bins.
func (c *Column) binMean(values []float32) float64 {
	sum, total := 0.0, 0.0
	for i, p := range values {
		sum += float64(p) * c.Means[i]
		total += float64(p)
	}
	if total == 0 { // as in values that stand for no bin: there is no mean, and any bin will do
		return c.Means[0]
	}
	return sum / total
}

// CellErrors returns the standard errors of the cells that Cells returns for means (V), given the standard
// errors (V) of these means. For numbers they are in the unit of the numbers, and for categories they are the
// errors of the written category's probability. For a mean over bins of means m_i and probabilities p_i it is
// the bound Σ_i error(p_i)·|m_i - mean|, which holds for any correlations of the p_i.
func (s *Schema) CellErrors(means, errors []float32) []float64 {
	list := make([]float64, s.Plain+len(s.Columns))
	for i, e := range errors[:s.Plain] {
		list[i] = float64(e)
	}
	from := s.Plain
	for _, i := range s.order() {
		c := &s.Columns[i]
		width := c.Width()
		list[s.Plain+i] = c.cellError(means[from:from+width], errors[from:from+width])
		from += width
	}
	return list
}

func (c *Column) cellError(means, errors []float32) float64 {
	switch {
	case c.Width() == 0:
		return 0
	case c.Kind == gaussianColumn:
		return c.Deviation * float64(errors[0])
	case c.binned():
		sum, mean := 0.0, c.binMean(means)
		for i, e := range errors {
			sum += float64(e) * math.Abs(c.Means[i]-mean)
		}
		return sum
	case c.Kind == bernoulliColumn:
		return float64(errors[0])
	}
	return float64(errors[c.state(means)])
}

// Header returns the names of the columns, or nil if the rows had no header or are no table.
func (s *Schema) Header() []string {
	if s.Plain > 0 {
		return nil
	}
	var names []string
	for i := range s.Columns {
		names = append(names, s.Columns[i].Name)
	}
	if !slices.ContainsFunc(names, func(name string) bool { return name != "" }) {
		return nil
	}
	return names
}

// WriteCSV writes rows (N,V) of states or means as a table: the header, if the schema has names, and the cells
// of each row, as Cells returns them. known may be nil or have the known cells of each row, as Pattern.Cells has
// them: these are written in place of the row's own.
func (s *Schema) WriteCSV(w io.Writer, values []float32, known [][]string) error {
	table := csv.NewWriter(w) // its Error returns the first error of all writes
	if header := s.Header(); header != nil {
		table.Write(header)
	}
	v := s.Width()
	for n := 0; n*v < len(values); n++ {
		cells := s.Cells(values[n*v : (n+1)*v])
		if known != nil {
			for i, cell := range known[n] {
				if cell != "" {
					cells[i] = cell
				}
			}
		}
		table.Write(cells)
	}
	table.Flush()
	return table.Error()
}

// WriteErrors writes the standard errors of the cells of rows (N,V), see CellErrors, as WriteCSV writes the cells.
func (s *Schema) WriteErrors(w io.Writer, means, errors []float32) error {
	table := csv.NewWriter(w) // as in WriteCSV
	if header := s.Header(); header != nil {
		table.Write(header)
	}
	v := s.Width()
	for n := 0; n*v < len(means); n++ {
		var line []string
		for _, x := range s.CellErrors(means[n*v:(n+1)*v], errors[n*v:(n+1)*v]) {
			line = append(line, strconv.FormatFloat(x, 'g', 6, 64))
		}
		table.Write(line)
	}
	table.Flush()
	return table.Error()
}

// MissingIn returns the number of cells that are missing in rows of the table.
func (s *Schema) MissingIn(r *Rows) int {
	missing := 0
	for _, i := range s.begins() {
		for n := range r.N {
			if i >= 0 && r.IsMissing(n, i) {
				missing++
			}
		}
	}
	return missing
}

// Missing returns the number of cells that are missing, as NaN, in a row (V) of the table.
func (s *Schema) Missing(row []float32) int {
	missing := 0
	for _, i := range s.begins() {
		if i >= 0 && row[i] != row[i] {
			missing++
		}
	}
	return missing
}
