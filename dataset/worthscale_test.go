package dataset

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"harmonium/store/storetest"
)

// openParts opens training rows and test rows of the given text, or of no test rows if it is empty.
func openParts(t *testing.T, train, test string, opt Options) (*Set, error) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, content := range map[string]string{"train": train, "test": test} {
		if content == "" {
			continue
		}
		if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
		if name == "test" {
			opt.Test = name
		}
	}
	return Open("train", opt)
}

// valuesOf returns all values of rows as float32, as text.
func valuesOf(r *Rows) string {
	row, all := make([]float32, r.V), []float32{}
	for n := range r.N {
		r.Row(row, n)
		all = append(all, row...)
	}
	return fmt.Sprint(all)
}

// TestScaleOfWorths: numbers divided by a scale are probabilities of the state 1, for units of any states. If training
// rows have negative ones in a column of states, the divided numbers stand for states as Worth says, in test rows
// without negative ones too. The numbers of a column say nothing of another column with another kind of numbers.
func TestScaleOfWorths(t *testing.T) {
	spins := []Worth{{To: AllColumns, Low: -1, High: 1}}
	mixed := []Worth{{To: 1, Low: -1, High: 1}, {To: 2, Real: true}}
	for _, c := range []struct {
		descr, train, test string
		scale              float64
		worth              []Worth
		want, wantTest     string // values, or a part of the error
	}{
		{"none is negative", "0,16\n4,8\n", "8,0\n", 16, spins, "[0 1 0.25 0.5]", "[0.5 0]"},
		{"some are negative", "-16,16\n0,8\n", "8,0\n", 16, spins, "[0 1 0.5 0.75]", "[0.75 0.5]"},
		{"half spins", "-0.5,0.5\n0.5,0.5\n", "0.5,0\n", 0.5, spins, "[0 1 1 1]", "[1 0.5]"},
		{"the scale of bytes", "-255,255\n0,51\n", "255,0\n", 255, spins, "[0 1 0.5 0.6]", "[1 0.5]"},
		{"only test rows are negative", "0,16\n4,8\n", "-8,0\n", 16, spins,
			"integers from -8 to 0, want numbers as in train, which go from 0 to 16 and are divided by 16", ""},
		{"below the state 0", "-17,16\n0,8\n", "", 16, spins, "row 1 (line 1), column 1: -17, want a value in [-16,16]", ""},
		{"beyond the scale", "0,17\n4,8\n", "", 16, spins, "integers from 0 to 17, want at most 16", ""},
		{"negative real numbers", "16,-8\n4,2\n", "8,4\n", 16, mixed, "[1 -0.5 0.25 0.125]", "[0.5 0.25]"},
		{"negative states", "-16,8\n0,2\n", "8,-4\n", 16, mixed, "[0 0.5 0.5 0.125]", "[0.75 -0.25]"},
		{"large real numbers", "16,80\n4,-32\n", "8,48\n", 16, mixed, "[1 5 0.25 -2]", "[0.5 3]"},
		{"a large state", "17,8\n4,2\n", "", 16, mixed, "row 1 (line 1), column 1: 17, want a value in [0,16]", ""},
	} {
		set, err := openParts(t, c.train, c.test, Options{Scale: c.scale, Worth: c.worth})
		switch {
		case err != nil:
			if c.wantTest != "" || !strings.HasSuffix(err.Error(), c.want) {
				t.Errorf("%s: got error %v, want %s", c.descr, err, c.want)
			}
		case valuesOf(set.Train) != c.want:
			t.Errorf("%s: got training rows %s, want %s", c.descr, valuesOf(set.Train), c.want)
		case valuesOf(set.Test) != c.wantTest:
			t.Errorf("%s: got test rows %s, want %s", c.descr, valuesOf(set.Test), c.wantTest)
		}
	}
}

// TestColumnOfMissingCells: a column of test rows without a known cell, such as one to be predicted, does not change
// what the numbers of the others stand for. Its values are 0.
func TestColumnOfMissingCells(t *testing.T) {
	spins := []Worth{{To: AllColumns, Low: -1, High: 1}}
	mixed := []Worth{{To: 1, Low: -1, High: 1}, {To: 2, High: 1}}
	for _, c := range []struct {
		descr, train, test string
		opt                Options
		want               string
	}{
		{"grey levels of spins", "0,255\n128,64\n", "255,NA\n102,NA\n", Options{Worth: spins}, "[1 0 0.4 0]"},
		{"spins", "-1,1\n1,1\n", "1,NA\n0,NA\n", Options{Worth: spins}, "[1 0 0.5 0]"},
		{"spins, divided", "0,16\n4,8\n", "16,NA\n8,NA\n", Options{Worth: spins, Scale: 16}, "[1 0 0.5 0]"},
		{"a spin beside 0 and 1", "-1,1\n1,0\n", "-1,NA\n1,NA\n", Options{Worth: mixed}, "[0 0 1 0]"},
	} {
		c.opt.Missing = true
		set, err := openParts(t, c.train, c.test, c.opt)
		if err != nil {
			t.Errorf("%s: %v", c.descr, err)
			continue
		}
		if got := valuesOf(set.Test); got != c.want || fmt.Sprint(set.Test.Missing) != "[0 255 0 255]" {
			t.Errorf("%s: got test rows %s with marks %v, want %s with the second column missing", c.descr, got, set.Test.Missing, c.want)
		}
	}
}

// TestRealNumbersOfBytes: in columns of real numbers, bytes with one of at least 128 are grey levels, and other numbers
// stand for themselves. Test rows are read as the training rows are, and a pattern as rows of the same file.
func TestRealNumbersOfBytes(t *testing.T) {
	bytes := func(a, b byte) string { return storetest.NPY("|u1", "(1, 2)", a, b) }
	real := []Worth{{To: AllColumns, Real: true}}
	for _, c := range []struct {
		descr, train, test string
		want, wantTest     string
	}{
		{"text", "0,204\n", "51,102\n", "[0 204]", "[51 102]"},
		{"integers of 4 bytes", storetest.NPY("<i4", "(1, 2)", 0, 0, 0, 0, 204, 0, 0, 0), "51,102\n", "[0 204]", "[51 102]"},
		{"bytes", bytes(0, 204), bytes(51, 102), "[0 0.8]", "[0.2 0.4]"},
		{"small bytes", bytes(0, 102), bytes(51, 102), "[0 102]", "[51 102]"},
		{"text beside bytes", bytes(0, 204), "51,102\n", "[0 0.8]", "[0.2 0.4]"},
		{"bytes beside text", "0,204\n", bytes(51, 204), "[0 204]", "[51 204]"},
	} {
		set, err := openParts(t, c.train, c.test, Options{Worth: real})
		if err != nil {
			t.Errorf("%s: %v", c.descr, err)
			continue
		}
		if train, test := valuesOf(set.Train), valuesOf(set.Test); train != c.want || test != c.wantTest {
			t.Errorf("%s: got training rows %s and test rows %s, want %s and %s", c.descr, train, test, c.want, c.wantTest)
		}
		p, err := OpenPattern("train", 2, Options{Worth: real})
		if err != nil || fmt.Sprint(p.Values) != c.want {
			t.Errorf("%s: got the pattern %v, error %v, want %s", c.descr, p, err, c.want)
		}
	}
}
