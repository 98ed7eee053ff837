package store

import (
	"math"
	"slices"
	"strings"
	"testing"

	"harmonium/store/storetest"
)

// The three kinds of sparse matrices give the dense one: the matrix
//
//	0 1 0 x
//	0 0 0 0
//	y 0 0 1
func TestSparse(t *testing.T) {
	rows := []string{"indices.npy", storetest.Int32s(3, 1, 3, 0), "indptr.npy", storetest.Int32s(0, 2, 2, 4)}
	columns := []string{"indices.npy", storetest.Int32s(2, 0, 2, 0), "indptr.npy", storetest.Int32s(0, 1, 2, 2, 4)}
	places := []string{"row.npy", storetest.Int32s(2, 0, 2, 0, 0), "col.npy", storetest.Int32s(0, 1, 3, 3, 3)} // one place twice
	ones := storetest.NPY("|b1", "(4,)", 1, 1, 1, 1)
	tests := []struct {
		name, file string
		want       Table
	}{
		{"csr of bool", storetest.SciPy("csr", 3, 4, ones, rows...), Table{Bytes: []uint8{0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1}}},
		{"csr of reals", storetest.SciPy("csr", 3, 4, storetest.Float32s(0.5, 1, 1, -2), rows...), Table{Floats: []float32{0, 1, 0, 0.5, 0, 0, 0, 0, -2, 0, 0, 1}}},
		{"csc", storetest.SciPy("csc", 3, 4, storetest.Float32s(7, 1, 1, 255), columns...), Table{Bytes: []uint8{0, 1, 0, 255, 0, 0, 0, 0, 7, 0, 0, 1}}},
		{"coo", storetest.SciPy("coo", 3, 4, storetest.Int32s(7, 1, 1, 2, 3), places...), Table{Bytes: []uint8{0, 1, 0, 5, 0, 0, 0, 0, 7, 0, 0, 1}}},
		{"coo beyond a byte", storetest.SciPy("coo", 3, 4, storetest.Int32s(7, 1, 1, 200, 100), places...), Table{Floats: []float32{0, 1, 0, 300, 0, 0, 0, 0, 7, 0, 0, 1}}},
	}
	for _, test := range tests {
		test.want.Shape = []int{3, 4}
		got, err := decodeString(test.file, Options{})
		if err != nil || !sameTable(got, test.want) {
			t.Errorf("%s: got %v %v, want %v", test.name, got, err, test.want)
		}
	}
}

func TestSparseErrors(t *testing.T) {
	four := storetest.Float32s(1, 1, 1, 1)
	huge := storetest.SciPy("coo", math.MaxInt32, math.MaxInt32, storetest.Float32s(1), "row.npy", storetest.Int32s(0), "col.npy", storetest.Int32s(0))
	tests := []struct{ name, file, want string }{
		{"huge shape", huge, "shape (2147483647, 2147483647) with 1 entries, want at most 16777216 cells"},
		{"column", storetest.SciPy("csr", 3, 4, four, "indices.npy", storetest.Int32s(3, 1, 4, 0), "indptr.npy", storetest.Int32s(0, 2, 2, 4)), `array "indices": element 3: 4, want an index below 4`},
		{"negative", storetest.SciPy("csr", 3, 4, four, "indices.npy", storetest.Int32s(3, -1, 3, 0), "indptr.npy", storetest.Int32s(0, 2, 2, 4)), `array "indices": element 2: -1, want an integer from 0 to 2147483647`},
		{"few starts", storetest.SciPy("csr", 3, 4, four, "indices.npy", storetest.Int32s(3, 1, 3, 0), "indptr.npy", storetest.Int32s(0, 2, 4)), `array "indptr": 3 numbers, want 4`},
		{"falling starts", storetest.SciPy("csr", 3, 4, four, "indices.npy", storetest.Int32s(3, 1, 3, 0), "indptr.npy", storetest.Int32s(0, 2, 1, 4)), `array "indptr": element 3: 1, want numbers that rise from 0`},
		{"last start", storetest.SciPy("csr", 3, 4, four, "indices.npy", storetest.Int32s(3, 1, 3, 0), "indptr.npy", storetest.Int32s(0, 2, 2, 5)), `array "indptr": ends with 5, want the number of entries 4`},
		{"few rows", storetest.SciPy("coo", 3, 4, four, "row.npy", storetest.Int32s(0), "col.npy", storetest.Int32s(0, 1, 2, 3)), `array "row": 1 numbers, want one for each of 4 entries`},
		{"no rows", storetest.SciPy("coo", 3, 4, four, "col.npy", storetest.Int32s(0, 1, 2, 3)), `a sparse matrix without the array "row"`},
		{"other format", storetest.SciPy("bsr", 3, 4, four), `a sparse matrix of format "bsr", want csr, csc or coo`},
	}
	for _, test := range tests {
		if _, err := decodeString(test.file, Options{}); err == nil || err.Error() != test.want {
			t.Errorf("%s:\n got %v\nwant %s", test.name, err, test.want)
		}
	}
}

func TestLibsvm(t *testing.T) {
	tests := []struct {
		name, file string
		want       Table
	}{
		{"labels", "+1 1:1 3:0.5\n-1\n\n+1 qid:7 2:1 # a comment\n",
			Table{Shape: []int{3, 3}, Floats: []float32{1, 0, 0.5, 0, 0, 0, 0, 1, 0}, Labels: []string{"+1", "-1", "+1"}, Lines: []int{1, 2, 4}}},
		{"from 0", "a,b 0:1 2:1\nc 1:2", Table{Shape: []int{2, 3}, Bytes: []uint8{1, 0, 1, 0, 2, 0}, Labels: []string{"a,b", "c"}, Lines: []int{1, 2}}},
		{"no labels", "1:1\n2:1\n", Table{Shape: []int{2, 2}, Bytes: []uint8{1, 0, 0, 1}, Lines: []int{1, 2}}},
		{"a byte order mark", "\ufeff+1 1:1\n+1 2:1\n", Table{Shape: []int{2, 2}, Bytes: []uint8{1, 0, 0, 1}, Labels: []string{"+1", "+1"}, Lines: []int{1, 2}}},
	}
	for _, test := range tests {
		got, err := decodeString(test.file, Options{})
		if err != nil || !sameTable(got, test.want) || !slices.Equal(got.Labels, test.want.Labels) || !slices.Equal(got.Lines, test.want.Lines) {
			t.Errorf("%s: got %v %v, want %v", test.name, got, err, test.want)
		}
	}
	for file, want := range map[string]string{
		"1 1:1\n1 2:1 2:1\n":     "line 2: index 2 after 2, want rising ones",
		"1 1:1\n\n2:1 3:1\n":     `line 3: "2:1", want a label first as in line 1`,
		"1 1:1\n1 x:1\n":         `line 2: "x:1", want index:value`,
		"1 1:1\n1 3:y\n":         `line 2: "3:y", want a number behind the colon`,
		"1 1:1\n1 2147483647:1":  `line 2: "2147483647:1", want index:value`,
		"1 1:1\n1 1000000000:1 ": "shape (2, 1000000000) with 2 entries, want at most 16777216 cells",
	} {
		if _, err := decodeString(file, Options{}); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", file, err, want)
		}
	}
	for _, file := range []string{"2020-01-01 12:30 0.5 1\n", "0 1 1\n", "# 1:1\n0,1\n", strings.Repeat("\n", 3)} {
		if isLibsvm([]byte(file)) {
			t.Errorf("%q: taken for libsvm", file)
		}
	}
}
