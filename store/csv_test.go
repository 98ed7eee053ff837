package store

import (
	"bytes"
	"math"
	"slices"
	"testing"
)

func TestWriteCSV(t *testing.T) {
	var file bytes.Buffer
	a := Array{[]int{2, 3}, []float32{0, 1, 0.1, float32(math.NaN()), 1e-20, -2.5}}
	if err := WriteCSV(&file, a); err != nil {
		t.Fatal(err)
	}
	if got, want := file.String(), "0,1,0.1\nNaN,1e-20,-2.5\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestCSVRoundTrip: the arrays of awkward that have rows and columns read back as the same float32.
func TestCSVRoundTrip(t *testing.T) {
	for _, name := range []string{"values", "several blocks"} {
		a := awkward()[name]
		var file bytes.Buffer
		if err := WriteCSV(&file, a); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got, err := decodeText(&file, HeaderNo, false); err != nil || !sameArray(got.Array(), a) {
			t.Errorf("%s: got %v %v, want %v", name, got, err, a)
		}
	}
}

// TestWriteErrors: each writer refuses an array that its format cannot hold.
func TestWriteErrors(t *testing.T) {
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"CSV of a vector", WriteCSV(new(bytes.Buffer), Array{[]int{2}, []float32{1, 2}}),
			"store: write CSV: shape (2), want rows and columns"},
		{"CSV of no columns", WriteCSV(new(bytes.Buffer), Array{[]int{2, 0}, nil}),
			"store: write CSV: shape (2, 0), want rows and columns"},
		{"CSV with missing data", WriteCSV(new(bytes.Buffer), Array{[]int{2, 2}, []float32{1}}),
			"store: write CSV: 1 elements, want as many as shape (2, 2) has"},
		{"NPY with missing data", WriteNPY(new(bytes.Buffer), Array{[]int{2, 2}, []float32{1}}),
			"store: write NPY: 1 elements, want as many as shape (2, 2) has"},
		{"NPY of a negative shape", WriteNPY(new(bytes.Buffer), Array{[]int{-1, -1}, []float32{1}}),
			"store: write NPY: 1 elements, want as many as shape (-1, -1) has"},
		{"NPY of many dimensions", WriteNPY(new(bytes.Buffer), Array{slices.Repeat([]int{1}, npyMaxShape+1), []float32{1}}),
			"store: write NPY: 65 dimensions, want at most 64"},
		{"NPZ without the array", WriteNPZ(new(bytes.Buffer), []string{"x"}, nil, nil),
			`store: write NPZ: no array "x"`},
		{"NPZ with a bad array", WriteNPZ(new(bytes.Buffer), []string{"x"}, map[string]Array{"x": {}}, nil),
			`store: write NPZ: array "x": 0 elements, want as many as shape () has`},
	}
	for _, test := range tests {
		if test.err == nil || test.err.Error() != test.want {
			t.Errorf("%s: got %v, want %s", test.name, test.err, test.want)
		}
	}
}
