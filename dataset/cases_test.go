package dataset

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"harmonium/store"
	"harmonium/store/storetest"
)

// The size of caseBits.
const caseRows, caseColumns = 150, 16

// caseBits returns the rows that the files of TestCases hold: each is one of 4 patterns where each bit is flipped with
// the probability 1/20.
func caseBits() []uint8 {
	rng := rand.New(rand.NewPCG(5, 5))
	patterns := []uint16{0xf0f0, 0x0f0f, 0xcc33, 0xaaaa}
	bits := make([]uint8, 0, caseRows*caseColumns)
	for range caseRows {
		pattern := patterns[rng.IntN(len(patterns))]
		for j := range caseColumns {
			bit := uint8(pattern >> j & 1)
			if rng.IntN(20) == 0 {
				bit ^= 1
			}
			bits = append(bits, bit)
		}
	}
	return bits
}

// caseText writes the bits with a cell for each, by number of row and column.
func caseText(separator, end string, cell func(n, j int, bit uint8) string) string {
	var b strings.Builder
	for i, bit := range caseBits() {
		n, j := i/caseColumns, i%caseColumns
		if j > 0 {
			b.WriteString(separator)
		}
		b.WriteString(cell(n, j, bit))
		if j == caseColumns-1 {
			b.WriteString(end)
		}
	}
	return b.String()
}

// cells writes a bit as one of two words.
func cells(zero, one string) func(int, int, uint8) string {
	return func(_, _ int, bit uint8) string { return map[uint8]string{0: zero, 1: one}[bit] }
}

// before puts the text of a row before its first cell.
func before(cell func(int, int, uint8) string, text func(n int) string) func(int, int, uint8) string {
	return func(n, j int, bit uint8) string {
		if j > 0 {
			return cell(n, j, bit)
		}
		return text(n) + cell(n, j, bit)
	}
}

// behind puts the text of a row behind its last cell.
func behind(cell func(int, int, uint8) string, text func(n int) string) func(int, int, uint8) string {
	return func(n, j int, bit uint8) string {
		if j < caseColumns-1 {
			return cell(n, j, bit)
		}
		return cell(n, j, bit) + text(n)
	}
}

// caseHeader returns a line of names: prefix and a number that counts the columns.
func caseHeader(prefix string, from int, separator string) string {
	var names []string
	for j := range caseColumns {
		names = append(names, fmt.Sprint(prefix, j+from))
	}
	return strings.Join(names, separator)
}

// bytesOf returns the bits times a factor.
func bytesOf(factor uint8) []byte {
	bits := caseBits()
	for i := range bits {
		bits[i] *= factor
	}
	return bits
}

// TestCases: each file gives the rows of caseBits or, if want is not empty, an error with this text, which names the
// likely cause.
func TestCases(t *testing.T) {
	digits := cells("0", "1")
	numbered := func(n int) string { return fmt.Sprint(n, ",") }
	class := func(n int) string { return fmt.Sprint(",", n%3) }
	plain := caseText(",", "\n", digits)
	npy := func(descr string, elements ...byte) string { return storetest.NPY(descr, "(150, 16)", elements...) }
	header := caseHeader("f", 0, ",")
	type test struct {
		name, file string
		opt        Options
		want       string
	}
	labels := []byte{0, 4, 9}
	labelled := func() []byte { // a column of these labels, in turn, before the bits
		var out []byte
		for n := range caseRows {
			out = append(append(out, labels[n%len(labels)]), bytesOf(1)[n*caseColumns:(n+1)*caseColumns]...)
		}
		return out
	}
	personName := func(n int) string { return fmt.Sprintf("Real HG%05d ", n) }
	range16 := caseHeader("", 0, ",") + "\n" // 0,1,2,...,15
	values := ", want 0 and 1, -1 and 1, integers from 0 to 255 with one of at least 128, or reals from 0 to 1"
	tests := []test{
		{"commas", plain, Options{}, ""},
		{"spaces", caseText(" ", "\n", digits), Options{}, ""},
		{"spaces at the end", caseText(" ", " \n", cells("0.0000", "1.0000")), Options{}, ""},
		{"NumPy's savetxt", caseText(" ", "\n", cells("0.000000000000000000e+00", "1.000000000000000000e+00")), Options{}, ""},
		{"tabs", caseText("\t", "\n", digits), Options{}, ""},
		{"semicolons", caseText(";", "\r\n", digits), Options{}, ""},
		{"last comma", caseText(",", ",\n", digits), Options{}, ""},
		{"comments", "# a script\n# 16 columns\n" + plain, Options{}, ""},
		{"truths", caseText(",", "\n", cells("False", "True")), Options{}, ""},
		{"truths under a header", header + "\n" + caseText(",", "\n", cells("False", "True")), Options{}, ""},
		{"votes", caseText(",", "\n", cells("n", "y")), Options{}, ""},
		{"quoted", "\ufeff" + header + "\r\n" + caseText(",", "\r\n", cells(`"0"`, `"1"`)), Options{}, ""},
		{"bitstrings", caseText("", "\n", digits), Options{}, ""},
		{"spins", caseText(",", "\n", cells("-1", "1")), Options{Worth: []Worth{{To: AllColumns, Low: -1, High: 1}}}, ""},
		{"spins without their worth", caseText(",", "\n", cells("-1", "1")), Options{},
			"integers from -1 to 1, the first outside 0 to 1 in row 1 (line 1), column"},
		{"bytes", npy("|u1", bytesOf(1)...), Options{}, ""},
		{"grey bytes", npy("|u1", bytesOf(255)...), Options{}, ""},
		{"grey text", caseText(",", "\n", cells("0", "255")), Options{}, ""},
		{"IDX of grey pictures", storetest.IDX([]byte{150, 4, 4}, bytesOf(255)...), Options{}, ""},
		{"IDX of states", storetest.IDX([]byte{150, 4, 4}, bytesOf(1)...), Options{}, ""},
		{"pictures of one channel", storetest.NPY("|u1", "(150, 4, 4, 1)", bytesOf(255)...), Options{}, ""},
		{"rows of one line", storetest.NPY("|u1", "(150, 1, 16)", bytesOf(1)...), Options{}, ""},

		{"range header", range16 + plain, Options{}, "names of columns, or values?"},
		{"range header, said", range16 + plain, Options{Header: store.HeaderYes}, ""},
		{"range header and index", "," + range16 + caseText(",", "\n", before(digits, numbered)),
			Options{Columns: Columns{Drop: "1"}}, "names of columns, or values?"},
		{"index", "," + header + "\n" + caseText(",", "\n", before(digits, numbered)), Options{},
			"column 1 counts 0, 1, 2, ...: an index?"},
		{"index left out", "," + header + "\n" + caseText(",", "\n", before(digits, numbered)),
			Options{Columns: Columns{Drop: "1"}}, ""},
		{"the other columns", "," + header + "\n" + caseText(",", "\n", before(digits, numbered)),
			Options{Columns: Columns{Keep: "2-15,f14,f15"}}, ""},
		{"index from 1", caseText(",", "\n", before(digits, func(n int) string { return fmt.Sprint(n+1, ",") })), Options{},
			"column 1 counts 1, 2, 3, ...: an index?"},
		{"index at the end", caseText(" ", "\n", behind(digits, func(n int) string { return fmt.Sprint(" ", n) })), Options{},
			"column 17 counts 0, 1, 2, ...: an index?"},
		{"class", header + ",Class\n" + caseText(",", "\n", behind(digits, func(n int) string { return fmt.Sprint(",", n%2) })),
			Options{Columns: Columns{Label: "Class"}}, ""},
		{"numbered class", header + ",class\n" + caseText(",", "\n", behind(digits, class)), Options{Columns: Columns{Label: "17"}},
			""},
		{"class taken for data", header + ",class\n" + caseText(",", "\n", behind(digits, class)), Options{},
			`integers from 0 to 2, the first outside 0 to 1 in row 3 (line 4), column 17 "class"` + values +
				`; column 17 "class" goes from 0 to 2 beside columns of 0 and 1: a label?`},
		{"label of grey rows",
			"label," + header + "\n" + caseText(",", "\n", before(cells("0", "255"), func(n int) string { return fmt.Sprint(n%10, ",") })),
			Options{Columns: Columns{Label: "label"}}, ""},
		{"large label", caseText(",", "\n", behind(digits, func(n int) string { return fmt.Sprint(",", 100+n%50) })), Options{},
			"column 17 goes from 100 to 149 beside columns of 0 and 1: a label?"},
		{"names of rows", caseText(" ", "\n", before(digits, personName)), Options{Columns: Columns{Drop: "1", Label: "2"}}, ""},
		{"names of rows taken for data", caseText(" ", "\n", before(digits, personName)), Options{},
			`row 1 (line 1), column 1: "Real", want a number`},
		{"weights", caseText(",", "\n", before(digits, func(n int) string { return fmt.Sprint(n%7, "|") })),
			Options{Columns: Columns{Weight: "1"}}, ""},
		{"two arrays", storetest.Zip(8, "X.npy", npy("|u1", bytesOf(1)...), "Y.npy", npy("|u1", bytesOf(0)...)), Options{Key: "X"}, ""},
		{"states and a label", storetest.NPY("|u1", "(150, 17)", labelled()...), Options{},
			"integers from 0 to 9, the first outside 0 to 1 in row 2, column 1" + values +
				"; column 1 goes from 0 to 9 beside columns of 0 and 1: a label?"},
		{"states and a label, said", storetest.NPY("|u1", "(150, 17)", labelled()...),
			Options{Columns: Columns{Label: "1"}}, ""},
		{"integers to 16", npy("|u1", bytesOf(16)...), Options{}, "integers from 0 to 16, the first outside 0 to 1 in row 1, column"},
		{"integers to 16, divided", npy("|u1", bytesOf(16)...), Options{Scale: 16}, ""},
		{"more than the scale", npy("|u1", bytesOf(16)...), Options{Scale: 8}, "integers from 0 to 16, want 0 to 8"},
		{"genotypes", npy("|u1", bytesOf(2)...), Options{}, "integers from 0 to 2, the first"},
		{"missing cells", caseText(",", "\n", func(n, j int, bit uint8) string {
			missing := map[[2]int]string{{2, 8}: "", {3, 2}: "NaN", {3, 12}: "?"} // by row and column
			if cell, ok := missing[[2]int{n, j}]; ok {
				return cell
			}
			return fmt.Sprint(bit)
		}), Options{}, "row 3 (line 3), column 9: a missing cell, the first of 3, want a value"},
		{"one dimension", storetest.NPY("|u1", "(16,)", bytesOf(1)[:16]...), Options{},
			"one dimension of 16 values, want rows and columns"},
		{"labels alone", storetest.IDX([]byte{16}, bytesOf(1)[:16]...), Options{}, "one dimension of 16 values, want rows and columns"},
	}
	want := Rows{N: caseRows, V: caseColumns, Bytes: bytesOf(255)}
	for _, c := range tests {
		path := storetest.WriteFile(t, "data", c.file)
		set, err := Open(path, c.opt)
		if c.want != "" {
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s: got error %v, want one line with %q", c.name, err, c.want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if !sameRows(*set.Train, want) {
			t.Errorf("%s: got %d x %d values that are not the bits", c.name, set.Train.N, set.Train.V)
		}
	}
}

// TestHints: columns and first lines that may be no data, but hold values, are read, with a hint.
func TestHints(t *testing.T) {
	for _, test := range []struct {
		file string
		opt  Options
		want []string
	}{
		{"a,b,class\n0,1,1\n1,0,1\n", Options{}, []string{`column 3 "class" has this name: a label?`}},
		{"ID,Target\n0,1\n0,1\n", Options{}, []string{`column 1 "ID" has this name: an index?`,
			`column 2 "Target" has this name: a label?`}},
		{"a,class\n0,1\n1,0\n", Options{Columns: Columns{Keep: "a,class"}}, nil},
		{",a,b\n0,1,1\n1,0,1\n", Options{}, []string{"column 1 counts 0, 1: an index?"}},
		{",a,b\n0,1,1\n0,0,1\n", Options{}, []string{"column 1 is the first one and has no name: an index?"}},
		{"0,1\n1,1\n0,1\n", Options{}, []string{"the first line is 0, 1: a header?"}},
		{"0,1\n1,1\n0,1\n", Options{Header: store.HeaderNo}, nil},
		{"0\n1\n1\n", Options{}, []string{"the first line is 0: a header?"}},
		{"0,255,3\n255,0,1\n255,255,2\n", Options{}, []string{"column 3 goes from 1 to 3 beside columns of 0 and 255: a label?"}},
		{"1,1\n0,1\n", Options{}, nil},
	} {
		set, err := Open(storetest.WriteFile(t, "data", test.file), test.opt)
		if err != nil {
			t.Errorf("%q: %v", test.file, err)
			continue
		}
		var got []string
		for _, hint := range set.Train.Origin.Hints {
			got = append(got, hint.String())
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%q: got hints %q, want %q", test.file, got, test.want)
		}
	}
}

// TestLabelsAndConditions: labels are the cells of a column or of another array, or the name of the column that
// is 1 of several, and conditions choose rows by any column.
func TestLabelsAndConditions(t *testing.T) {
	table := "id,a,kind,b,one,two\n7,0,x,1,0,1\n8,1,y,0,1,0\n9,1,x,1,0,1\n10,0,z,0,1,0\n"
	classes, oneHot := storetest.NPY("|u1", "(4,)", 3, 1, 4, 1), storetest.NPY("|u1", "(4, 3)", 0, 0, 1, 1, 0, 0, 0, 1, 0, 1, 0, 0)
	labels := storetest.WriteFile(t, "l.npz", storetest.Zip(0, "y.npy", classes, "hot.npy", oneHot))
	for _, test := range []struct {
		columns Columns
		labels  []string
		rows    []uint8
	}{
		{Columns{Label: "kind", Drop: "id,5-6"}, []string{"x", "y", "x", "z"}, []uint8{0, 1, 1, 0, 1, 1, 0, 0}},
		{Columns{Label: "5-6", Drop: "id,kind"}, []string{"two", "one", "two", "one"}, []uint8{0, 1, 1, 0, 1, 1, 0, 0}},
		{Columns{Label: "id", Keep: "a, b"}, []string{"7", "8", "9", "10"}, []uint8{0, 1, 1, 0, 1, 1, 0, 0}},
		{Columns{Label: labels + ":y", Keep: "b"}, []string{"3", "1", "4", "1"}, []uint8{1, 0, 1, 0}},
		{Columns{Label: labels + ":hot", Keep: "b"}, []string{"2", "0", "1", "0"}, []uint8{1, 0, 1, 0}},
		{Columns{Label: "kind", Keep: "a,b", Where: []string{"label=x"}}, []string{"x", "x"}, []uint8{0, 1, 1, 1}},
		{Columns{Label: labels + ":y", Keep: "b", Where: []string{"label=1,3", "id=10,7.0"}}, []string{"3", "1"}, []uint8{1, 0}},
		{Columns{Keep: "a,b", Where: []string{"kind=x,z", "1=9"}}, nil, []uint8{1, 1}},
	} {
		set, err := Open(storetest.WriteFile(t, "data", table), Options{Columns: test.columns})
		if err != nil {
			t.Errorf("%+v: %v", test.columns, err)
			continue
		}
		want := bytesTimes(test.rows, 255)
		if !slices.Equal(set.Train.Labels, test.labels) || !slices.Equal(set.Train.Bytes, want) {
			t.Errorf("%+v: got labels %q and rows %v, want %q and %v", test.columns, set.Train.Labels, set.Train.Bytes, test.labels, want)
		}
	}
	for _, test := range []struct {
		columns Columns
		want    string
	}{
		{Columns{Label: "kin"}, `no column "kin", want a number from 1 to 6 or one of "id", "a", "kind", "b", "one", "two"`},
		{Columns{Drop: "0"}, `no column "0"`},
		{Columns{Drop: "5-7"}, `no column "5-7"`},
		{Columns{Drop: "1-6"}, "no columns are left of 6"},
		{Columns{Label: "2,4"}, `row 3 (line 4), column 2 "a": 2 of the 2 columns of the label are 1, want one`},
		{Columns{Label: labels + ":z"}, "data: labels of " + labels + `: no array "z"`},
		{Columns{Where: []string{"kind"}}, `condition "kind", want COLUMN=VALUE`},
		{Columns{Where: []string{"kind=w"}}, `no row has "kind=w"`},
		{Columns{Weight: "kind"}, `row 1 (line 2), column 3 "kind": "x", want a weight of at least 0`},
	} {
		_, err := Open(storetest.WriteFile(t, "data", table), Options{Columns: test.columns})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: got error %v, want %s", test.columns, err, test.want)
		}
	}
}

func bytesTimes(bytes []uint8, factor uint8) []uint8 {
	out := make([]uint8, len(bytes))
	for i, b := range bytes {
		out[i] = b * factor
	}
	return out
}

// TestSources: arrays, patterns and several files name the rows of a part, and no source is in two.
func TestSources(t *testing.T) {
	folder := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(folder, name)
		if err := store.WriteAtomic(path, func(w io.Writer) error { _, err := io.WriteString(w, content); return err }); err != nil {
			t.Fatal(err)
		}
		return path
	}
	row := func(a, b byte) string { return storetest.NPY("|u1", "(1, 2)", a, b) }
	parts := file("parts.npz", storetest.Zip(0, "a.npy", row(0, 1), "b.npy", row(1, 0), "c.npy", row(1, 1)))
	one, two := file("part1.csv", "x,y\n0,1\n"), file("part2.csv", "x,y\n1,0.5\n1,1\n")
	file("odd:a", "0,0\n")
	for _, test := range []struct {
		spec, name string
		want       []float32
	}{
		{parts + ":b", parts + ":b", []float32{1, 0}},
		{filepath.Join(folder, "odd:a"), filepath.Join(folder, "odd:a"), []float32{0, 0}},
		{filepath.Join(folder, "odd:?"), filepath.Join(folder, "odd:a"), []float32{0, 0}},
		{filepath.Join(folder, "part?.csv"), one + " and " + two, []float32{0, 1, 1, 0.5, 1, 1}},
		{JoinSpecs(two, one), two + " and " + one, []float32{1, 0.5, 1, 1, 0, 1}},
		{JoinSpecs(parts+":a", parts+":b", parts+":c"), parts + ":a and 2 more files", []float32{0, 1, 1, 0, 1, 1}},
		{filepath.Join(folder, "*.npz") + ":c", parts + ":c", []float32{1, 1}},
	} {
		set, err := Open(test.spec, Options{})
		if err != nil || set.Name != test.name || !slices.Equal(values(set.Train), test.want) {
			t.Errorf("%s: got %+v, error %v, want %v of %s", test.spec, set, err, test.want, test.name)
		}
	}
	set, err := Open(parts+":a", Options{Test: parts + ":b", Valid: parts + ":c"})
	if err != nil || set.Test.Origin.String() != parts+":b" || !slices.Equal(set.Valid.Bytes, []uint8{255, 255}) {
		t.Errorf("three arrays of a file: got %+v, error %v", set, err)
	}
	for _, test := range []struct {
		spec string
		opt  Options
		want string
	}{
		{parts + ":a", Options{Test: parts + ":a"}, "both training rows and test rows"},
		{parts, Options{Key: "a", Test: filepath.Join(folder, ".", "parts.npz") + ":a"}, "both training rows and test rows"},
		{one, Options{Test: two, Valid: filepath.Join(folder, "part*.csv")}, "both training rows and validation rows"},
		{penguins, Options{Test: penguins, Infer: &Inference{}, Missing: true}, "both training rows and test rows"},
		{parts + ":d", Options{}, `no array "d"`},
		{one + ":x", Options{}, `array "x" of a file without named arrays`},
		{filepath.Join(folder, "*.txt"), Options{}, "no file matches this pattern"},
		{filepath.Join(folder, "[.txt"), Options{}, "a bad pattern"},
		{JoinSpecs(one, parts+":a"), Options{}, "another header than in"},
		{one, Options{Test: file("other.csv", "y,x\n1,0\n")}, `column 1 "y", want "x" as in`},
		{file("grey.csv", "0,128\n"), Options{Test: file("states.csv", "0,1\n")}, "integers from 0 to 1, want numbers as in"},
		{filepath.Join(folder, "states.csv"), Options{Test: filepath.Join(folder, "grey.csv")}, "integers from 0 to 128"},
		{"mnist", Options{Scale: 255}, "a scale, want that only with a file"},
		{"bars-and-stripes:2", Options{Columns: Columns{Where: []string{"label=1"}}}, "a condition, want that only with a file"},
	} {
		if _, err := Open(test.spec, test.opt); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s %+v: got error %v, want %s", test.spec, test.opt, err, test.want)
		}
	}
	dark, err := Open(filepath.Join(folder, "grey.csv"), Options{Test: file("dark.csv", "0,100\n")})
	if err != nil || !slices.Equal(dark.Test.Bytes, []uint8{0, 100}) {
		t.Errorf("dark test rows: got %+v, error %v, want grey levels as in training", dark, err)
	}
	unlabelled, err := Open(file("l.csv", "class,x,y\n5,0,1\n6,1,1\n"), Options{Test: one, Columns: Columns{Label: "class"}})
	if err != nil || unlabelled.Test.Labels != nil || unlabelled.Test.V != 2 {
		t.Errorf("test rows without the label: got %+v, error %v, want 2 columns", unlabelled, err)
	}
}

// TestTwoFractions: test and validation rows of fractions are taken out of the training rows. All 100 rows differ, so
// that a row in two parts would be noticed.
func TestTwoFractions(t *testing.T) {
	var text strings.Builder
	for n := range 100 {
		fmt.Fprintf(&text, "%v\n", float64(n)/100)
	}
	path := storetest.WriteFile(t, "rows.csv", "x\n"+text.String())
	set, err := Open(path, Options{Test: "0.2", Valid: "0.1", Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	all := slices.Concat(set.Train.Floats, set.Test.Floats, set.Valid.Floats)
	slices.Sort(all)
	if set.Train.N != 70 || set.Test.N != 20 || set.Valid.N != 10 || len(slices.Compact(all)) != 100 {
		t.Errorf("got %d, %d and %d rows, want 70, 20 and 10, all different", set.Train.N, set.Test.N, set.Valid.N)
	}
	if set.Test.Origin != set.Train.Origin {
		t.Error("the test rows have lost their origin")
	}
}

// TestFromMemory: rows of Go values hold them as bytes if they are states, and bad values are an error with the place.
func TestFromMemory(t *testing.T) {
	r, err := FromRows([][]float64{{0, 0.5}, {1, 0.25}})
	if err != nil || !slices.Equal(r.Floats, []float32{0, 0.5, 1, 0.25}) || r.N != 2 {
		t.Errorf("probabilities: got %+v, error %v", r, err)
	}
	if r, err := FromRows([][]float32{{0, 1}}); err != nil || !slices.Equal(r.Bytes, []uint8{0, 255}) || r.Floats != nil {
		t.Errorf("states as probabilities: got %+v, error %v", r, err)
	}
	if r, err := FromStates([][]bool{{false}, {true}}); err != nil || !slices.Equal(r.Bytes, []uint8{0, 255}) || r.V != 1 {
		t.Errorf("truths: got %+v, error %v", r, err)
	}
	if r, err := FromStates([][]int64{{1, 0}}); err != nil || !slices.Equal(r.Bytes, []uint8{255, 0}) {
		t.Errorf("integers: got %+v, error %v", r, err)
	}
	nan := float32(math.NaN())
	for _, test := range []struct {
		err  error
		want string
	}{
		{second(FromRows([][]float64{})), "0 rows without columns"},
		{second(FromRows([][]float64{{}})), "1 rows without columns"},
		{second(FromRows([][]float64{{0, 1}, {0}})), "row 2: 1 columns, want 2 as in row 1"},
		{second(FromRows([][]float64{{0, 1}, {0, 1.5}})), "row 2, column 2: 1.5, want a value in [0,1]"},
		{second(FromRows([][]float32{{nan}})), "row 1, column 1: NaN, want a value in [0,1]"},
		{second(FromStates([][]uint8{{0, 255}})), "row 1, column 2: 255, want 0 or 1"},
		{second(FromStates([][]float32{{nan}})), "row 1, column 1: NaN, want 0 or 1"},
	} {
		if test.err == nil || !strings.Contains(test.err.Error(), test.want) {
			t.Errorf("got error %v, want %s", test.err, test.want)
		}
	}
}

// second returns the error of a function with two results.
func second[T any](_ T, err error) error { return err }
