package dataset

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"harmonium/store/storetest"
)

// tableOf returns a table with a header, of n rows that a function makes.
func tableOf(header string, n int, row func(n int) string) string {
	var b strings.Builder
	b.WriteString(header + "\n")
	for i := range n {
		b.WriteString(row(i) + "\n")
	}
	return b.String()
}

// column returns a table whose second column, x, has the given cells in turn, beside a column of bits.
func column(n int, cells ...string) string {
	return tableOf("a,x", n, func(n int) string { return fmt.Sprintf("%d,%s", n%2, cells[n%len(cells)]) })
}

// numberedCells returns cells of the numbers from 0 to n-1, in a format.
func numberedCells(n int, format string) []string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf(format, i))
	}
	return list
}

// TestInfer: the cells of column x determine its kind. More than maxIntegerCategories, 12, different integers are
// numbers, and leastIdentifiers, 20, different words or integers may identify the rows.
func TestInfer(t *testing.T) {
	for _, test := range []struct {
		name, file string
		bins       int
		want       string // of column x, or a part of the error
	}{
		{"two words", column(6, "no", "maybe"), 0, "bernoulli: maybe or no"},
		{"words for true and false", column(6, "yes", "no"), 0, "bernoulli: no or yes"},
		{"these in several cases", column(6, "TRUE", "False", "true"), 0, "bernoulli: False or TRUE"},
		{"0 and 1", column(6, "1", "0"), 0, "bernoulli: 0 or 1"},
		{"0 alone", column(6, "0"), 0, "bernoulli: 0 or 1"},
		{"two numbers", column(6, "7.50", "1"), 0, "bernoulli: 1 or 7.50"},
		{"numbers written in two ways", column(6, "1", "1.0", "2"), 0, "bernoulli: 1 or 2"},
		{"words", column(6, "b", "a", "c"), 0, "categorical, 3 categories: a, b, c"},
		{"words that differ by case", column(6, "a", "A", "c"), 0, "categorical, 3 categories: A, a, c"},
		{"integers and a word", column(8, "10", "2", "3", "many"), 0, "categorical, 4 categories: 2, 3, 10, many"},
		{"integers", column(9, "10", "2", "-3"), 0, "categorical, 3 categories: -3, 2, 10"},
		{"codes", column(9, "007", "7", "01"), 0, "categorical, 3 categories: 01, 007, 7"},
		{"one word", column(6, "a"), 0, "constant, no unit: a"},
		{"one number", column(6, "3.0"), 0, "constant, no unit: 3.0"},
		{"a missing cell", column(6, "b", "", "NA", "a"), 0, "bernoulli: a or b"},
		{"reals", column(9, "1.25", "2", "2.5"), 0, "gaussian, mean 1.92, standard deviation 0.5137"},
		{"integers of many values", column(40, numberedCells(13, "%d")...), 0, "gaussian, mean 6, standard deviation 3.811"},
		{"exponents", column(9, "1e3", "2e-3", "0.1"), 0, "gaussian, mean 333.367, standard deviation 471.4"},
		{"bins", column(9, "1.25", "2", "2.5"), 3, "categorical, 3 bins of numbers, means 1.25 to 2.50"},
		{"few categories and bins", column(9, "1", "2", "3"), 2, "categorical, 3 categories: 1, 2, 3"},
		{"1,000 words", column(3000, numberedCells(1000, "w%d")...), 0,
			"categorical, 1000 categories: w0, w1, w10, w100, w101, w102, w103, w104, ..."},

		{"too many words", column(3000, numberedCells(1025, "w%d")...), 0,
			`column 2 "x": 1025 different words, want at most 1024 categories`},
		{"Latin-1", column(4, "a", "\xfc"), 0, `row 2 (line 3), column 2 "x": "\xfc" is no UTF-8`},
		{"no cell", column(4, ""), 0, `column 2 "x": all cells are missing`},
		{"an index", column(10, numberedCells(10, "%d")...), 0, `column 2 "x" counts 0, 1, 2, ...: an index?`},
		{"an index from 100", column(10, numberedCells(10, "10%d")...), 0, `column 2 "x" counts 100, 101, 102, ...: an index?`},
		{"numbers of rows in another order", column(25, append([]string{"7000"}, numberedCells(24, "%d")...)...), 0,
			`column 2 "x" has 25 different integers in 25 rows: an index?`},
		{"names", column(30, numberedCells(30, "w%d")...), 0, `column 2 "x" has 30 different words in 30 rows: an index?`},
		{"names, some of them twice", column(30, numberedCells(25, "w%d")...), 0,
			`column 2 "x" has 25 different words in 30 rows: an index?`},
		{"a mistake among bits", column(100, append(slices.Repeat([]string{"1", "0", "1"}, 33), "O")...), 0,
			`row 100 (line 101), column 2 "x": "O", want a number`},
		{"an infinity among numbers", column(4, "1.5", "inf"), 0, `row 2 (line 3), column 2 "x": "inf", want a finite number`},
		{"infinities alone", column(4, "-inf", "Infinity"), 0, `row 1 (line 2), column 2 "x": "-inf", want a finite number`},
		{"an infinity among numbers and words", column(4, "0.5", "high", "+Inf"), 0,
			`row 3 (line 4), column 2 "x": "+Inf", want a finite number`},
		{"a word among numbers", column(60, append(numberedCells(20, "%d.5"), "none given")...), 0,
			`row 21 (line 22), column 2 "x": "none given", want a number`},
	} {
		set, err := Open(storetest.WriteFile(t, "table.csv", test.file),
			Options{Infer: &Inference{Always: true, Bins: test.bins}, Missing: true})
		got := fmt.Sprint(err)
		if err == nil {
			got = set.Schema.Columns[1].Describe()
		}
		if err == nil && got != test.want || err != nil && !strings.Contains(got, test.want) {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
}

// TestInferMissing: a missing cell of a table is an error unless Options.Missing is set.
func TestInferMissing(t *testing.T) {
	path := storetest.WriteFile(t, "table.csv", column(6, "b", "", "NA", "a"))
	const want = `column 2 "x": a missing cell, the first of 3, want a value`
	if _, err := Open(path, Options{Infer: &Inference{Always: true}}); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, want %s", err, want)
	}
}

// TestInferIndices: all columns that identify the rows are named at once.
func TestInferIndices(t *testing.T) {
	file := tableOf("id,x,name", 30, func(n int) string { return fmt.Sprintf("%d,%d,w%d", n+7, n%2, n) })
	_, err := Open(storetest.WriteFile(t, "table.csv", file), Options{Infer: &Inference{}})
	indices := (*HintError)(nil)
	if !errors.As(err, &indices) || indices.Hint.Name != "id" || len(indices.Others) != 1 || indices.Others[0].Name != "name" {
		t.Errorf("got %+v, want the columns id and name", err)
	}
}

// TestInferNamed: a column with the name of a label gives a hint, and a column that Columns.Keep names is no index.
func TestInferNamed(t *testing.T) {
	classes := tableOf("a,class", 6, func(n int) string { return fmt.Sprintf("%d,w%d", n&1, n%3) })
	hinted, err := Open(storetest.WriteFile(t, "hint.csv", classes), Options{Infer: &Inference{}})
	if err != nil || fmt.Sprint(hinted.Train.Origin.Hints) != `[column 2 "class" has this name: a label?]` {
		t.Errorf("got %+v, %v, want a hint at the class", hinted, err)
	}
	path := storetest.WriteFile(t, "table.csv", column(30, numberedCells(30, "w%d")...))
	set, err := Open(path, Options{Infer: &Inference{Always: true}, Columns: Columns{Keep: "a,x"}})
	if err != nil || set.Schema.Units("") != "bernoulli:1,categorical/30:1" {
		t.Errorf("got %+v, %v, want a unit of 30 categories", set, err)
	}
}

// TestInferOnNeed: without Always, a schema is made of words and of columns that differ in range alone.
func TestInferOnNeed(t *testing.T) {
	measured := tableOf("a,b,c,d,class", 30, func(n int) string {
		return fmt.Sprintf("%.1f,%.1f,%.1f,%.1f,%d", 4.3+float64(n%19)/5, 2+float64(n%13)/5, 1+float64(n%30)/5,
			0.1+float64(n%25)/10, n%3)
	})
	for _, test := range []struct {
		name, file, want string // units, empty without a schema, or a part of the error
	}{
		{"bits", "0,1\n1,1\n0,0\n", ""},
		{"grey levels", "0,255,12\n1,3,200\n0,0,1\n", ""},
		{"bits and words", column(6, "b", "a", "c"), "bernoulli:1,categorical/3:1"},
		{"bits and a class", tableOf("a,b,c,class", 6,
			func(n int) string { return fmt.Sprintf("%d,%d,%d,%d", n&1, n>>1&1, n>>2&1, n%5) }), "bernoulli:3,categorical/5:1"},
		{"measurements", measured, "gaussian:4,categorical/3:1"},
		{"digits to 16", "0,16,3\n8,2,16\n16,0,9\n", "integers from 0 to 16"},
		{"genotypes", "0,2,1\n2,2,1\n1,0,0\n0,1,1\n", "integers from 0 to 2"},
		{"a decimal comma", "0,5;1\n1;0\n", `"0,5", want a number`},
		{"ratings", "user,item,rating\n1,10,5\n2,10,3\n2,11,4.5\n", "numbers from 1 to 11"},
	} {
		path := storetest.WriteFile(t, "table.csv", test.file)
		set, err := Open(path, Options{Infer: &Inference{}})
		switch {
		case err != nil && (test.want == "" || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: got error %v, want %q", test.name, err, test.want)
		case err == nil && set.Schema == nil && test.want != "":
			t.Errorf("%s: got no schema, want %s", test.name, test.want)
		case err == nil && set.Schema != nil && set.Schema.Units("") != test.want:
			t.Errorf("%s: got %s, want %q", test.name, set.Schema.Units(""), test.want)
		}
	}
}

// TestInferHeader: the first line of a table of words is not guessed at.
func TestInferHeader(t *testing.T) {
	path := storetest.WriteFile(t, "table.csv", "shape,colour\nround,red\nflat,red\nround,blue\n")
	_, err := Open(path, Options{Infer: &Inference{}})
	if err == nil || !strings.Contains(err.Error(), "names of columns, or values?") {
		t.Errorf("got error %v, want one that asks for the header", err)
	}
	set, err := Open(path, Options{Infer: &Inference{}, Header: "yes"})
	if err != nil || set.Train.N != 3 || set.Schema.Units("") != "bernoulli:2" {
		t.Errorf("with a header: got %+v, %v", set, err)
	}
}

// TestInferManyColumns: a sparse row of a few bytes may have millions of columns, which make no table.
func TestInferManyColumns(t *testing.T) {
	path := storetest.WriteFile(t, "wide.libsvm", "7000000:0\n")
	_, err := Open(path, Options{Infer: &Inference{Always: true}})
	if err == nil || !strings.Contains(err.Error(), "7000000 columns as a table of words and numbers, want at most 50000") {
		t.Errorf("got error %v, want one that says how many columns a table may have", err)
	}
}
