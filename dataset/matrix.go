package dataset

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"harmonium/store"
)

// matrix holds the values of a part of a data set as the files have them, and their places in the files.
type matrix struct {
	n, v     int
	bytes    []uint8          // exactly one of bytes and floats is (n,v)
	floats   []float32        // NaN where a cell is missing or a word
	names    []string         // of the columns; nil if there are none
	words    map[int][]string // the cells of each column that holds text, by column
	classes  []string         // (n), labels that the files have beside the values; nil without
	columns  []int            // number of each column in its file, from 1
	rows     []int            // number of each row among all of the files, from 0; nil for all of them
	files    []segment
	picture  [2]int  // width and height of a row; 0 if rows are no pictures
	emptyEnd bool    // as in store.Table
	stands   []uint8 // (n,v), marks by takeMissing of the cells whose numbers stand for missing ones; nil if there are none

	room *rooms // memory that values uses; nil allocates
}

// segment names a file and says which rows are from it.
type segment struct {
	name   string
	from   int   // number of the first row among all of the files
	lines  []int // line in the file of each row; nil for a file without lines
	format string
}

// newMatrix takes the table of one file.
func newMatrix(t store.Table, name string) (*matrix, error) {
	n, v, err := matrixOf(t)
	if err != nil {
		return nil, err
	}
	m := &matrix{
		n: n, v: v, bytes: t.Bytes, floats: t.Floats, names: t.Names, words: t.Words, classes: t.Labels,
		files: []segment{{name: name, lines: t.Lines, format: t.Format}}, emptyEnd: t.EmptyEnd,
	}
	m.picture[0], m.picture[1] = pictureOf(t)
	for j := range v {
		m.columns = append(m.columns, j+1)
	}
	return m, nil
}

// append adds the rows of another file.
func (m *matrix) append(other *matrix) error {
	name := other.files[0].name
	if m.emptyEnd && other.v == m.v+1 {
		m.addEnd()
	}
	if other.emptyEnd && m.v == other.v+1 {
		other.addEnd()
	}
	m.emptyEnd = m.emptyEnd && other.emptyEnd
	if m.picture != other.picture {
		m.picture = [2]int{}
	}
	if other.v != m.v {
		return fmt.Errorf("dataset: %s: %d columns, want %d as in %s", name, other.v, m.v, m.files[0].name)
	}
	if !slices.Equal(other.names, m.names) {
		return fmt.Errorf("dataset: %s: another header than in %s", name, m.files[0].name)
	}
	other.files[0].from = m.n
	m.files = append(m.files, other.files[0])
	if m.bytes == nil || other.bytes == nil {
		m.toFloats()
		other.toFloats()
	}
	m.bytes, m.floats = append(m.bytes, other.bytes...), append(m.floats, other.floats...)
	for j := range m.v {
		if m.words[j] == nil && other.words[j] == nil {
			continue
		}
		if m.words == nil {
			m.words = map[int][]string{}
		}
		before := m.words[j]
		if before == nil {
			before = m.cellsOf(j)
		}
		after := other.words[j]
		if after == nil {
			after = other.cellsOf(j)
		}
		m.words[j] = append(before, after...)
	}
	if m.classes != nil || other.classes != nil {
		m.classes = append(padded(m.classes, m.n), padded(other.classes, other.n)...)
	}
	m.n += other.n
	return nil
}

// padded returns labels, or n empty ones in place of none.
func padded(labels []string, n int) []string {
	if labels == nil {
		return make([]string, n)
	}
	return labels
}

// toFloats changes bytes to floats.
func (m *matrix) toFloats() {
	if m.bytes == nil {
		return
	}
	m.floats = m.room.takeFloats(len(m.bytes))
	for i, b := range m.bytes {
		m.floats[i] = float32(b)
	}
	m.bytes = nil
}

// at returns the value of column j in row n.
func (m *matrix) at(n, j int) float32 {
	if m.bytes != nil {
		return float32(m.bytes[n*m.v+j])
	}
	return m.floats[n*m.v+j]
}

// cellsOf returns the cells of column j as text. A missing cell is empty.
func (m *matrix) cellsOf(j int) []string {
	if words := m.words[j]; words != nil {
		return words
	}
	list, seen := make([]string, m.n), map[float32]string{}
	for row := range list {
		x := m.at(row, j)
		text, ok := seen[x]
		if !ok && x == x { // not NaN
			text = strconv.FormatFloat(float64(x), 'g', -1, 32)
			seen[x] = text
		}
		list[row] = text
	}
	return list
}

// keepRows drops all rows but the given ones. It leaves the classes, which choose has copied.
func (m *matrix) keepRows(rows []int) {
	m.bytes, m.floats = gather(m.bytes, m.v, rows), gather(m.floats, m.v, rows)
	for j, words := range m.words {
		m.words[j] = gather(words, 1, rows)
	}
	if m.rows == nil {
		m.rows = rows
	} else {
		m.rows = gather(m.rows, 1, rows)
	}
	m.n = len(rows)
}

// keepColumns drops all columns but the given ones, which are in rising order.
func (m *matrix) keepColumns(columns []int) {
	if len(columns) == m.v {
		return
	}
	m.bytes, m.floats = pick(m.bytes, m.v, columns), pick(m.floats, m.v, columns)
	m.names, m.columns = pick(m.names, m.v, columns), pick(m.columns, m.v, columns)
	words := map[int][]string{}
	for to, from := range columns {
		if m.words[from] != nil {
			words[to] = m.words[from]
		}
	}
	m.words, m.v = words, len(columns)
	m.picture = squareOf(m.v)
}

// pick returns some columns, in rising order, of rows of v columns. It overwrites data.
func pick[T any](data []T, v int, columns []int) []T {
	if data == nil {
		return nil
	}
	out := data[:0]
	for row := data; len(row) > 0; row = row[v:] {
		for _, j := range columns {
			out = append(out, row[j])
		}
	}
	return out
}

// place names column j of row n as its file counts them.
func (m *matrix) place(n, j int) string { return m.rowPlace(n) + ", " + m.column(j) }

// cellPlace is place, or the place of the label for column -1.
func (m *matrix) cellPlace(n, j int) string {
	if j < 0 {
		return m.rowPlace(n) + ", the label"
	}
	return m.place(n, j)
}

// number returns the number of row n among all of the files.
func (m *matrix) number(n int) int {
	if m.rows != nil {
		return m.rows[n]
	}
	return n
}

// rowPlace names row n as its file counts it.
func (m *matrix) rowPlace(n int) string {
	n = m.number(n)
	file := m.files[0]
	for _, f := range m.files {
		if f.from <= n {
			file = f
		}
	}
	row := fmt.Sprintf("row %d", n-file.from+1)
	if file.lines != nil {
		row += fmt.Sprintf(" (line %d)", file.lines[n-file.from])
	}
	if len(m.files) > 1 {
		row = file.name + ": " + row
	}
	return row
}

// column names column j as its file counts and names it.
func (m *matrix) column(j int) string { return columnName(m.columns[j], m.name(j)) }

func (m *matrix) name(j int) string {
	if m.names == nil {
		return ""
	}
	return m.names[j]
}

func columnName(number int, name string) string {
	if name == "" {
		return fmt.Sprintf("column %d", number)
	}
	return fmt.Sprintf("column %d %s", number, shorten(name))
}

// shorten quotes the first 40 bytes of a text from a file, for an error.
func shorten(s string) string {
	const limit = 40
	if len(s) > limit {
		return strconv.Quote(s[:limit]) + "..."
	}
	return strconv.Quote(s)
}

// matrixOf returns the first dimension and the product of the others. At most two of the others may be longer
// than 1.
func matrixOf(t store.Table) (n, v int, err error) {
	if len(t.Shape) == 1 {
		return 0, 0, fmt.Errorf("one dimension of %d values, want rows and columns", t.Shape[0])
	}
	if len(t.Shape) < 2 || len(sides(t)) > 2 {
		return 0, 0, fmt.Errorf("shape %s, want rows and columns, or rows of pictures", store.FormatShape(t.Shape))
	}
	n, v = t.Shape[0], 1
	for _, d := range t.Shape[1:] {
		v *= d
	}
	if n == 0 {
		return 0, 0, fmt.Errorf("no rows, want at least one")
	}
	if v == 0 {
		return 0, 0, fmt.Errorf("no columns, want at least one")
	}
	return n, v, nil
}

// sides returns the dimensions after the first that are not 1.
func sides(t store.Table) []int {
	return slices.DeleteFunc(slices.Clone(t.Shape[1:]), func(d int) bool { return d == 1 })
}

// pictureOf returns the size of a row as a picture, or 0 and 0 if it is none. One of n² values may be n by n.
func pictureOf(t store.Table) (width, height int) {
	if len(t.Shape) == 3 {
		return t.Shape[2], t.Shape[1]
	}
	sides := sides(t)
	if len(sides) == 2 {
		return sides[1], sides[0]
	}
	v := 1
	for _, d := range sides { // at most one
		v *= d
	}
	square := squareOf(v)
	return square[0], square[1]
}

// squareOf returns the width and height of a square picture of v values, or 0 and 0 if v is no square.
func squareOf(v int) [2]int {
	if side := int(math.Sqrt(float64(v))); side*side == v {
		return [2]int{side, side}
	}
	return [2]int{}
}
