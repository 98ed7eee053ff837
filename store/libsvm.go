package store

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"harmonium/memory"
)

// libsvmEntry matches the start of an entry. qid, which LIBSVM has for ranking, numbers the query of a row.
var libsvmEntry = regexp.MustCompile(`^(qid|\d+):[-+0-9.]`)

// isLibsvm reports whether a file begins as one of LIBSVM: in the first line that has more than a label, all
// fields but the label are entries "index:value". Since head may end within that line, its last field is
// not examined if there are others.
func isLibsvm(head []byte) bool {
	for line := range bytes.Lines(head) {
		text, _, _ := bytes.Cut(line, []byte("#"))
		fields := bytes.Fields(text)
		if len(fields) == 0 || len(fields) == 1 && !libsvmEntry.Match(fields[0]) {
			continue
		}
		if bytes.ContainsRune(fields[0], ':') {
			fields = append([][]byte{nil}, fields...) // no label
		}
		whole := fields[1:max(2, len(fields)-1)]
		return !slices.ContainsFunc(whole, func(field []byte) bool { return !libsvmEntry.Match(field) })
	}
	return false
}

// libsvm is a file that is being read: a row a line, with a label, unless the first line has none,
// and entries "index:value" of rising index; the values of other indices are 0.
type libsvm struct {
	starts   []int   // index of the first entry of each row, and the number of all entries
	columns  []int32 // index of each entry, as in the file
	values   []float32
	labels   []string
	lines    []int
	names    map[string]string // each label by itself, so that equal labels share memory
	labelled bool
	first    int32 // 0 if there is an index 0, else 1
	last     int32 // largest index
}

// decodeLibsvm reads the format of LIBSVM. Indices count from 1 or, if one of them is 0, from 0.
// What follows a # is a comment. Source: LIBSVM 3.3, README, "Usage of svm-train".
func decodeLibsvm(r *bufio.Reader) (Table, error) {
	d := &libsvm{starts: []int{0}, names: map[string]string{}, first: 1}
	for number := 1; ; number++ {
		line, err := r.ReadString('\n')
		if err != nil && err != io.EOF {
			return Table{}, err
		}
		line, _, _ = strings.Cut(line, "#")
		if fields := strings.Fields(line); len(fields) > 0 {
			if err := d.row(fields, number); err != nil {
				return Table{}, fmt.Errorf("line %d: %w", number, err)
			}
		}
		if err == io.EOF {
			return d.table()
		}
	}
}

// row adds the row of a line, which has the given number and is cut into fields.
func (d *libsvm) row(fields []string, number int) error {
	if len(d.lines) == 0 {
		d.labelled = !strings.Contains(fields[0], ":")
	}
	if d.labelled {
		if strings.Contains(fields[0], ":") {
			return fmt.Errorf("%s, want a label first as in line %d", quote(fields[0]), d.lines[0])
		}
		name, ok := d.names[fields[0]]
		if !ok {
			name = strings.Clone(fields[0])
			d.names[name] = name
		}
		d.labels = append(d.labels, name)
		fields = fields[1:]
	}
	before := int32(-1)
	for _, field := range fields {
		left, right, _ := strings.Cut(field, ":")
		if left == "qid" {
			continue
		}
		index, err := strconv.ParseInt(left, 10, 32)
		if err != nil || index < 0 || index == math.MaxInt32 { // whose number of columns would overflow an int32
			return fmt.Errorf("%s, want index:value", quote(field))
		}
		if int32(index) <= before {
			return fmt.Errorf("index %d after %d, want rising ones", index, before)
		}
		x, err := strconv.ParseFloat(right, 32)
		if err != nil {
			return fmt.Errorf("%s, want a number behind the colon", quote(field))
		}
		if need := len(d.values) + 1; need > cap(d.values) {
			// append grows large slices by a quarter; an entry has 4 bytes in columns and 4 in values.
			if err := memory.Check("its entries", 8*1.25*float64(need)); err != nil {
				return err
			}
		}
		before = int32(index)
		d.first, d.last = min(d.first, before), max(d.last, before)
		d.columns, d.values = append(d.columns, before), append(d.values, float32(x))
	}
	d.starts, d.lines = append(d.starts, len(d.values)), append(d.lines, number)
	return nil
}

// table returns the table of all rows, with a column for each index from first to last.
func (d *libsvm) table() (Table, error) {
	if len(d.lines) == 0 {
		return Table{}, errors.New("no rows, want at least one")
	}
	for i := range d.columns {
		d.columns[i] -= d.first
	}
	m := sparse{n: len(d.lines), v: int(d.last-d.first) + 1, values: d.values, place: compressed(d.starts, d.columns, false)}
	t, err := m.table()
	t.Labels, t.Lines = d.labels, d.lines
	t.Format = fmt.Sprintf("libsvm, indices from %d", d.first)
	return t, err
}
