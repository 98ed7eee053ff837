package dataset

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"harmonium/store/storetest"
)

// TestOpenFile: the rows, the size as pictures and the name of a file of each format.
func TestOpenFile(t *testing.T) {
	states := Rows{N: 2, V: 4, Bytes: []uint8{0, 255, 255, 0, 255, 255, 0, 0}}
	real := Rows{N: 1, V: 3, Floats: []float32{0, 0.5, 1}}
	grey := Rows{N: 1, V: 6, Bytes: []uint8{0, 1, 1, 0, 1, 200}}
	x := storetest.NPY("|u1", "(2, 4)", 0, 1, 1, 0, 1, 1, 0, 0)
	half := storetest.NPY("<f4", "(1, 3)", 0, 0, 0, 0, 0, 0, 0, 0x3f, 0, 0, 0x80, 0x3f)
	tests := []struct {
		name, file, key string
		want            Rows
		width, height   int
	}{
		{"CSV of states", "0,1,1,0\n1,1,0,0\n", "", states, 2, 2},
		{"CSV of reals", "0,0.5,1\n", "", real, 0, 0},
		{"CSV in gzip", storetest.Gzip("a,b,c\n0,0.5,1\n"), "", real, 0, 0},
		{"IDX pictures", storetest.IDX([]byte{1, 2, 3}, grey.Bytes...), "", grey, 3, 2},
		{"IDX rows in gzip", storetest.Gzip(storetest.IDX([]byte{2, 4}, states.Bytes...)), "", states, 2, 2},
		{"IDX of states", storetest.IDX([]byte{1, 2}, 0, 1), "", Rows{N: 1, V: 2, Bytes: []uint8{0, 255}}, 0, 0},
		{"IDX of pictures of one line", storetest.IDX([]byte{1, 1, 2}, 0, 1), "", Rows{N: 1, V: 2, Bytes: []uint8{0, 255}}, 2, 1},
		{"NPY of grey integers", storetest.NPY("<i2", "(1, 2)", 255, 0, 7, 0), "", Rows{N: 1, V: 2, Bytes: []uint8{255, 7}}, 0, 0},
		{"CSV of grey integers", "0,128,3\n4,5,9\n", "", Rows{N: 2, V: 3, Bytes: []uint8{0, 128, 3, 4, 5, 9}}, 0, 0},
		{"NPY with dimensions of 1", storetest.NPY("|u1", "(1, 1, 2, 3)", grey.Bytes...), "", grey, 3, 2},
		{"NPY of states", x, "", states, 2, 2},
		{"NPY of grey bytes", storetest.NPY("|u1", "(1, 2, 3)", grey.Bytes...), "", grey, 3, 2},
		{"NPY of bool", storetest.NPY("|b1", "(2, 4)", 0, 1, 1, 0, 1, 1, 0, 0), "", states, 2, 2},
		{"NPY of int16", storetest.NPY("<i2", "(1, 2)", 1, 0, 0, 0), "", Rows{N: 1, V: 2, Bytes: []uint8{255, 0}}, 0, 0},
		{"NPY of float32", half, "", real, 0, 0},
		{"NPY in Fortran order", storetest.NumPyFortran, "", Rows{N: 2, V: 3, Floats: []float32{0, 0.5, 1, 0.25, 0.75, 1}}, 0, 0},
		{"NPZ with one matrix", storetest.Zip(8, "n.npy", storetest.NumPyVersion2, "x.npy", x, "notes.txt", "-"), "", states, 2, 2},
		{"NPZ with a key", storetest.Zip(0, "x.npy", x, "y.npy", half), "y", real, 0, 0},
	}
	for _, test := range tests {
		path := storetest.WriteFile(t, "data", test.file)
		set, err := Open(path, Options{Key: test.key})
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if !sameRows(*set.Train, test.want) || set.Width != test.width || set.Height != test.height {
			t.Errorf("%s: got %v of %d x %d, want %v of %d x %d",
				test.name, *set.Train, set.Width, set.Height, test.want, test.width, test.height)
		}
		name := path
		if strings.HasPrefix(test.name, "NPZ") {
			name += ":" + cmp.Or(test.key, "x")
		}
		if set.Name != name || set.Test != nil || set.Valid != nil {
			t.Errorf("%s: got set %+v, want training rows only and the name %s", test.name, set, name)
		}
	}
}

func sameRows(a, b Rows) bool {
	return a.N == b.N && a.V == b.V && slices.Equal(a.Bytes, b.Bytes) && slices.Equal(a.Floats, b.Floats) &&
		(a.Bytes == nil) == (b.Bytes == nil) && (a.Floats == nil) == (b.Floats == nil)
}

func TestOpenParts(t *testing.T) {
	train := storetest.WriteFile(t, "train.csv", "0,1\n1,0\n0,0\n")
	test := storetest.WriteFile(t, "test.npz",
		storetest.Zip(8, "a.npy", storetest.NPY("|u1", "(1, 2)", 1, 1), "b.npy", storetest.NPY("|u1", "(1, 2)", 0, 1)))
	valid := storetest.WriteFile(t, "valid.csv", "1,0.5\n")
	set, err := Open(train, Options{Test: test + ":b", Valid: valid})
	if err != nil {
		t.Fatal(err)
	}
	if want := (Rows{N: 1, V: 2, Bytes: []uint8{0, 255}}); !sameRows(*set.Test, want) {
		t.Errorf("test: got %v, want %v", *set.Test, want)
	}
	if want := (Rows{N: 1, V: 2, Floats: []float32{1, 0.5}}); !sameRows(*set.Valid, want) {
		t.Errorf("valid: got %v, want %v", *set.Valid, want)
	}
	if set.Train.N != 3 {
		t.Errorf("train: got %d rows, want all 3", set.Train.N)
	}
}

// numbered returns a set of n rows. Each row holds its own number.
func numbered(n int) *Set {
	rows := &Rows{N: n, V: 1, Bytes: make([]uint8, n), Labels: make([]string, n)}
	for i := range n {
		rows.Bytes[i], rows.Labels[i] = uint8(i), fmt.Sprint(i)
	}
	return &Set{Name: "numbered", Train: rows}
}

// TestSplit: the rows that are taken out and those that are left are all rows, each in one part and in the old order.
func TestSplit(t *testing.T) {
	tests := []struct {
		n        int
		fraction float64
		valid    int // fraction·n, rounded
	}{{10, 0.1, 1}, {10, 0.25, 3}, {2, 0.5, 1}, {200, 0.99, 198}, {200, 0.01, 2}}
	for _, test := range tests {
		set := numbered(test.n)
		whole := set.Train
		var err error
		if set.Valid, err = set.split(test.fraction, test.n, 7, validationRows); err != nil {
			t.Errorf("%v of %d: %v", test.fraction, test.n, err)
			continue
		}
		if set.Valid.N != test.valid || set.Train.N != test.n-test.valid {
			t.Errorf("%v of %d: got %d and %d rows, want %d in valid", test.fraction, test.n, set.Train.N, set.Valid.N, test.valid)
		}
		both := slices.Sorted(slices.Values(slices.Concat(set.Train.Bytes, set.Valid.Bytes)))
		if !slices.Equal(both, whole.Bytes) {
			t.Errorf("%v of %d: got rows %v together, want each once", test.fraction, test.n, both)
		}
		for name, part := range map[string]*Rows{"train": set.Train, "valid": set.Valid} {
			var labels []uint8
			for _, label := range part.Labels {
				n, _ := strconv.Atoi(label)
				labels = append(labels, uint8(n))
			}
			if !slices.IsSorted(part.Bytes) || !slices.Equal(part.Bytes, labels) {
				t.Errorf("%v of %d: %s: got rows %v labels %v, want the old order", test.fraction, test.n, name, part.Bytes, part.Labels)
			}
		}
	}
}

func TestSplitDependsOnSeedAlone(t *testing.T) {
	parts := map[string]bool{}
	for _, seed := range []uint64{1, 1, 2} {
		set := numbered(100)
		valid, err := set.split(0.5, 100, seed, validationRows)
		if err != nil {
			t.Fatal(err)
		}
		parts[string(valid.Bytes)] = true
	}
	if len(parts) != 2 { // one in 10²⁹ seeds draws the same half
		t.Errorf("got %d different parts for seeds 1, 1 and 2, want 2", len(parts))
	}
}

// TestSplitIsUniform: over 4000 seeds each of 5 rows is one of the 2 taken in 2/5 of the cases: 1600 ± 31, where 31 is
// √(4000·2/5·3/5). Five standard deviations are passed by one of the five rows by chance once in 300,000.
func TestSplitIsUniform(t *testing.T) {
	var taken [5]int
	for seed := range uint64(4000) {
		set := numbered(5)
		valid, err := set.split(0.4, 5, seed, validationRows)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range valid.Bytes {
			taken[n]++
		}
	}
	for n, got := range taken {
		if got < 1600-155 || got > 1600+155 {
			t.Errorf("row %d: got taken %d times of 4000, want 1600 ± 155", n, got)
		}
	}
}

func TestOpenOptionErrors(t *testing.T) {
	train := storetest.WriteFile(t, "train.csv", "0,1\n1,0\n0,0\n")
	wide := storetest.WriteFile(t, "wide.csv", "0,1,1\n")
	tests := []struct {
		opt  Options
		want string
	}{
		{Options{Valid: "0"}, train + ": 0 of the rows as validation rows, want a fraction in (0,1)"},
		{Options{Valid: "1"}, train + ": 1 of the rows as validation rows, want a fraction in (0,1)"},
		{Options{Valid: "-0.5"}, train + ": -0.5 of the rows as validation rows, want a fraction in (0,1)"},
		{Options{Test: "NaN"}, train + ": NaN of the rows as test rows, want a fraction in (0,1)"},
		{Options{Valid: "1e999"}, train + ": +Inf of the rows as validation rows, want a fraction in (0,1)"},
		{Options{Valid: "0.1"}, train + ": 0.1 of 3 rows as validation rows is 0 of 3, want at least one row on each side"},
		{Options{Test: "0.9"}, train + ": 0.9 of 3 rows as test rows is 3 of 3, want at least one row on each side"},
		{Options{Test: "0.4", Valid: "0.6"},
			train + ": 0.6 of 3 rows as validation rows is 2 of 2, want at least one row on each side"},
		{Options{Valid: "10%"}, "10%: no such file or directory"},
		{Options{Valid: wide}, wide + ": 3 columns, want 2 as in " + train},
		{Options{Test: wide}, wide + ": 3 columns, want 2 as in " + train},
		{Options{Test: "missing.csv"}, "missing.csv: no such file or directory"},
		{Options{Key: "x"}, train + `: array "x" of a file without named arrays`},
	}
	for _, test := range tests {
		if _, err := Open(train, test.opt); err == nil || err.Error() != "dataset: "+test.want {
			t.Errorf("%+v: got %v, want dataset: %s", test.opt, err, test.want)
		}
	}
}

func ExampleOpen() {
	set, err := Open("bars-and-stripes:4", Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(set.Train.N, "rows of", set.Train.V, "binarize:", set.Train.DefaultBinarization())
	// Output: 32 rows of 16 binarize: none
}

// TestPicturesOfTwoSizes: rows of files whose pictures have as many pixels but another shape are no pictures.
func TestPicturesOfTwoSizes(t *testing.T) {
	wide, high := storetest.WriteFile(t, "wide.npy", storetest.NPY("|u1", "(1, 2, 3)", 0, 1, 1, 0, 1, 0)),
		storetest.WriteFile(t, "high.npy", storetest.NPY("|u1", "(1, 3, 2)", 0, 1, 1, 0, 1, 1))
	for spec, want := range map[string][2]int{wide: {3, 2}, JoinSpecs(wide, high): {}} {
		s, err := Open(spec, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := [2]int{s.Width, s.Height}; got != want {
			t.Errorf("%s: rows of %v pixels, want %v", spec, got, want)
		}
	}
}
