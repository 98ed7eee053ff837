package dataset

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"harmonium/store"
	"harmonium/store/storetest"
)

// The size of the files. 300 rows are more than two blocks of 130 and no multiple of a block of 32.
const storedRows, storedColumns = 300, 7

// storedCase is a file of rows that stay in it.
type storedCase struct {
	descr  string // of an NPY file; empty for IDX of int16
	value  func(r *rand.Rand) float64
	worth  []Worth
	scale  float64
	states bool // the values are states

	columns Columns
	rows    int // storedRows if it is 0
}

var storedCases = map[string]storedCase{
	"grey bytes":    {descr: "|u1", value: func(r *rand.Rand) float64 { return float64(r.IntN(256)) }},
	"states":        {descr: "|u1", value: func(r *rand.Rand) float64 { return float64(r.IntN(2)) }, states: true},
	"bools":         {descr: "|b1", value: func(r *rand.Rand) float64 { return float64(r.IntN(2)) }, states: true},
	"grey reals":    {descr: "<f4", value: func(r *rand.Rand) float64 { return r.Float64() }},
	"real states":   {descr: ">f8", value: func(r *rand.Rand) float64 { return float64(r.IntN(2)) }, states: true},
	"grey integers": {descr: "<i4", value: func(r *rand.Rand) float64 { return float64(r.IntN(256)) }},
	"scaled":        {descr: "<f4", value: func(r *rand.Rand) float64 { return float64(r.IntN(17)) }, scale: 16},
	"spins": {descr: "|i1", value: func(r *rand.Rand) float64 { return float64(2*r.IntN(2) - 1) },
		worth: []Worth{{To: AllColumns, Low: -1, High: 1}}, states: true},
	"scaled spins": {descr: "<f4", value: func(r *rand.Rand) float64 { return float64(r.IntN(33) - 16) }, scale: 16,
		worth: []Worth{{To: AllColumns, Low: -1, High: 1}}},
	"scaled grey levels of spins": {descr: "<f4", value: func(r *rand.Rand) float64 { return float64(r.IntN(17)) }, scale: 16,
		worth: []Worth{{To: AllColumns, Low: -1, High: 1}}},
	"real numbers": {descr: "<f4", value: func(r *rand.Rand) float64 { return r.NormFloat64() },
		worth: []Worth{{To: AllColumns, Real: true}}},
	"label, weight and condition": {
		descr: "<i4", value: func(r *rand.Rand) float64 { return float64(r.IntN(2)) }, states: true,
		columns: Columns{Label: "2", Weight: "1", Drop: "4", Where: []string{"7=1", "label=0"}},
	},
	"several chunks": {
		descr: "|u1", value: func(r *rand.Rand) float64 { return float64(r.IntN(2)) }, states: true,
		columns: Columns{Label: "2", Weight: "1", Drop: "4", Where: []string{"7=1"}},
		rows:    2*chunkValues/storedColumns + 100,
	},
	"some columns": {descr: "|u1", value: func(r *rand.Rand) float64 { return float64(r.IntN(256)) }, columns: Columns{Keep: "2-5"}},
	"weights":      {descr: "<f4", value: func(r *rand.Rand) float64 { return r.Float64() }, columns: Columns{Weight: "7"}},
	"IDX":          {value: func(r *rand.Rand) float64 { return float64(r.IntN(256)) }},
}

// write writes the file and returns its path.
func (c storedCase) write(t *testing.T) string {
	t.Helper()
	r := rand.New(rand.NewPCG(3, 5))
	var data []byte
	rows := cmp.Or(c.rows, storedRows)
	for range rows * storedColumns {
		x := c.value(r)
		switch c.descr {
		case "|u1", "|b1":
			data = append(data, uint8(x))
		case "|i1":
			data = append(data, uint8(int8(x)))
		case "<f4":
			data, _ = binary.Append(data, binary.LittleEndian, float32(x))
		case ">f8":
			data, _ = binary.Append(data, binary.BigEndian, x)
		case "<i4":
			data, _ = binary.Append(data, binary.LittleEndian, int32(x))
		default:
			data, _ = binary.Append(data, binary.BigEndian, int16(x))
		}
	}
	content := storetest.NPY(c.descr, fmt.Sprintf("(%d, %d)", rows, storedColumns), data...)
	if c.descr == "" {
		content = "\x00\x00\x0b\x02\x00\x00\x01\x2c\x00\x00\x00\x07" + string(data) // int16, (300, 7)
	}
	return storetest.WriteFile(t, "rows", content)
}

// TestStored: rows that stay in their file equal rows that are read into memory, in their values and in all that
// is known about them, also after validation rows were taken out.
func TestStored(t *testing.T) {
	for name, c := range storedCases {
		path := c.write(t)
		for _, valid := range []string{"", "0.1"} {
			opt := Options{Worth: c.worth, Scale: c.scale, Valid: valid, Seed: 2, Columns: c.columns}
			want, err := Open(path, opt)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			opt.BlockRows = 32 // fewer than the rows of the file, so that they stay there
			got, err := Open(path, opt)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if !got.Train.Stored() || want.Train.Stored() {
				t.Fatalf("%s: rows stay in their file: %v with blocks, %v without", name, got.Train.Stored(), want.Train.Stored())
			}
			if valid != "" && !sameRows(*got.Valid, *want.Valid) {
				t.Errorf("%s: other validation rows than from memory", name)
			}
			if err := got.Validate(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			compareStored(t, name, got.Train, want.Train)
			compareStored(t, name+", a slice", got.Train.Slice(20, 60), want.Train.Slice(20, 60))
			if c.states != got.Train.Binary() {
				t.Errorf("%s: states: %v, want %v", name, got.Train.Binary(), c.states)
			}
		}
	}
}

// compareStored compares stored rows with rows in memory.
func compareStored(t *testing.T, name string, got, want *Rows) {
	t.Helper()
	low, high := got.Extremes()
	wantLow, wantHigh := want.Extremes()
	for _, c := range []struct {
		what      string
		got, want any
	}{
		{"size", [2]int{got.N, got.V}, [2]int{want.N, want.V}},
		{"means", got.Means(), want.Means()},
		{"states", got.Binary(), want.Binary()},
		{"bytes", got.InBytes(), want.InBytes()},
		{"summary", got.Summary(), want.Summary()},
		{"extremes", [2]float32{low, high}, [2]float32{wantLow, wantHigh}},
		{"fingerprint", got.Fingerprint(), want.Fingerprint()},
		{"binarization", got.DefaultBinarization(), want.DefaultBinarization()},
		{"real numbers", got.Real, want.Real},
		{"origin", got.Origin, want.Origin},
		{"labels", got.Labels, want.Labels},
		{"weights", got.Weights, want.Weights},
		{"weighted means", got.WeightedMeans(), want.WeightedMeans()},
	} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("%s: %s of stored rows: %v, want %v as in memory", name, c.what, c.got, c.want)
		}
	}
	a, b := make([]float32, got.V), make([]float32, got.V)
	for _, numbers := range [][]int{allOf(got.N), {got.N - 1, 3, 4, 9, 0}} {
		for _, n := range numbers {
			got.Row(a, n)
			want.Row(b, n)
			if !slices.Equal(a, b) {
				t.Fatalf("%s: row %d is %v, want %v", name, n, a, b)
			}
		}
	}
	if err := got.Err(); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

// TestBlocks: blocks give rows in memory and stored rows the same order and values. An epoch visits each row
// once, and block after block.
func TestBlocks(t *testing.T) {
	path := storedCases["grey bytes"].write(t)
	for _, size := range []int{1, 32, 130, 299, 300, 1000} { // from one row to more than all
		var orders [2][]int32
		var values [2][]uint8
		for i, stored := range []bool{false, true} {
			opt := Options{}
			if stored {
				opt.BlockRows = 1
			}
			set, err := Open(path, opt)
			if err != nil {
				t.Fatal(err)
			}
			b, err := NewBlocks(set.Train, size)
			if err != nil {
				t.Fatal(err)
			}
			for epoch := range 2 {
				r := rand.New(rand.NewPCG(7, uint64(epoch)))
				order, pieces := permutation(r, storedRows), permutation(rand.New(rand.NewPCG(8, uint64(epoch))), b.Pieces())
				plain := slices.Clone(order)
				b.Arrange(order, pieces)
				if size >= storedRows && !slices.Equal(order, plain) {
					t.Errorf("blocks of %d rows: one block has another order", size)
				}
				if sorted := slices.Sorted(slices.Values(order)); !slices.Equal(sorted, span(0, storedRows)) {
					t.Fatalf("blocks of %d rows: %v is no permutation", size, order)
				}
				orders[i] = append(orders[i], order...)
				for part := range slices.Chunk(order, 50) {
					got := make([]uint8, len(part)*storedColumns)
					if err := b.ReadRows(got, nil, part); err != nil {
						t.Fatal(err)
					}
					values[i] = append(values[i], got...)
				}
				for first := 0; first < storedRows && size < storedRows; first += b.block * b.piece {
					checkBlock(t, b, order[first:min(first+b.block*b.piece, storedRows)])
				}
			}
		}
		if !slices.Equal(orders[0], orders[1]) || !bytes.Equal(values[0], values[1]) {
			t.Errorf("blocks of %d rows: stored rows have another order, or other values", size)
		}
	}
	if _, err := NewBlocks(numbered(4).Train, 0); err == nil {
		t.Error("blocks of 0 rows: no error")
	}
}

// checkBlock: as many rows in order as a whole block has belong to at most two blocks, since only the block with
// the last piece may be shorter.
func checkBlock(t *testing.T, b *Blocks, order []int32) {
	t.Helper()
	in := map[int32]bool{}
	for _, n := range order {
		in[b.member[int(n)/b.piece]] = true
	}
	if len(in) > 2 {
		t.Errorf("blocks of %d pieces of %d rows: %d rows in a row are of %d blocks", b.block, b.piece, len(order), len(in))
	}
}

func permutation(r *rand.Rand, n int) []int32 {
	list := span(0, n)
	r.Shuffle(n, func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// TestNotStored: rows that cannot stay in their file are read into memory, and the set says why.
func TestNotStored(t *testing.T) {
	path := storedCases["grey bytes"].write(t)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	packed := storetest.WriteFile(t, "rows.npy.gz", storetest.Gzip(string(content)))
	fortran := storetest.WriteFile(t, "fortran.npy",
		storetest.NPYFile("{'descr': '|u1', 'fortran_order': True, 'shape': (3, 2), }", 0, 1, 0, 1, 1, 0))
	holes, _ := binary.Append(nil, binary.LittleEndian, []float32{0, 1, 0, nan32(), 1, 1})
	missing := storetest.WriteFile(t, "missing.npy", storetest.NPY("<f4", "(3, 2)", holes...))
	for name, c := range map[string]struct {
		path string
		opt  Options
		why  string
	}{
		"a block of all": {path, Options{BlockRows: storedRows}, ""},
		"compressed":     {packed, Options{BlockRows: 2}, "only the rows of an uncompressed NPY file"},
		"Fortran order":  {fortran, Options{BlockRows: 2}, "only the rows of an uncompressed NPY file"},
		"several files":  {JoinSpecs(path, path), Options{BlockRows: 2}, "several files"},
		"label units": {path, Options{BlockRows: 2, Scale: 255, Columns: Columns{Label: "1"}, Infer: &Inference{Label: true}},
			"units for their labels"},
		"penguins": {penguins, Options{BlockRows: 2, Infer: &Inference{}, Missing: true}, "a table"},
		"a table":  {missing, Options{BlockRows: 2, Infer: &Inference{Always: true}, Missing: true}, "a table"},
		"holes":    {missing, Options{BlockRows: 2, Missing: true}, "missing cells"},
	} {
		set, err := Open(c.path, c.opt)
		switch {
		case err != nil:
			t.Errorf("%s: %v", name, err)
		case set.Train.Stored():
			t.Errorf("%s: the rows stay in their file", name)
		case !strings.Contains(set.InMemory, c.why) || (c.why == "") != (set.InMemory == ""):
			t.Errorf("%s: got %q, want that it says %q", name, set.InMemory, c.why)
		}
	}
}

func nan32() float32 {
	var zero float32
	return zero / zero
}

// TestStoredErrors: a bad file is an error as it is for rows in memory, and a file that is cut after it was opened is
// an error when its rows are read.
func TestStoredErrors(t *testing.T) {
	numbers := func(x ...float32) []byte {
		data, _ := binary.Append(nil, binary.LittleEndian, x)
		return data
	}
	for text, content := range map[string]string{
		"ends at byte 73, want 91 bytes":                         storetest.NPY("|u1", "(3, 7)", 1, 0, 1),
		"numbers from 0 to 2.5, the first outside 0 to 1 in row": storetest.NPY("<f4", "(3, 1)", numbers(0, 2.5, 1)...),
		"row 3, column 1: +Inf, want a finite number":            storetest.NPY("<f4", "(3, 1)", numbers(0, 1, inf32())...),
		"row 2, column 1: a missing cell, want a value":          storetest.NPY("<f4", "(3, 1)", numbers(0, nan32(), 1)...),
		"column 1 counts 0, 1, 2, ...: an index?":                storetest.NPY("|u1", "(3, 2)", 0, 1, 1, 1, 2, 0),
	} {
		path := storetest.WriteFile(t, "bad.npy", content)
		_, err := Open(path, Options{BlockRows: 1})
		_, whole := Open(path, Options{})
		if err == nil || !strings.Contains(err.Error(), text) || !strings.Contains(err.Error(), filepath.Base(path)) {
			t.Errorf("got %v, want %s", err, text)
		} else if whole == nil || whole.Error() != err.Error() {
			t.Errorf("stored: %v, in memory: %v", err, whole)
		}
	}

	rows := storetest.WriteFile(t, "rows.npy", storetest.NPY("|u1", "(3, 3)", 0, 1, 1, 0, 1, 0, 0, 1, 1))
	for text, columns := range map[string]Columns{
		`no row has "2=0"`:                 {Where: []string{"3=1", "2=0", "1=4"}},
		"column 1: all weights are 0":      {Weight: "1"},
		"no column \"x\"":                  {Label: "x"},
		`condition "3", want COLUMN=VALUE`: {Where: []string{"3"}},
		"condition \"1-2=1\": 2 columns":   {Where: []string{"1-2=1"}},
		"no columns are left of 3, want":   {Drop: "1-3"},
	} {
		_, err := Open(rows, Options{BlockRows: 1, Columns: columns})
		_, whole := Open(rows, Options{Columns: columns})
		if err == nil || whole == nil || !strings.Contains(err.Error(), text) || err.Error() != whole.Error() {
			t.Errorf("stored: %v, in memory: %v, want %s", err, whole, text)
		}
	}

	path := storedCases["grey reals"].write(t) // a header of 72 bytes and 300 rows of 7 float32
	set, err := Open(path, Options{BlockRows: 20})
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, info.Size()/2); err != nil {
		t.Fatal(err)
	}
	b, err := NewBlocks(set.Train, 20)
	if err != nil {
		t.Fatal(err)
	}
	last := []int32{storedRows - 1}
	row := make([]float32, storedColumns)
	set.Train.Row(row, storedRows-1)
	for _, err := range []error{set.Train.Err(), set.Train.ReadRows(nil, row, last), b.ReadRows(nil, row, last)} {
		if want := "but had 8472 bytes when it was opened"; err == nil || !strings.Contains(err.Error(), want) ||
			!strings.Contains(err.Error(), path) {
			t.Errorf("a file that was cut: %v, want %s", err, want)
		}
	}
	if _, err := store.OpenRows(filepath.Join(t.TempDir(), "no file")); err == nil {
		t.Error("no file: no error")
	}
}

func inf32() float32 {
	var zero float32
	return 1 / zero
}
