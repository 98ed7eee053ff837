package dataset

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Columns choose which columns of a file are data, and which of its rows. A column is given by its
// name in the header or, if no column has that name, by its number from 1. Lists have commas between
// columns and may hold ranges of numbers, such as 2-17.
type Columns struct {
	Keep   string   // the columns that are data; empty for all
	Drop   string   // columns to leave out
	Label  string   // the column of labels, or columns of a one-hot code; or the FILE:ARRAY that holds the labels
	Weight string   // the column of weights
	Where  []string // COLUMN=VALUE[,VALUE...]: rows that have one of the values; all must hold
}

// ColumnError is the error of a column that a file does not have.
type ColumnError struct {
	Name  string   // name or number of the column
	Names []string // of the file's columns; nil without a header
	V     int      // columns of the file

	Schema bool // the schema of a model or file has the column
}

// mostNamed is the largest number of names or words that an error or a description lists. Chosen.
const mostNamed = 8

func (e *ColumnError) Error() string {
	if e.Names == nil && e.Schema {
		return fmt.Sprintf("no column %s, which the schema has, among %d columns without a header", shorten(e.Name), e.V)
	}
	if e.Names == nil {
		return fmt.Sprintf("no column %s, want a number from 1 to %d, as there is no header", shorten(e.Name), e.V)
	}
	var names []string
	for _, name := range e.Names[:min(len(e.Names), mostNamed)] {
		names = append(names, shorten(name))
	}
	if len(e.Names) > len(names) {
		names = append(names, "...")
	}
	if e.Schema {
		return fmt.Sprintf("no column %s, which the schema has, among %s", shorten(e.Name), strings.Join(names, ", "))
	}
	return fmt.Sprintf("no column %s, want a number from 1 to %d or one of %s", shorten(e.Name), e.V, strings.Join(names, ", "))
}

// find returns the columns of a list, see Columns, counted from 0.
func (m *matrix) find(list string) ([]int, error) {
	if j, err := m.named(list); j >= 0 || err != nil { // one name, which may have commas
		return []int{j}, err
	}
	var found []int
	for item := range strings.SplitSeq(list, ",") {
		item = strings.TrimSpace(item)
		j, err := m.named(item)
		if err != nil {
			return nil, err
		}
		from, to := j, j
		if j < 0 {
			if from, to, err = m.numbered(item); err != nil {
				return nil, err
			}
		}
		for j := from; j <= to; j++ {
			found = append(found, j)
		}
	}
	return found, nil
}

// present returns the columns of a list that the matrix has.
func (m *matrix) present(list string) (found []int) {
	for item := range strings.SplitSeq(list, ",") {
		if some, err := m.find(item); err == nil {
			found = append(found, some...)
		}
	}
	return found
}

// named returns the column of a name, or -1.
func (m *matrix) named(name string) (int, error) {
	at := -1
	for j, has := range m.names {
		if has != name || name == "" {
			continue
		}
		if at >= 0 {
			return -1, fmt.Errorf("columns %d and %d are both named %s, want a number", at+1, j+1, shorten(name))
		}
		at = j
	}
	return at, nil
}

// numbered returns the first and the last column, from 0, of a number or of a range of numbers, from 1.
func (m *matrix) numbered(item string) (from, to int, err error) {
	first, last, isRange := strings.Cut(item, "-")
	if !isRange {
		last = first
	}
	from, errFrom := strconv.Atoi(first)
	to, errTo := strconv.Atoi(last)
	if errFrom != nil || errTo != nil || from < 1 || to < from || to > m.v {
		return 0, 0, &ColumnError{item, m.names, m.v, false}
	}
	return from - 1, to - 1, nil
}

// choice holds the parts of a matrix that Columns choose.
type choice struct {
	labels        []string
	weights       []float32
	label, weight string // as in Origin
	labelColumn   int    // -1 if the labels are no single column
	columns       []int  // that are data
	named         bool   // Columns.Keep names the columns
}

// choose returns the labels, the weights and the columns that are data. The matrix stays as it is.
// If lax, the columns of labels and of weights may be missing, all or none, and any of the columns to leave out.
func (m *matrix) choose(c Columns, lax bool) (*choice, error) {
	taken := &choice{labels: m.classes, labelColumn: -1, named: c.Keep != ""}
	if m.classes != nil {
		taken.label = "of the files"
	}
	var found [3][]int
	for i, list := range []string{c.Label, c.Weight, c.Drop} {
		var err error
		found[i], err = m.optional(list)
		if missing := (*ColumnError)(nil); lax && errors.As(err, &missing) {
			if found[i] = m.present(list); i == 2 || found[i] == nil { // 2 is Drop
				continue
			}
		}
		if err != nil {
			return nil, err
		}
	}
	if err := m.takeLabels(found[0], taken); err != nil {
		return nil, err
	}
	if err := m.takeWeights(found[1], taken); err != nil {
		return nil, err
	}
	kept, err := m.optional(c.Keep)
	if err != nil {
		return nil, err
	}
	out, in := setOf(slices.Concat(found[:]...)), setOf(kept)
	for j := range m.v {
		if !out[j] && (kept == nil || in[j]) {
			taken.columns = append(taken.columns, j)
		}
	}
	if len(taken.columns) == 0 {
		return nil, fmt.Errorf("no columns are left of %d, want at least one", m.v)
	}
	return taken, nil
}

// takeLabels adds the labels in the given columns, if there are any.
func (m *matrix) takeLabels(columns []int, taken *choice) (err error) {
	if columns == nil {
		return nil
	}
	if taken.label = m.column(columns[0]); len(columns) == 1 {
		taken.labelColumn = columns[0]
	}
	taken.labels, err = m.labels(columns)
	return err
}

// takeWeights adds the weights in a single column, if there is one.
func (m *matrix) takeWeights(columns []int, taken *choice) (err error) {
	if columns == nil {
		return nil
	}
	if len(columns) > 1 {
		return fmt.Errorf("%d columns of weights, want one", len(columns))
	}
	taken.weight = m.column(columns[0])
	taken.weights, err = m.weights(columns[0])
	return err
}

func setOf(columns []int) map[int]bool {
	set := map[int]bool{}
	for _, j := range columns {
		set[j] = true
	}
	return set
}

// optional returns the columns of a list, which may be empty.
func (m *matrix) optional(list string) ([]int, error) {
	if list == "" {
		return nil, nil
	}
	return m.find(list)
}

// labels returns the cells of one column. Several columns are a one-hot code, and each label is the name of the
// column that holds the 1 or, without a header, its position among these columns, from 0.
func (m *matrix) labels(columns []int) ([]string, error) {
	if len(columns) == 1 {
		return m.cellsOf(columns[0]), nil
	}
	labels := make([]string, m.n)
	for n := range labels {
		ones := 0
		for i, j := range columns {
			switch m.at(n, j) {
			case 1:
				ones++
				labels[n] = strconv.Itoa(i)
				if name := m.name(j); name != "" {
					labels[n] = name
				}
			case 0:
			default:
				return nil, fmt.Errorf("%s: %s, want 0 or 1 where the label has %d columns", m.place(n, j), m.cell(n, j), len(columns))
			}
		}
		if ones != 1 {
			return nil, fmt.Errorf("%s: %d of the %d columns of the label are 1, want one", m.place(n, columns[0]), ones, len(columns))
		}
	}
	return labels, nil
}

// cell writes a cell for an error.
func (m *matrix) cell(n, j int) string {
	if words := m.words[j]; words != nil && words[n] != "" {
		return shorten(words[n])
	}
	return strconv.FormatFloat(float64(m.at(n, j)), 'g', -1, 32)
}

// weights returns the numbers of a column. None may be negative.
func (m *matrix) weights(j int) ([]float32, error) {
	weights := make([]float32, m.n)
	for n := range weights {
		x := m.at(n, j)
		if !(x >= 0 && float64(x) <= maxWeight) {
			found := m.cell(n, j)
			if found == "NaN" {
				found = "no number"
			}
			return nil, fmt.Errorf("%s: %s, want a weight of at least 0 and at most %v", m.place(n, j), found, maxWeight)
		}
		weights[n] = x
	}
	return weights, nil
}

// checkWeights returns an error if all weights are 0.
func (c *choice) checkWeights() error {
	if c.weights != nil && !slices.ContainsFunc(c.weights, func(w float32) bool { return w > 0 }) {
		return fmt.Errorf("%s: all weights are 0, want a positive one", c.weight)
	}
	return nil
}

// maxWeight is the largest weight, chosen so that sums of weights stay below the largest float32, 3.4e38.
const maxWeight = 1e30

// where keeps the rows that meet all conditions, with their labels and weights. At least one must be left.
func (m *matrix) where(conditions []string, taken *choice) error {
	failed, err := m.filter(conditions, taken)
	if err == nil && failed < len(conditions) {
		err = noRowHas(conditions[failed])
	}
	return err
}

func noRowHas(condition string) error { return fmt.Errorf("no row has %s", shorten(condition)) }

// filter does what where does, but may leave no row: failed is the index of the first condition after which none is left, or
// the number of conditions. A condition on "label" is about the labels unless a column has this name.
func (m *matrix) filter(conditions []string, taken *choice) (failed int, err error) {
	for i, condition := range conditions {
		name, list, ok := strings.Cut(condition, "=")
		if !ok || name == "" {
			return i, fmt.Errorf("condition %s, want COLUMN=VALUE", shorten(condition))
		}
		cells := taken.labels
		if j, err := m.named(name); name != "label" || j >= 0 || err != nil || cells == nil {
			found, err := m.find(name)
			if err != nil {
				return i, err
			}
			if len(found) != 1 {
				return i, fmt.Errorf("condition %s: %d columns, want one", shorten(condition), len(found))
			}
			cells = m.cellsOf(found[0])
		}
		rows := matching(cells, strings.Split(list, ","))
		if len(rows) < m.n {
			m.keepRows(rows)
			taken.labels, taken.weights = gather(taken.labels, 1, rows), gather(taken.weights, 1, rows)
		}
		if len(rows) == 0 {
			return i, nil
		}
	}
	return len(conditions), nil
}

// matching returns the rows of the cells that equal one of the values, as text or as numbers.
func matching(cells, values []string) []int {
	equal := map[string]bool{} // by cell
	var rows []int
	for n, cell := range cells {
		is, known := equal[cell]
		if !known {
			is = slices.ContainsFunc(values, func(value string) bool { return sameCell(cell, value) })
			equal[cell] = is
		}
		if is {
			rows = append(rows, n)
		}
	}
	return rows
}

// sameCell reports whether two cells are the same text or the same number as a float32, which cells are.
func sameCell(a, b string) bool {
	if a == b {
		return true
	}
	x, errA := strconv.ParseFloat(a, 32)
	y, errB := strconv.ParseFloat(b, 32)
	return errA == nil && errB == nil && x == y
}

// whereLabel returns the rows whose labels meet all conditions.
func (r *Rows) whereLabel(conditions []string) (*Rows, error) {
	for _, condition := range conditions {
		list, ok := strings.CutPrefix(condition, "label=")
		if !ok {
			return nil, fmt.Errorf("condition %s, want label=VALUE", shorten(condition))
		}
		rows := matching(r.Labels, strings.Split(list, ","))
		if len(rows) == 0 {
			return nil, noRowHas(condition)
		}
		r = r.Select(rows)
	}
	return r, nil
}
