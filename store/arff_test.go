package store

import (
	"math"
	"slices"
	"testing"
)

// TestARFF: rows of cells and rows in braces give numbers, where "?" and the cells of the column class, which
// holds words, are NaN. A row in braces has 0 or the first word of its list for the cells that it leaves out.
func TestARFF(t *testing.T) {
	const header = "% by hand\n@RELATION 'two words'\n\n@attribute a {0,1}\n@attribute 'b c' numeric\n" +
		"@ATTRIBUTE d {False, True}\n@attribute class {no way,'it''s',up}\n" // lines 1 to 7, @data is line 8
	nan := float32(math.NaN())
	tests := []struct {
		name, file string
		floats     []float32
		words      []string // of the column class
		lines      []int
	}{
		{"dense", header + "@data\n1,0.5,True,up\n\n% a comment\n0, ?, False, 'no way'\n",
			[]float32{1, 0.5, 1, nan, 0, nan, 0, nan}, []string{"up", "no way"}, []int{9, 12}},
		{"in braces", header + "@Data\n{1 2.5, 3 up}\n{ }\n{0 1,2 True}\n",
			[]float32{0, 2.5, 0, nan, 0, 0, 0, nan, 1, 0, 1, nan}, []string{"up", "no way", "no way"}, []int{9, 10, 11}},
		{"commas and quotes", header + "@data\n1,1,True,'a,\\'b\" c'\n", []float32{1, 1, 1, nan}, []string{"a,'b\" c"}, []int{9}},
		{"UTF-16", utf16Text(header+"@data\n1,1,True,up\n", true), []float32{1, 1, 1, nan}, []string{"up"}, []int{9}},
		{"tabs", header + "@data\n1\t1\tTrue\tup\n", []float32{1, 1, 1, nan}, []string{"up"}, []int{9}},
	}
	for _, test := range tests {
		got, err := decodeString(test.file, Options{})
		same := func(x, y float32) bool { return x == y || x != x && y != y }
		if err != nil || !slices.EqualFunc(got.Floats, test.floats, same) || !slices.Equal(got.Words[3], test.words) ||
			len(got.Words) != 1 {
			t.Errorf("%s: got %+v %v, want %v and words %q in column 4 alone", test.name, got, err, test.floats, test.words)
		}
		if names := []string{"a", "b c", "d", "class"}; !slices.Equal(got.Lines, test.lines) || !slices.Equal(got.Names, names) {
			t.Errorf("%s: got lines %v and names %q, want %v and %q", test.name, got.Lines, got.Names, test.lines, names)
		}
	}
}

// TestARFFMarks: a quote in a comment opens no cell; a % begins a comment, but not in quotes, and a # does not; and a
// line that holds only a no-break space or a form feed is blank.
func TestARFFMarks(t *testing.T) {
	got, err := decodeString("% \"open\n@attribute a string\n@attribute b real\n\u00a0\n@data\n\f\n#1,0\n'%2',1\n", Options{})
	if err != nil || !slices.Equal(got.Words[0], []string{"#1", "%2"}) || got.Floats[1] != 0 || got.Floats[3] != 1 ||
		!slices.Equal(got.Lines, []int{7, 8}) {
		t.Errorf("got %+v %v, want the words #1 and %%2 beside 0 and 1 in lines 7 and 8", got, err)
	}
}

func TestARFFErrors(t *testing.T) {
	tests := map[string]string{
		"@relation x\n":                                    "line 1: no @data, want it before the rows",
		"@relation x\n@data\n1\n":                          "line 2: no @attribute before the data",
		"@relation x\n1,2\n":                               `line 2: "1,2", want @attribute or @data of ARFF`,
		"@relation x\n@attribute\n":                        `line 2: "@attribute", want @attribute NAME TYPE`,
		"@relation x\n@attribute a relational\n":           `line 2: attribute "a" of type "relational", want numeric, {VALUES}, string or date`,
		"@attribute a real\n@attribute b real\n@data\n1\n": "line 4: 1 cell, but the header in line 3 has 2",
		"@attribute a real\n@data\n{1 1}\n":                `line 3: "1 1", want an index below 1 and a value`,
		"@attribute a real\n@data\n":                       "no rows, want at least one",
	}
	for file, want := range tests {
		if _, err := decodeString(file, Options{}); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", file, err, want)
		}
	}
}
