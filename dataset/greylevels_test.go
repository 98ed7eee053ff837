package dataset

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func writeText(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rows.csv")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestLevels: a grey value b/255 becomes the state ⌊8b/255⌋ of 8, but 7 for 255, and comes back as state/7. A missing
// cell has no state.
func TestLevels(t *testing.T) {
	path := writeText(t, "0,31,32,255\n223,224,,128\n")
	set, err := Open(path, Options{Levels: 8, Missing: true})
	if err != nil {
		t.Fatal(err)
	}
	rows := set.Train
	if err := set.Validate(); err != nil || rows.V != 4*8 || !rows.Binary() {
		t.Fatalf("%d values, states: %v, error %v, want 8 states of each of 4 columns", rows.V, rows.Binary(), err)
	}
	if got := rows.Origin.Columns[7:9]; !slices.Equal(got, []int{1, 2}) { // the last state of a column, and the first of the next
		t.Errorf("values 7 and 8 are of the columns %v, want 1 and 2", got)
	}
	if s := rows.LevelSummary(8); !slices.Equal(s.Constant, []int{2}) {
		t.Errorf("constant columns %v, want the third", s.Constant)
	}
	missing := float32(math.NaN())
	want := []float32{0, 0, 1, 7, 6, 7, missing, 4} // 31 and 32 are below and above 255/8, 223 and 224 7·255/8
	for n := range 2 {
		row := make([]float32, 32)
		rows.Row(row, n)
		for j, got := range Levels(row, 8) {
			w := want[4*n+j]
			if known := w == w; known == rows.IsMissing(n, 8*j) || known && got != w/7 {
				t.Errorf("row %d, column %d: grey %v, want %v/7", n, j, got, w)
			}
		}
	}
	// What Levels returns is cut into the same states again, for any number q of states.
	for q := 2; q <= MaxCategories; q++ {
		for a := range q {
			if got := levelOf(float32(float64(a)/float64(q-1)), q); got != a {
				t.Errorf("%d of %d levels comes back as %d", a, q, got)
			}
		}
	}

	pattern, err := OpenPattern(path, 32, Options{Levels: 8})
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range want {
		if got := Levels(pattern.Values, 8)[i]; got != w/7 && w == w || w != w && got == got {
			t.Errorf("cell %d of a pattern: %v, want %v/7", i, got, w)
		}
	}
	for options, want := range map[*Options]string{
		{Levels: 1}: "1 levels, want 2 to 1024",
		{Levels: 8, Worth: []Worth{{4, 0, 1, true}}}: "columns of real numbers, want values in [0,1]",
		{Levels: 8, Infer: &Inference{Always: true}}: "8 levels of a table or beside label units",
	} {
		options.Missing = true
		if _, err := Open(path, *options); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	_, err = OpenPattern(writeText(t, "0.5,2,0,0\n"), 32, Options{Levels: 8})
	if want := "column 2: 2, want a value in [0,1]"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("a pattern beyond 1: got error %v, want %s", err, want)
	}
}

// TestDequantize: noise fills the steps between grey levels, is uniform, and follows from the seed alone.
func TestDequantize(t *testing.T) {
	real := []Worth{{AllColumns, 0, 1, true}}
	open := func() *Set {
		set, err := Open("mnist", Options{Worth: real, Columns: Columns{Where: []string{"label=7"}}})
		if err != nil {
			t.Fatal(err)
		}
		return set
	}
	grey, noisy, again := open(), open(), open()
	for _, set := range []*Set{noisy, again} {
		if d, err := set.Dequantize(5); err != nil || d != 255 {
			t.Fatal(d, err)
		}
	}
	// Two float32 below 1 are off by up to 2⁻²⁵ each; beside x = 1, which is exact, the noisy value is in [1,2) and off by
	// up to 2⁻²⁴. A step is 1/255.
	const rounding = 255 * 0x1p-24
	var sum, square, n float64
	row, with := make([]float32, 784), make([]float32, 784)
	for i := range grey.Test.N {
		grey.Test.Row(row, i)
		noisy.Test.Row(with, i)
		for j, x := range row {
			u := 255 * (float64(with[j]) - float64(x))
			if u < -rounding || u > 1+rounding {
				t.Fatalf("noise %v of a step, want 0 to 1 ± %v", u, rounding)
			}
			sum, square, n = sum+u, square+u*u, n+1
		}
	}
	// u has the variance 1/12 and u² the variance 1/5 - 1/9 = 4/45. Five standard errors are passed by one of the two
	// means by chance once in a million seeds.
	if mean := sum / n; math.Abs(mean-0.5) > 5/math.Sqrt(12*n) {
		t.Errorf("mean noise %v of %v cells, want 0.5", mean, n)
	}
	if mean := square / n; math.Abs(mean-1./3) > 5*math.Sqrt(4/(45*n)) {
		t.Errorf("mean square noise %v of %v cells, want 1/3", mean, n)
	}
	if noisy.Train.Fingerprint() != again.Train.Fingerprint() {
		t.Error("the same seed gives other noise")
	}
	// The pixels in the first line of a digit are 0, so that their values are the noise, u/255.
	if slices.Equal(noisy.Train.Floats[:28], noisy.Test.Floats[:28]) {
		t.Error("the first training row has the noise of the first test row")
	}
	// A row has the same noise beside other rows, and a cell beside other values.
	first, err := Open(writeText(t, "3,9\n4,5\n"), Options{Worth: real})
	if err != nil {
		t.Fatal(err)
	}
	more, err := Open(writeText(t, "3,1\n4,5\n2,2\n"), Options{Worth: real})
	if err != nil {
		t.Fatal(err)
	}
	for _, set := range []*Set{first, more} {
		if _, err := set.Dequantize(5); err != nil {
			t.Fatal(err)
		}
	}
	if a, b := first.Train.Floats, more.Train.Floats; a[0] != b[0] || a[2] != b[2] || a[3] != b[3] {
		t.Errorf("rows with noise are %v, but %v beside another row and another cell", a, b)
	} else if a[0]-3 == a[2]-4 {
		t.Errorf("the noise %v is the same in two rows", a[0]-3)
	}
}

// TestDequantizeNumbers: integers of any sign get noise above them, and other numbers and states are refused.
func TestDequantizeNumbers(t *testing.T) {
	real := []Worth{{AllColumns, 0, 1, true}}
	broken, err := Open(writeText(t, "0.5,2\n3,4\n"), Options{Worth: real})
	if err != nil {
		t.Fatal(err)
	}
	const want = "row 1, column 1: 0.5, want an integer"
	if _, err := broken.Dequantize(1); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %s", err, want)
	}
	whole, err := Open(writeText(t, "0,16\n7,-3\n"), Options{Worth: real})
	if err != nil {
		t.Fatal(err)
	}
	if d, err := whole.Dequantize(1); err != nil || d != 1 || math.Floor(float64(whole.Train.Floats[3])) != -3 {
		t.Errorf("integers: %v divided by %v, %v, want by 1 and the last number in [-3,-2)", whole.Train.Floats, d, err)
	}
	bars, err := Open("bars-and-stripes:2", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bars.Dequantize(1); err == nil || !strings.Contains(err.Error(), "want real numbers in all of them") {
		t.Errorf("noise for states: got error %v", err)
	}
}

// TestLevelsNameFiles: rows that cannot be cut into levels are named by their files.
func TestLevelsNameFiles(t *testing.T) {
	set := &Set{Name: "train.csv", Train: &Rows{N: 1, V: 1, Bytes: []uint8{255}}}
	set.Test = &Rows{N: 1, V: 1, Floats: []float32{7}, Real: []bool{true}, Origin: &Origin{Files: []string{"test.csv"}}}
	want := "dataset: test.csv: 2 levels: columns of real numbers, want values in [0,1]"
	if err := set.cutLevels(2); err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
}
