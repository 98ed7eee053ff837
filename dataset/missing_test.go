package dataset

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"harmonium/store/storetest"
)

// TestMissingCells: words for missing cells of a text and NaN of an array are marked, if they are allowed,
// and change neither the range nor the means of the known cells.
func TestMissingCells(t *testing.T) {
	t.Chdir(t.TempDir())
	nan := math.NaN()
	files := map[string]string{
		"states.csv": "a,b,c\n0,,1\n1,NA,0\n?,1,1\n",
		"spins.csv":  "-1,nan,1\n1,,-1\nNA,1,1\n",
		"grey.csv":   "0,,255\n128,,0\n,64,255\n",
		"known.csv":  "a,b,c\n0,1,1\n",
	}
	for name, text := range files {
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	var bits []uint64
	for _, x := range []float64{0, nan, 1, 0.5, nan, 0, nan, 0.25, 1} {
		bits = append(bits, math.Float64bits(x))
	}
	if err := os.WriteFile("floats.npy", []byte(storetest.NPY("<f8", "(3, 3)", f64(bits...)...)), 0o666); err != nil {
		t.Fatal(err)
	}
	spins := []Worth{{To: AllColumns, Low: -1, High: 1}}
	want := []uint8{0, 255, 0, 0, 255, 0, 255, 0, 0} // the same three cells of nine in each file
	for name, tc := range map[string]struct {
		worth []Worth
		means []float64
	}{
		"states.csv": {nil, []float64{0.5, 1, 2. / 3}}, "spins.csv": {spins, []float64{0.5, 1, 2. / 3}},
		"grey.csv": {nil, []float64{128. / 510, 64. / 255, 2. / 3}}, "floats.npy": {nil, []float64{0.25, 0.25, 2. / 3}},
	} {
		set, err := Open(name, Options{Missing: true, Worth: tc.worth})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		rows := set.Train
		if !slices.Equal(rows.Missing, want) || rows.MissingCells() != 3 {
			t.Errorf("%s: got marks %v, want %v", name, rows.Missing, want)
		}
		for j, mean := range rows.Means() {
			// The sums are exact, of bytes as of float32 with few digits. Three roundings at most, of a value b/255, of the
			// mean and of the one wanted, are off by 2⁻⁵³ of 1 each.
			if math.Abs(mean-tc.means[j]) > 3*0x1p-53 {
				t.Errorf("%s: mean %d is %v, want %v", name, j, mean, tc.means[j])
			}
		}
		if err := set.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if s := rows.Summary(); !slices.Equal(s.Constant, []int{1}) {
			t.Errorf("%s: constant columns %v, want [1]", name, s.Constant)
		}
		if part := rows.Select([]int{2, 0}); !slices.Equal(part.Missing, []uint8{255, 0, 0, 0, 255, 0}) {
			t.Errorf("%s: rows 2 and 0 have marks %v", name, part.Missing)
		}
		if part := rows.Slice(2, 3); !slices.Equal(part.Missing, []uint8{255, 0, 0}) {
			t.Errorf("%s: the last row has marks %v", name, part.Missing)
		}
		_, err = Open(name, Options{Worth: tc.worth})
		if err == nil || !strings.Contains(err.Error(), "a missing cell, the first of 3, want a value") {
			t.Errorf("%s, missing cells not allowed: %v", name, err)
		}
	}
	known, err := Open("known.csv", Options{Missing: true})
	if err != nil || known.Train.Missing != nil {
		t.Errorf("without missing cells: marks %v, %v", known.Train.Missing, err)
	}
	with, err := Open("states.csv", Options{Missing: true, Test: "known.csv"})
	if err != nil || with.Test.Missing != nil {
		t.Errorf("test rows without missing cells: %v", err)
	}
	rows := with.Train.Slice(0, 1)
	marked := rows.Fingerprint()
	rows.Missing = nil
	if rows.Fingerprint() == marked {
		t.Error("the fingerprint does not depend on the missing cells")
	}
}

// TestMissingCellsRefused: rows and columns without a known cell are an error, and so are wrong marks.
func TestMissingCellsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"0,1\n,\n1,0\n": "row 2 (line 2), column 1: all cells of the row are missing",
		",,\n,,\n":      "all cells",
		"0,,1\n1,,0\n":  "training rows: dataset: column 2: all cells are missing, want a known one",
	} {
		path := filepath.Join(t.TempDir(), "rows.csv")
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		set, err := Open(path, Options{Missing: true, Header: "no"})
		if err == nil {
			err = set.Validate()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
	for want, missing := range map[string][]uint8{
		"1 marks of missing cells, want 4": {0}, "row 2, column 1: mark 3": {0, 0, 3, 0},
		"row 1: all cells are missing": {255, 255, 0, 0},
	} {
		rows := &Rows{N: 2, V: 2, Bytes: make([]uint8, 4), Missing: missing}
		if err := rows.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("marks %v: got %v, want %q", missing, err, want)
		}
	}
}

// TestEmptyCellsInMessages: errors are about cells that hold something, and say what an empty cell is, or which
// column may be left out. A table may leave out a constant column of its schema, and no other.
func TestEmptyCellsInMessages(t *testing.T) {
	schema, err := ParseSchema(`{"columns": [{"column": 1, "name": "a", "kind": "categorical", "categories": ["p", "q", "r"]},
		{"column": 2, "name": "b", "kind": "constant", "categories": ["x"]}]}`)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text    string
		options Options
		want    string
	}{
		{"a,b\n1,\n,2\n", Options{}, `integers from 1 to 2, the first outside 0 to 1 in row 2 (line 3), column 2 "b"`},
		{"a,b,w\n1,0,\n", Options{Columns: Columns{Weight: "w"}}, `column 3 "w": no number, want a weight of at least 0`},
		{"a,b\nz,x\n", Options{Schema: schema}, `want one of the categories "p", "q", "r", or an empty cell, which is a missing one`},
		{"a,b\np,y\n", Options{Schema: schema}, `want "x" as in all training rows, or a table without this column`},
		{"c,b\np,x\n", Options{Schema: schema}, `no column "a", which the schema has, among "c", "b"`},
	} {
		c.options.Missing = true
		if _, err := Open(writeText(t, c.text), c.options); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want %s", c.text, err, c.want)
		}
	}
	if _, err := Open(writeText(t, "a\nq\n"), Options{Schema: schema, Missing: true}); err != nil {
		t.Errorf("a table without the constant column: %v", err)
	}
}

// TestFirstRowBesideMissingCells: a first row of other numbers than all others may be a header, and the number of the
// row's column that takes the place of a missing cell does not count as another such row.
func TestFirstRowBesideMissingCells(t *testing.T) {
	for file, want := range map[string]bool{
		"2,3,5\n0,,1\n1,0,0\n":  true,
		"2,3,5\n0,3,1\n1,0,0\n": false,
	} {
		_, err := Open(storetest.WriteFile(t, "rows.csv", file), Options{Missing: true})
		found := (*RangeError)(nil)
		if !errors.As(err, &found) || found.FirstRow != want {
			t.Errorf("%q: got error %+v, want a RangeError with FirstRow %v", file, err, want)
		}
	}
}
