package store

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// utf16Text returns a text as UTF-16 with a byte order mark.
func utf16Text(text string, big bool) string {
	var b strings.Builder
	for _, c := range append([]uint16{0xfeff}, utf16.Encode([]rune(text))...) {
		high, low := byte(c>>8), byte(c)
		if !big {
			high, low = low, high
		}
		b.Write([]byte{high, low})
	}
	return b.String()
}

// TestDecodeText: each file holds the two rows 0 1 1 and 1 0 1.
func TestDecodeText(t *testing.T) {
	for _, test := range []struct {
		name, file string
		names      []string
		lines      []int
	}{
		{"commas", "0,1,1\n1,0,1\n", nil, []int{1, 2}},
		{"no last line end", "0,1,1\n1,0,1", nil, []int{1, 2}},
		{"CRLF, spaces and blank lines", "0, 1,1\r\n\r\n \t\r\n 1 ,0,1 \r\n", nil, []int{1, 4}},
		{"carriage returns", "0,1,1\r1,0,1\r", nil, []int{1, 2}},
		{"tabs", "0\t1\t1\n1\t0\t1\n", nil, []int{1, 2}},
		{"semicolons", "0;1;1\n1; 0;1\n", nil, []int{1, 2}},
		{"bars", "0|1|1\n1|0|1\n", nil, []int{1, 2}},
		{"runs of spaces", "  0 1   1\n1\t0  1  \n", nil, []int{1, 2}},
		{"commas and a bar", "0|1,1\n1|0,1\n", nil, []int{1, 2}},
		{"spaces and a bar", "0|1 1\n1|0 1\n", nil, []int{1, 2}},
		{"reals", "0.000e+00,1.0,1\n1.,-0,1e0\n", nil, []int{1, 2}},
		{"comments", "# a,b\n#\n0,1,1\n  # c\n1,0,1\n#", nil, []int{3, 5}},
		{"truths", "False,true,TRUE\nTrue,false,TRUE\n", nil, []int{1, 2}},
		{"pairs of truths", "n,T,yes\nY,F,YES\n", nil, []int{1, 2}},
		{"empty last cells", "0,1,1,\n1,0,1,\n", nil, []int{1, 2}},
		{"quotes", "\"0\",\"1\",1\n\"1\" , \"0\",1\n", nil, []int{1, 2}},
		{"UTF-8 with a mark", "\ufeff0,1,1\n1,0,1\n", nil, []int{1, 2}},
		{"UTF-16, little-endian", utf16Text("0\t1\t1\r\n1\t0\t1\r\n", false), nil, []int{1, 2}},
		{"UTF-16, big-endian, with characters beyond 16 bits", utf16Text("# 😀\n0,1,1\n1,0,1\n", true), nil, []int{2, 3}},
		{"words of digits", "011\n101\n", nil, []int{1, 2}},
		{"words of digits in a named column", "bits\n011\n101\n", nil, []int{2, 3}},
		{"header", "a,b,c\n0,1,1\n1,0,1\n", []string{"a", "b", "c"}, []int{2, 3}},
		{"header above truths", "a b y\nF T T\nT F T\n", []string{"a", "b", "y"}, []int{2, 3}},
		{"header of words for truths", "y,n,t\n0,1,1\n1,0,1\n", []string{"y", "n", "t"}, []int{2, 3}},
		{"header with an empty cell", ",b,\"c,d\"\n0,1,1\n1,0,1\n", []string{"", "b", "c,d"}, []int{2, 3}},
		{"header of two lines", "\ufeff\"a\n\"\"b\"\"\",b,c\n0,1,1\n1,0,1\n", []string{"a\n\"b\"", "b", "c"}, []int{3, 4}},
		{"header that counts behind a name", "label,1,2\n0,1,1\n1,0,1\n", []string{"label", "1", "2"}, []int{2, 3}},
		{"header without the empty last cell", "a,b,c\n0,1,1,\n1,0,1,\n", []string{"a", "b", "c"}, []int{2, 3}},
		{"header with an empty last cell", "a,b,c,\n0,1,1,\n1,0,1,\n", []string{"a", "b", "c"}, []int{2, 3}},
		{"header without the names of rows", "b c\n0 1 1\n1 0 1\n", []string{"", "b", "c"}, []int{2, 3}},
	} {
		got, err := decodeString(test.file, Options{})
		want := []float32{0, 1, 1, 1, 0, 1}
		if err != nil || !slices.Equal(got.Shape, []int{2, 3}) || !slices.Equal(got.Array().Data, want) {
			t.Errorf("%s: got %v %v, want %v", test.name, got, err, want)
		}
		if want := test.names; !slices.Equal(got.Names, want) || !slices.Equal(got.Lines, test.lines) || got.Words != nil {
			t.Errorf("%s: got names %q, lines %v and words %v, want %q, %v and none",
				test.name, got.Names, got.Lines, got.Words, want, test.lines)
		}
	}
}

// TestTextCells: NaN stands for a missing cell and a word. A column with a word keeps all of its
// cells as text: those before the first word are written anew from their numbers, such as 0.5 for 0.50.
func TestTextCells(t *testing.T) {
	nan := math.NaN()
	for _, test := range []struct {
		name, file string
		data       []float64
		words      string
	}{
		{"missing", "0,?,1\nNA,n/a,\nNaN,1,null\n", []float64{0, nan, 1, nan, nan, nan, nan, 1, nan}, "map[]"},
		{"infinite", "-Inf,Infinity\n", []float64{math.Inf(-1), math.Inf(1)}, "map[]"},
		{"a word", "0,0.50\n1,?\n0,one\n", []float64{0, 0.5, 1, nan, 0, nan}, "map[1:[0.5  one]]"},
		{"names of rows", "Real A_1 1 0\nReal A_2 0 0\n", []float64{nan, nan, 1, 0, nan, nan, 0, 0}, "map[0:[Real Real] 1:[A_1 A_2]]"},
		{"numbers and truths", "1,0\nTrue,1\n", []float64{1, 0, nan, 1}, "map[0:[1 True]]"},
		{"two pairs of truths", "y,0\ntrue,1\n", []float64{1, 0, nan, 1}, "map[0:[y true]]"},
		{"a truth among words", "T,0\nA,1\n", []float64{1, 0, nan, 1}, "map[0:[t A]]"},
		{"an empty column within", "0,,1\n1,,0\n", []float64{0, nan, 1, 1, nan, 0}, "map[]"},
		{"a last cell that is not always empty", "0,\n1,1\n", []float64{0, nan, 1, 1}, "map[]"},
	} {
		got, err := decodeText(strings.NewReader(test.file), HeaderAuto, false)
		if err != nil || fmt.Sprint(got.Floats) != fmt.Sprint(test.data) || fmt.Sprint(got.Words) != test.words {
			t.Errorf("%s: got %v, words %v, error %v, want %v, words %v",
				test.name, got.Floats, got.Words, err, test.data, test.words)
		}
	}
}

// TestCellsAsWritten: with Options.Cells the cells of all columns stay as they are written, also the cells of
// numbers, truths and missing values, and the numbers are the same.
func TestCellsAsWritten(t *testing.T) {
	for file, want := range map[string]string{
		"a,b,c\n007,TRUE,NA\n1.50,false,\n": "map[0:[007 1.50] 1:[TRUE false] 2:[NA ]]",
		"3;1\nNone;yes\n":                   "map[0:[3 None] 1:[1 yes]]",
		"@relation r\n@attribute a {x,y}\n@attribute b real\n@data\nx,0.10\n{1 2}\n": "map[0:[x x] 1:[0.10 2]]",
	} {
		got, err := decodeString(file, Options{Cells: true})
		if err != nil || fmt.Sprint(got.Words) != want {
			t.Errorf("%q: got words %v, error %v, want %s", file, got.Words, err, want)
		}
		plain, err := decodeString(file, Options{})
		if err != nil || fmt.Sprint(got.Floats) != fmt.Sprint(plain.Floats) {
			t.Errorf("%q: got numbers %v, want %v as without cells", file, got.Floats, plain.Floats)
		}
	}
}

func TestIsMissing(t *testing.T) {
	for cell, want := range map[string]bool{
		"": true, "NA": true, "nan": true, "?": true, "None": true, "0": false, "no": false, "nano": false,
	} {
		if got := IsMissing(cell); got != want {
			t.Errorf("IsMissing(%q): got %v, want %v", cell, got, want)
		}
	}
}

// TestUnclearHeader: only the option Header decides on a first line that counts, or mixes words with numbers.
func TestUnclearHeader(t *testing.T) {
	for _, file := range []string{"0,1,2\n1,1,0\n", "1,2,3\n1,1,0\n", ",0,1,2\n0,1,1,0\n", "0,one\n0,1\n", "# c\n\na;0.5\n1;1\n"} {
		var unsure *HeaderError
		if _, err := decodeText(strings.NewReader(file), HeaderAuto, false); !errors.As(err, &unsure) {
			t.Errorf("%q: got error %v, want one that asks for the header", file, err)
		}
		yes, err := decodeText(strings.NewReader(file), HeaderYes, false)
		if err != nil || yes.Shape[0] != 1 || len(yes.Names) != yes.Shape[1] {
			t.Errorf("%q with a header: got %+v, error %v, want one row with names", file, yes, err)
		}
		no, err := decodeText(strings.NewReader(file), HeaderNo, false)
		if err != nil || no.Shape[0] != 2 || no.Names != nil {
			t.Errorf("%q without a header: got %+v, error %v, want two rows", file, no, err)
		}
	}
}

// TestFirstLineOfValues: without the option Header these first lines hold values.
func TestFirstLineOfValues(t *testing.T) {
	for _, file := range []string{"0,1\n1,1\n", "1\n0\n", "True,False\n", "0,2,4\n1,1,1\n", "a,0\nb,1\n", "0.0,one\n"} {
		got, err := decodeText(strings.NewReader(file), HeaderAuto, false)
		if want := strings.Count(file, "\n"); err != nil || got.Shape[0] != want {
			t.Errorf("%q: got %+v, error %v, want %d rows", file, got, err, want)
		}
	}
}

func TestTextErrors(t *testing.T) {
	for _, test := range []struct{ name, file, want string }{
		{"ragged", "0,1\n\n0,1\n0\n", "line 4: 1 cell by commas, want 2 as in line 1"},
		{"ragged with spaces", "0 1 1\n0 1\n", "line 2: 2 cells by spaces, want 3 as in line 1; an empty cell?"},
		{"one last comma", "0,1\n0,1,\n", "line 2: 3 cells by commas, want 2 as in line 1; a separator too many at its end?"},
		{"comment behind cells", "0 1\n0 1 # c\n",
			"line 2: 4 cells by spaces, want 2 as in line 1; a comment behind cells? It needs a line of its own"},
		{"narrower than its header", "# c\na,b,c,d\n0,1\n", "line 3: 2 cells, but the header in line 2 has 4"},
		{"beyond float32", "0,1e39\n", `line 1, column 2: "1e39", want a float32`},
		{"header only", "a,b\n", "no rows, want at least one"},
		{"comments only", "# a\n\n", "no rows, want at least one"},
		{"bars alone", "| |\n|1 2|\n|1 0|\n|0 1|\n", "line 2: 2 cells by spaces and bars, want 1 as in line 1"},
		{"open quote", "0,1\n1,\"0\n1,1\n", "line 2: a quote that is not closed"},
		{"quote within", "0,1\n1,\"0\"1\n", "line 2: text behind a closing quote, want a separator"},
		// After the lines that decide that the file has words of digits.
		{"word of other digits", strings.Repeat("011\n", sampledLines) + "102\n",
			`line 65: "102", want a word of 3 digits 0 and 1 as in line 1`},
		{"word of more digits", strings.Repeat("11\n", sampledLines) + "11 0\n",
			`line 65: "11 0", want a word of 2 digits 0 and 1 as in line 1`},
	} {
		_, err := decodeText(strings.NewReader(test.file), HeaderAuto, false)
		if err == nil || err.Error() != test.want {
			t.Errorf("%s: got %v, want %s", test.name, err, test.want)
		}
	}
}

// TestLongLines: lines that are longer than the buffer, of any line end, are read as a whole.
func TestLongLines(t *testing.T) {
	const columns = bufferSize/2 + 2000 // two bytes each
	for _, end := range []string{"\n", "\r\n", "\r"} {
		line := strings.Repeat("1,0,", columns/2-1) + "0,1" + end
		got, err := decodeText(strings.NewReader(line+line+line), HeaderAuto, false)
		if err != nil || !slices.Equal(got.Shape, []int{3, columns}) || !slices.Equal(got.Lines, []int{1, 2, 3}) {
			t.Errorf("line end %q: got shape %v, error %v, want 3 rows", end, got.Shape, err)
		}
	}
}
