package dataset

import (
	"slices"
	"strings"
	"testing"

	"harmonium/store/storetest"
)

// TestLabelUnits: the labels of rows that are no table become the last values of a row, in training rows, patterns and
// rows without labels, and rows are written with the label that is the most probable one.
func TestLabelUnits(t *testing.T) {
	table := storetest.WriteFile(t, "bits.csv", "1,0,b\n0,1,a\n1,1,c\n0,0,b\n")
	bits := storetest.WriteFile(t, "plain.csv", "1,0\n0,1\n1,1\n0,0\n")
	labels := storetest.WriteFile(t, "labels.csv", "x\nb\na\nc\nb\n")
	set, err := Open(bits, Options{Columns: Columns{Label: labels}, Infer: &Inference{Label: true}, Header: "no"})
	if err == nil || !strings.Contains(err.Error(), "5 labels in") {
		t.Fatalf("got %v, want an error about 5 labels: without a header x is one", err)
	}
	for name, opt := range map[string]Options{
		bits: {Columns: Columns{Label: storetest.WriteFile(t, "four.csv", "b\na\nc\nb\n")}, Infer: &Inference{Label: true},
			Header: "no"},
		table: {Columns: Columns{Label: "3"}, Infer: &Inference{Label: true}, Header: "no"},
	} {
		if set, err = Open(name, opt); err != nil {
			t.Fatal(err)
		}
		// Four rows of two bits and a state of a, b and c.
		const want = "\xff\x00\x00\xff\x00" + "\x00\xff\xff\x00\x00" + "\xff\xff\x00\x00\xff" + "\x00\x00\x00\xff\x00"
		if got := set.Schema.Units("spin"); string(set.Train.Bytes) != want || got != "spin:2,categorical/3:1" {
			t.Errorf("%s: got % x, units %s, want % x of spin:2,categorical/3:1", name, set.Train.Bytes, got, want)
		}
	}
	again, err := ParseSchema(set.Schema.Text())
	if err != nil {
		t.Fatal(err)
	}
	p, err := OpenPattern(bits, 5, Options{Schema: again, Columns: Columns{Label: "3"}, Lax: true})
	if err != nil || p.V != 5 || p.Values[0] != 1 || p.Values[2] == p.Values[2] || p.Values[5] != 0 {
		t.Errorf("pattern: got %+v, %v, want rows that begin with 1 0 and 0 1, and NaN for the labels", p, err)
	}
	var text strings.Builder
	if err := again.WriteCSV(&text, []float32{1, 0, 0, 0.25, 0.5}, nil); err != nil || text.String() != "1,0,c\n" {
		t.Errorf("got %q, %v, want the class c, which has the largest mean", text.String(), err)
	}
	named := storetest.WriteFile(t, "named.csv", "x,class,y\n1,b,0\n0,a,1\n")
	set, err = Open(named, Options{Columns: Columns{Label: "class"}, Infer: &Inference{Label: true}})
	if err != nil || set.Schema.Plain != 0 || string(set.Train.Bytes) != "\xff\x00\x00\xff"+"\x00\xff\xff\x00" {
		t.Errorf("named columns: got %+v, %v, want the rows of a table", set, err)
	}
	free, err := Open(bits, Options{Schema: again, Unlabelled: true})
	if err != nil || string(free.Train.Bytes[:5]) != "\xff\x00\xff\x00\x00" {
		t.Errorf("without labels: got %+v, %v, want the state of a, the first class", free, err)
	}
	for _, test := range []struct {
		file string
		opt  Options
		want string
	}{
		{bits, Options{Schema: again}, "no labels, want one for each row"},
		{bits, Options{Infer: &Inference{Label: true}}, "no labels, want one for each row"},
		{storetest.WriteFile(t, "more.csv", "1,0,d\n"), Options{Schema: again, Columns: Columns{Label: "3"}, Header: "no"},
			`label of row 1: "d", want one of the categories "a", "b", "c"`},
		{storetest.WriteFile(t, "wide.csv", "1,0,1,a\n"), Options{Schema: again, Columns: Columns{Label: "4"}, Header: "no"},
			"3 columns beside the label, want 2"},
	} {
		if _, err := Open(test.file, test.opt); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want %q", test.file, err, test.want)
		}
	}
}

// TestMNISTLabelUnits: the digits have their labels as units behind the 784 pixels, here for the first 100 test rows.
func TestMNISTLabelUnits(t *testing.T) {
	set, err := Open("mnist", Options{Infer: &Inference{Label: true}})
	if err != nil {
		t.Fatal(err)
	}
	if got := set.Schema.Units("bernoulli"); got != "bernoulli:784,categorical/10:1" || set.Test.V != 794 {
		t.Errorf("got units %s and %d test columns, want 784 and 10 values", got, set.Test.V)
	}
	for n := range 100 {
		row := set.Test.Bytes[n*794+784 : (n+1)*794]
		if row[set.Test.Labels[n][0]-'0'] != 255 {
			t.Errorf("row %d: label %s, values %v", n, set.Test.Labels[n], row)
		}
	}
}

// TestLabelUnitsOfTable: a table, of words or of named bits, has label units of labels in a file of their own.
func TestLabelUnitsOfTable(t *testing.T) {
	labels := storetest.WriteFile(t, "labels.csv", "cat\ndog\ncat\n")
	for _, test := range []struct {
		table string
		units []string
	}{
		{"a,b,c\nno,1,1\nyes,0,1\nyes,1,0\n", []string{"a=yes", "b", "c", "label=cat", "label=dog"}},
		{"a,b,c\nblue,1,1\nred,0,1\nred,1,0\n", []string{"a=red", "b", "c", "label=cat", "label=dog"}},
		{"a,b,c\n0,1,1\n1,0,1\n1,1,0\n", []string{"a", "b", "c", "label=cat", "label=dog"}},
	} {
		path := storetest.WriteFile(t, "table.csv", test.table)
		set, err := Open(path, Options{Columns: Columns{Label: labels}, Infer: &Inference{Label: true}})
		if err != nil {
			t.Errorf("%q: %v", test.table, err)
			continue
		}
		if got := set.Schema.UnitNames(); set.Schema.Plain != 0 || !slices.Equal(got, test.units) {
			t.Errorf("%q: got units %q after %d plain values, want %q of a table", test.table, got, set.Schema.Plain, test.units)
		}
		if want := []uint8{0, 255, 255, 255, 0, 255, 0, 255, 0, 255, 255, 255, 0, 255, 0}; !slices.Equal(set.Train.Bytes, want) {
			t.Errorf("%q: got rows %v, want %v", test.table, set.Train.Bytes, want)
		}
		if want := []string{"cat", "dog", "cat"}; !slices.Equal(set.Train.Labels, want) {
			t.Errorf("%q: got labels %q, want %q", test.table, set.Train.Labels, want)
		}
	}
}

// TestTestRowsLackColumns: test rows may lack some of the columns to leave out, and the others are left out. They
// may lack all columns of a one-hot label, but not one of them.
func TestTestRowsLackColumns(t *testing.T) {
	train := storetest.WriteFile(t, "train.csv", "a,b,c,x,y\n0,1,1,0,1\n1,0,0,1,0\n")
	for _, tc := range []struct{ name, test, want string }{
		{"all columns", "a,b,c,x,y\n0,1,1,0,1\n", ""},
		{"no column to leave out", "c,x,y\n1,0,1\n", ""},
		{"one column to leave out", "a,c,x,y\n0,1,0,1\n", ""},
		{"no label", "a,b,c\n0,1,1\n", ""},
		{"half a label", "a,b,c,x\n0,1,1,0\n", `no column "y"`},
	} {
		test := storetest.WriteFile(t, "test.csv", tc.test)
		set, err := Open(train, Options{Test: test, Columns: Columns{Drop: "a,b", Label: "x,y"}})
		switch {
		case tc.want == "" && err != nil:
			t.Errorf("%s: %v", tc.name, err)
		case tc.want == "" && (set.Test.V != 1 || set.Test.value(0, 0) != 1):
			t.Errorf("%s: %d columns from %v on, want the column c, 1", tc.name, set.Test.V, set.Test.value(0, 0))
		case tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)):
			t.Errorf("%s: error %v, want %q", tc.name, err, tc.want)
		}
	}
}
