package dataset

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"harmonium/store"
	"harmonium/store/storetest"
)

// TestEmptyEndOfPatterns: the last cell of each row is empty. It is a column where the rows should have one more.
func TestEmptyEndOfPatterns(t *testing.T) {
	for _, test := range []struct {
		name, file string
		columns    Columns
		width      int
		want       string // of the rows, or of the error
	}{
		{"a column to be predicted", "0,1,\n1,0,\n", Columns{}, 3, "[0 1 NaN 1 0 NaN]"},
		{"a separator too many", "0,1,\n1,0,\n", Columns{}, 2, "[0 1 1 0]"},
		{"the second of two empty columns", "0,,\n1,,\n", Columns{}, 3, "[0 NaN NaN 1 NaN NaN]"},
		{"two columns too few", "0,1,\n1,0,\n", Columns{}, 4, "2 columns, want 4"},
		{"columns too many", "0,1,1,\n1,0,1,\n", Columns{}, 2, "3 columns, want 2"},
		{"behind a dropped column", "7,0,1,\n8,1,0,\n", Columns{Drop: "1"}, 3, "[0 1 NaN 1 0 NaN]"},
		{"in a range of numbers", "7,0,1,\n8,1,0,\n", Columns{Keep: "2-4"}, 3, "[0 1 NaN 1 0 NaN]"},
		{"a label that is no column", "0,1,\n1,0,\n", Columns{Label: "3"}, 2, "[0 1 1 0]"},
		{"a header as long as the rows", "p,q,r\n0,1,\n1,0,\n", Columns{}, 3, "[0 1 NaN 1 0 NaN]"},
		{"a shorter header", "p,q\n0,1,\n1,0,\n", Columns{}, 3, "2 columns, want 3"},
	} {
		p, err := OpenPattern(storetest.WriteFile(t, "rows.csv", test.file), test.width, Options{Columns: test.columns, Lax: true})
		got := fmt.Sprint(err)
		if err == nil {
			got = fmt.Sprint(p.Values)
		}
		if err == nil && got != test.want || err != nil && !strings.HasSuffix(got, ": "+test.want) {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
}

// TestEmptyEndOfParts: the number of columns is known from Options.Width, from the training rows, or from another file
// of the same rows.
func TestEmptyEndOfParts(t *testing.T) {
	full, empty := storetest.WriteFile(t, "full.csv", "0,1,0\n1,0,1\n"), storetest.WriteFile(t, "empty.csv", "0,1,\n1,1,\n")
	last := func(r *Rows) []bool { return []bool{r.IsMissing(0, 2), r.IsMissing(1, 2)} }
	for _, test := range []struct {
		name, spec string
		opt        Options
		rows       func(*Set) *Rows
	}{
		{"width", empty, Options{Width: 3}, func(s *Set) *Rows { return s.Train }},
		{"test rows", full, Options{Test: empty}, func(s *Set) *Rows { return s.Test }},
		{"first file", JoinSpecs(empty, full), Options{}, func(s *Set) *Rows { return s.Train.Select([]int{0, 1}) }},
		{"second file", JoinSpecs(full, empty), Options{}, func(s *Set) *Rows { return s.Train.Select([]int{2, 3}) }},
	} {
		test.opt.Missing = true
		s, err := Open(test.spec, test.opt)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if r := test.rows(s); r.V != 3 || fmt.Sprint(last(r)) != "[true true]" {
			t.Errorf("%s: got %d columns, last cells missing %v, want 3 and both", test.name, r.V, last(r))
		}
	}
	s, err := Open(empty, Options{Test: storetest.WriteFile(t, "test.csv", "1,1,\n")})
	if err != nil || s.Train.V != 2 || s.Test.V != 2 {
		t.Errorf("a separator too many in all parts: got %v", err)
	}
}

// TestEmptyEndOfTables: a table without a header whose last cells are empty has all columns of its schema.
func TestEmptyEndOfTables(t *testing.T) {
	word := func(number int) Column {
		return Column{Number: number, Kind: bernoulliColumn, Categories: []string{"no", "yes"}}
	}
	for _, test := range []struct {
		name, file string
		schema     Schema
	}{
		{"as many columns", "yes,no,\nno,yes,\n", Schema{Columns: []Column{word(1), word(2), word(3)}}},
		{"two columns more, which the schema leaves out", "7,x,yes,no,\n8,x,no,yes,\n",
			Schema{Columns: []Column{word(3), word(4), word(5)}}},
		{"without the column that the schema leaves out", "yes,no,\nno,yes,\n", Schema{Columns: []Column{word(2), word(3), word(4)}}},
	} {
		path := storetest.WriteFile(t, "table.csv", test.file)
		opt := Options{Schema: &test.schema, Missing: true, Header: store.HeaderNo}
		p, err := OpenPattern(path, 3, opt)
		if nan := float32(math.NaN()); err != nil || fmt.Sprint(p.Values) != fmt.Sprint([]float32{1, 0, nan, 0, 1, nan}) {
			t.Errorf("%s: pattern %v, %v", test.name, p, err)
		}
		s, err := Open(path, opt)
		if err != nil || s.Train.MissingCells() != 2 || !s.Train.IsMissing(0, 2) || !s.Train.IsMissing(1, 2) {
			t.Errorf("%s: rows: %v", test.name, err)
		}
	}
	// The columns 2 to 4 of the schema are yes,no,yes where column 1 is left out, or no,yes and the empty cell.
	either := Schema{Columns: []Column{word(2), word(3), word(4)}}
	_, err := OpenPattern(storetest.WriteFile(t, "table.csv", "yes,no,yes,\n"), 3, Options{Schema: &either})
	const want = "each row ends with an empty cell: 3 columns, or 4? A header would tell"
	if err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}
