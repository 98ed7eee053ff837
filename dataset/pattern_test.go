package dataset

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"harmonium/store"
	"harmonium/store/storetest"
)

func TestReadPattern(t *testing.T) {
	nan := float32(math.NaN())
	floats := store.Array{Shape: []int{2, 3}, Data: []float32{0, nan, 1, nan, nan, nan}}
	var file strings.Builder
	if err := store.WriteNPY(&file, floats); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, file string
		want       store.Array
	}{
		{"CSV with empty cells", "0,,1\n,,\n", floats},
		{"CSV with a free first row", ",,\n0,,1\n", store.Array{Shape: []int{2, 3}, Data: []float32{nan, nan, nan, 0, nan, 1}}},
		{"CSV with NaN and a header", "a,b,c\n0,NaN,1\nnan,nan,nan\n", floats},
		{"NPY of floats", file.String(), floats},
		{"NPY of bytes", storetest.NPY("|u1", "(1, 3)", 0, 1, 1), store.Array{Shape: []int{1, 3}, Data: []float32{0, 1, 1}}},
	}
	for _, test := range tests {
		got, n, err := ReadPattern(storetest.WriteFile(t, "pattern", test.file), 3, nil)
		if err != nil || !samePattern(store.Array{Shape: []int{n, 3}, Data: got}, test.want) {
			t.Errorf("%s: got %d rows %v %v, want %v", test.name, n, got, err, test.want)
		}
	}
}

// samePattern compares patterns, where every NaN equals every other.
func samePattern(a, b store.Array) bool {
	return slices.Equal(a.Shape, b.Shape) && slices.EqualFunc(a.Data, b.Data, func(x, y float32) bool {
		return x == y || x != x && y != y
	})
}

func TestReadPatternErrors(t *testing.T) {
	tests := []struct{ name, file, want string }{
		{"width", "0,1\n", "2 columns, want 3"},
		{"grey", "0,1,1\n0,0.5,\n", "row 2 (line 2), column 2: 0.5, want 0, 1 or NaN"},
		{"bytes", storetest.NPY("|u1", "(1, 3)", 0, 1, 255), "row 1, column 3: 255, want 0, 1 or NaN"},
		{"infinity", "0,1,Inf\n", "row 1 (line 1), column 3: +Inf, want 0, 1 or NaN"},
		{"text", "0,1,1\n0,1,x\n", `row 2 (line 2), column 3: "x", want 0, 1 or NaN`},
		{"vector", storetest.NPY("|u1", "(3,)", 0, 1, 1), "one dimension of 3 values, want rows and columns"},
		{"no rows", "a,b,c\n", "no rows, want at least one"},
	}
	for _, test := range tests {
		path := storetest.WriteFile(t, "pattern", test.file)
		want := "dataset: " + path + ": " + test.want
		if _, _, err := ReadPattern(path, 3, nil); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", test.name, err, want)
		}
	}
}

// TestReadPatternOfWorths: a pattern holds the numbers that stand for the states of each column.
func TestReadPatternOfWorths(t *testing.T) {
	worth := []Worth{{To: 2, Low: -1, High: 1}, {To: AllColumns, Low: 0, High: 1}}
	got, n, err := ReadPattern(storetest.WriteFile(t, "pattern", "-1,,0\n1,-1,1\n"), 3, worth)
	want := []float32{-1, float32(math.NaN()), 0, 1, -1, 1}
	if err != nil || n != 2 || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v of %d rows, error %v, want %v of 2", got, n, err, want)
	}
	for _, content := range []string{"0,1,1\n", "-1,1,-1\n"} {
		if _, _, err := ReadPattern(storetest.WriteFile(t, "pattern", content), 3, worth); err == nil {
			t.Errorf("%q: got no error, want one about a number that stands for no state of its column", content)
		}
	}
}

// TestReadPatternOfNumbers: columns of real numbers hold any, divided as the rows of a set are.
func TestReadPatternOfNumbers(t *testing.T) {
	worth := []Worth{{To: 1, High: 1}, {To: AllColumns, High: 1, Real: true}}
	nan := float32(math.NaN())
	for _, test := range []struct {
		file  string
		scale float64
		want  []float32
	}{
		{"1,-2.5,\n,400,0.25\n", 0, []float32{1, -2.5, nan, nan, 400, 0.25}},
		{"1,-2.5,\n,400,0.25\n", 10, []float32{1, -0.25, nan, nan, 40, 0.025}},
		{storetest.NPY("|u1", "(2, 3)", 0, 255, 51, 1, 0, 102), 0, []float32{0, 1, 0.2, 1, 0, 0.4}},
	} {
		p, err := OpenPattern(storetest.WriteFile(t, "pattern", test.file), 3, Options{Worth: worth, Scale: test.scale})
		if err != nil || fmt.Sprint(p.Values) != fmt.Sprint(test.want) {
			t.Errorf("got %v, %v, want %v", p, err, test.want)
		}
	}
	for file, want := range map[string]string{
		"1,2.5,3.5\n0,inf,1\n": "row 2 (line 2), column 2: +Inf, want a number or NaN",
		"1,2.5,3.5\n0,1,x\n":   `row 2 (line 2), column 3: "x", want a number or NaN`,
		"1,2.5,3.5\n2,1,1\n":   "row 2 (line 2), column 1: 2, want 0, 1 or NaN",
	} {
		_, _, err := ReadPattern(storetest.WriteFile(t, "pattern", file), 3, worth)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %s", file, err, want)
		}
	}
}

// TestOpenPattern: the columns that are data, with their names, and the labels.
func TestOpenPattern(t *testing.T) {
	const table = "id,p,q,class\n7,,1,a\n8,0,?,b\n"
	columns := Columns{Drop: "id", Label: "class"}
	p, err := OpenPattern(storetest.WriteFile(t, "pattern", table), 2, Options{Columns: columns})
	if err != nil {
		t.Fatal(err)
	}
	nan := float32(math.NaN())
	want := &Pattern{N: 2, V: 2, Values: []float32{nan, 1, 0, nan}, Names: []string{"p", "q"}, Labels: []string{"a", "b"}}
	if fmt.Sprint(p) != fmt.Sprint(want) { // as text, since NaN is not NaN
		t.Errorf("got %v, want %v", p, want)
	}
	columns.Where = []string{"class=b"}
	p, err = OpenPattern(storetest.WriteFile(t, "pattern", table), 2, Options{Columns: columns})
	if err != nil || p.N != 1 || p.Labels[0] != "b" {
		t.Errorf("one class: got %v, %v", p, err)
	}
	p, err = OpenPattern(storetest.WriteFile(t, "pattern", "0,1\n,1\n"), 2, Options{Columns: Columns{Label: "3"}, Lax: true})
	if err != nil || p.N != 2 || p.Names != nil || p.Labels != nil {
		t.Errorf("without labels: got %v, %v", p, err)
	}
	if _, err := OpenPattern(storetest.WriteFile(t, "pattern", "0,1\n,1\n"), 2, Options{Columns: Columns{Label: "3"}}); err == nil {
		t.Error("a column that the file does not have: no error")
	}
}
