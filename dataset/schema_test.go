package dataset

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"harmonium/store/storetest"
)

// openPenguinTable opens the built-in table.
func openPenguinTable(t *testing.T, opt Options) *Set {
	t.Helper()
	opt.Missing = true
	set, err := Open(penguins, opt)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// TestPenguins: the units of the built-in table, and its rows in its own words again.
func TestPenguins(t *testing.T) {
	set := openPenguinTable(t, Options{Infer: &Inference{Label: true}, Columns: Columns{Label: "species"}})
	const units = "categorical/3:1,gaussian:4,bernoulli:1,categorical/3:2"
	if got := set.Schema.Units(""); got != units || set.Train.N != 344 || set.Train.MissingCells() != 19 || set.Train.V != 14 {
		t.Fatalf("got units %s, %d rows of %d values and %d missing cells, want %s, 344 rows of 14 and 19",
			got, set.Train.N, set.Train.V, set.Train.MissingCells(), units)
	}
	if label, from := set.Schema.Label(); label.Name != "species" || from != 11 {
		t.Errorf("label: got %v at %d, want species at 11", label, from)
	}
	const first = "island=Biscoe island=Dream island=Torgersen bill_length_mm bill_depth_mm flipper_length_mm body_mass_g " +
		"sex=male year=2007"
	if names := strings.Join(set.Schema.UnitNames()[:9], " "); names != first {
		t.Errorf("got names %s, want %s", names, first)
	}
	var table strings.Builder
	values := slices.Clone(set.Train.Floats)
	for i, mark := range set.Train.Missing {
		if mark != 0 {
			values[i] = float32(math.NaN())
		}
	}
	if err := set.Schema.WriteCSV(&table, values, nil); err != nil {
		t.Fatal(err)
	}
	const head = "species,island,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g,sex,year\n" +
		"Adelie,Torgersen,39.1,18.7,181,3750,male,2007\n"
	again, err := Open(storetest.WriteFile(t, "again.csv", table.String()), Options{Schema: set.Schema, Missing: true})
	if err != nil || !strings.HasPrefix(table.String(), head) || !slices.Equal(again.Train.Floats, set.Train.Floats) ||
		!slices.Equal(again.Train.Missing, set.Train.Missing) {
		t.Errorf("%v: got the table\n%.300s\nwant the rows that it was made of, and at its head\n%s", err, table.String(), head)
	}
	wantStandardised(t, set)
}

// wantStandardised checks that the numbers of the penguins have the mean 0 and the standard deviation 1. Two of the 344
// cells of each column of numbers are missing.
func wantStandardised(t *testing.T, set *Set) {
	t.Helper()
	const known = 344 - 2
	for i, c := range set.Schema.Columns {
		if c.Kind != gaussianColumn {
			continue
		}
		sum, squares, largest := 0.0, 0.0, 0.0
		for n := range set.Train.N {
			x := float64(set.Train.Floats[n*set.Train.V+set.Schema.From(i)]) // 0 where missing
			sum, squares, largest = sum+x, squares+x*x, max(largest, math.Abs(x))
		}
		// Rounding x to float32 moves it by at most u·|x|, with u = 2⁻²⁴, and x² by 2u·x². The factor 2 is for the sums
		// in float64, which are off by far less.
		const u = 0x1p-24
		if math.Abs(sum/known) > 2*u*largest || math.Abs(squares/known-1) > 2*2*u {
			t.Errorf("%s: mean %v and mean square %v, want 0 and 1", c.Name, sum/known, squares/known)
		}
	}
}

// TestSchemaText: a schema is the same after it is written and read.
func TestSchemaText(t *testing.T) {
	for _, how := range []Inference{{Label: true}, {Bins: 5}} {
		columns := Columns{}
		if how.Label {
			columns.Label = "species"
		}
		s := openPenguinTable(t, Options{Infer: &how, Columns: columns}).Schema
		got, err := ParseSchema(s.Text())
		if err != nil || !reflect.DeepEqual(got, s) {
			t.Errorf("got %+v, %v\nwant %+v", got, err, s)
		}
		if lines := strings.Count(s.Text(), "\n"); lines != 10 {
			t.Errorf("got %d lines, want one for each of 8 columns and 2 more:\n%s", lines, s.Text())
		}
	}
}

// TestParseSchemaErrors: JSON that is no schema, and columns that make no sense, are refused.
func TestParseSchemaErrors(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{``, "EOF"},
		{`[]`, "line 1: found array, want JSON such as"},
		{"{\"columns\": [\n{\"kinds\": 1}]}", `unknown field "kinds"`},
		{"{\"columns\": [\n{,}]}", "line 2: invalid character"},
		{`{"columns": []}`, "no columns"},
		{`{"columns": []} 1`, "text behind the JSON"},
		{`{"columns": [{"column": 1, "kind": "ordinal"}]}`, `column 1: kind "ordinal", want one of bernoulli, categorical`},
		{`{"columns": [{"kind": "gaussian", "standard_deviation": 1}]}`, `entry 1 "": number 0 and no name`},
		{`{"columns": [{"name": "a", "kind": "gaussian"}]}`, `entry 1 "a": standard deviation 0`},
		{`{"columns": [{"column": 2, "name": "a", "kind": "bernoulli", "categories": ["x"]}]}`,
			`column 2 "a": 1 categories, want 2`},
		{`{"columns": [{"column": 1, "kind": "bernoulli", "categories": ["x", "x"]}]}`, `category "x" twice`},
		{`{"columns": [{"column": 1, "kind": "categorical", "categories": ["x"]}]}`, "1 categories, want 2 to 1024"},
		{`{"columns": [{"column": 1, "kind": "categorical", "means": [1, 2, 3], "edges": [1, 1]}]}`,
			"edge 1 after 1, want rising ones"},
		{`{"columns": [{"column": 1, "kind": "categorical", "means": [1, 2], "edges": []}]}`, "0 edges and 2 means"},
		{`{"columns": [{"column": 1, "kind": "categorical", "means": [1], "categories": ["x"]}]}`, "both categories and bins"},
		{`{"columns": [{"column": 1, "kind": "bernoulli", "means": [1, 2], "categories": ["x", "y"]}]}`,
			"categories or bins in a column of kind bernoulli"},
		{`{"columns": [{"column": 1, "kind": "bernoulli", "label": true, "categories": ["x", "y"]}]}`,
			"a label of another kind"},
		{`{"columns": [{"column": 1, "kind": "constant", "categories": ["x"]}]}`, "all columns are constant"},
		{`{"columns": [{"column": 1, "kind": "gaussian", "standard_deviation": 1, "decimals": 10}]}`,
			"10 decimals, want -1 to 9"},
		{`{"columns": [{"column": 1, "kind": "gaussian", "standard_deviation": 1},
			{"column": 1, "kind": "gaussian", "standard_deviation": 1}]}`,
			"a second column of this name or number"},
	} {
		_, err := ParseSchema(test.text)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got error %v, want one line with %q", test.text, err, test.want)
		}
	}
}

// TestOpenBySchema: other files of the same table, in other orders and with other columns.
func TestOpenBySchema(t *testing.T) {
	train := "id,x,b,note,class\n1,1.5,yes,n,p\n2,2.5,no,n,q\n3,3.5,no,n,r\n"
	set, err := Open(storetest.WriteFile(t, "train.csv", train), Options{
		Infer: &Inference{Label: true}, Columns: Columns{Drop: "id", Label: "class"},
		Test: storetest.WriteFile(t, "test.csv", "class,b,x,more\nr,YES,3.5,1\n"),
	})
	if err != nil {
		t.Fatal(err)
	}
	s := set.Schema
	if got, want := set.Test.Floats, set.Train.Floats[2*5:]; got[0] != want[0] || got[1] != 1 || got[4] != 1 ||
		set.Test.Labels[0] != "r" {
		t.Errorf("test rows: got %v, labels %v, want the number and the class of the third training row beside yes",
			got, set.Test.Labels)
	}
	p, err := OpenPattern(storetest.WriteFile(t, "holes.csv", "x,b\n2.50,?\nNA,no\n"), 5, Options{Schema: s, Lax: true})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{false, true, true, true, true, true, false, true, true, true} {
		if x := p.Values[i]; (x != x) != want {
			t.Errorf("value %d: got %v, want missing %v", i, x, want)
		}
	}
	var table strings.Builder
	values := []float32{0, 1, 0, 0, 1, 1, 0, 0, 1, 0}
	if err := s.WriteCSV(&table, values, p.Cells); err != nil {
		t.Fatal(err)
	}
	if want := "x,b,note,class\n2.50,yes,n,r\n3.3,no,n,q\n"; table.String() != want {
		t.Errorf("got %q, want %q", table.String(), want)
	}
	again, err := Open(storetest.WriteFile(t, "labelled.csv", "x,b,class\n1,yes,r\n2,no,NA\n"), Options{Schema: s, Missing: true})
	if err != nil || fmt.Sprintf("%q", again.Train.Labels) != `["r" ""]` {
		t.Errorf("labels by the schema: got %+v, %v", again, err)
	}
	for _, test := range []struct{ file, want string }{
		{"x,b,class\n1,yes,s\n", `row 1 (line 2), column 3 "class": "s", want one of the categories "p", "q", "r"`},
		{"x,class\n1,p\n", `no column "b"`},
		{"x,b,class\nmany,yes,p\n", `row 1 (line 2), column 1 "x": "many", want a number`},
		{"x,b,class\n1,,p\n2,no,\n", `row 1 (line 2), column 2 "b": a missing cell, the first of 2`},
		{"x,b,note,class\n1,yes,m,p\n", `column 3 "note": "m", want "n" as in all training rows`},
	} {
		_, err := Open(storetest.WriteFile(t, "other.csv", test.file), Options{Schema: s})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got error %v, want %q", test.file, err, test.want)
		}
	}
}

// TestOpenBySchemaWithoutHeader: columns are found by their numbers, or by their order where the file has
// no others.
func TestOpenBySchemaWithoutHeader(t *testing.T) {
	s, err := ParseSchema(`{"columns": [{"column": 2, "kind": "bernoulli", "categories": ["a", "b"]},
		{"column": 3, "kind": "bernoulli", "categories": ["0", "1"]}]}`)
	if err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{ // a part of the error, or "" for rows
		"x,b,1\ny,a,0\nx,b,0\n": "",
		"b,1\na,0\nb,0\n":       "",
		"b\na\na\n":             "no column",
	} {
		set, err := Open(storetest.WriteFile(t, "table.csv", file), Options{Schema: s, Header: "no"})
		if want != "" {
			if missing := (*ColumnError)(nil); !errors.As(err, &missing) || !strings.Contains(err.Error(), want) {
				t.Errorf("%q: got error %v, want %q", file, err, want)
			}
			continue
		}
		if err != nil || string(set.Train.Bytes) != "\xff\xff\x00\x00\xff\x00" {
			t.Errorf("%q: got %+v, %v, want the rows 1 1, 0 0 and 1 0", file, set, err)
		}
	}
}

// TestNoneAsCategory: a word that else stands for a missing cell is a category where the schema says so.
func TestNoneAsCategory(t *testing.T) {
	s, err := ParseSchema(`{"columns": [{"column": 1, "name": "plan", "kind": "categorical",
		"categories": ["None", "Basic", "Full"]}]}`)
	if err != nil {
		t.Fatal(err)
	}
	set, err := Open(storetest.WriteFile(t, "table.csv", "plan\nNone\nFull\n"), Options{Schema: s, Header: "yes"})
	if err != nil || string(set.Train.Bytes) != "\xff\x00\x00\x00\x00\xff" {
		t.Errorf("got %+v, %v, want the first and the third category", set, err)
	}
}
