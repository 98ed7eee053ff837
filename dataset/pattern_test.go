package dataset

import (
	"math"
	"strings"
	"testing"
)

func TestReadPattern(t *testing.T) {
	nan := float32(math.NaN())
	floats := Array{[]int{2, 3}, []float32{0, nan, 1, nan, nan, nan}}
	var file strings.Builder
	if err := WriteNPY(&file, floats); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, file string
		want       Array
	}{
		{"CSV with empty cells", "0,,1\n,,\n", floats},
		{"CSV with a free first row", ",,\n0,,1\n", Array{[]int{2, 3}, []float32{nan, nan, nan, 0, nan, 1}}},
		{"CSV with NaN and a header", "a,b,c\n0,NaN,1\nnan,nan,nan\n", floats},
		{"NPY of floats", file.String(), floats},
		{"NPY of bytes", npyOf("|u1", "(1, 3)", 0, 1, 1), Array{[]int{1, 3}, []float32{0, 1, 1}}},
	}
	for _, test := range tests {
		got, n, err := ReadPattern(writeFile(t, "pattern", test.file), 3)
		if err != nil || !samePattern(Array{[]int{n, 3}, got}, test.want) {
			t.Errorf("%s: got %d rows %v %v, want %v", test.name, n, got, err, test.want)
		}
	}
}

// samePattern takes every NaN for the same.
func samePattern(a, b Array) bool {
	for _, x := range []Array{a, b} {
		for i := range x.Data {
			if x.Data[i] != x.Data[i] {
				x.Data[i] = float32(math.NaN())
			}
		}
	}
	return sameArray(a, b)
}

func TestReadPatternErrors(t *testing.T) {
	tests := []struct{ name, file, want string }{
		{"width", "0,1\n", "2 columns, want 3"},
		{"grey", "0,1,1\n0,0.5,\n", "row 2, column 2: 0.5, want 0, 1 or NaN"},
		{"bytes", npyOf("|u1", "(1, 3)", 0, 1, 255), "row 1, column 3: 255, want 0, 1 or NaN"},
		{"infinity", "0,1,Inf\n", "row 1, column 3: +Inf, want 0, 1 or NaN"},
		{"text", "0,1,1\n0,1,?\n", `row 2, column 3: "?", want a number`},
		{"vector", npyOf("|u1", "(3,)", 0, 1, 1), "shape (3), want 2 or 3 dimensions"},
		{"no rows", "a,b,c\n", "no rows, want at least one"},
	}
	for _, test := range tests {
		path := writeFile(t, "pattern", test.file)
		want := "dataset: " + path + ": " + test.want
		if _, _, err := ReadPattern(path, 3); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", test.name, err, want)
		}
	}
}
