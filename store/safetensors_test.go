package store

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"harmonium/store/storetest"
)

// allTypes is a file with every element type, a scalar, an empty tensor, the extreme values of each type, and text with
// characters that JSON must escape.
func allTypes() Safetensors {
	return Safetensors{
		Version: Version1,
		Tensors: []Tensor{
			{"doubles", []int{2, 2}, []float64{math.Pi, 0, math.MaxFloat64, math.Inf(-1)}},
			{"floats", []int{3, 1}, []float32{math.SmallestNonzeroFloat32, -1, math.MaxFloat32}},
			{"ints", []int{2}, []int32{math.MinInt32, math.MaxInt32}},
			{"scalar", []int{}, []float32{0.1}},
			{"empty", []int{0, 7}, []float32{}},
			{"bytes <\"é\">", []int{3}, []uint8{0, 1, 255}},
		},
		Metadata: map[string]string{"b": "line\nend", "a": `{"json":"<in> json"}`, "": "σ"},
	}
}

func TestTensorsRoundTrip(t *testing.T) {
	for name, want := range map[string]Safetensors{
		"all types": allTypes(),
		"nothing":   {Version: Version1, Metadata: map[string]string{}},
		"version 2": {Version: Version2, Metadata: map[string]string{"units": "of another kind"}},
	} {
		path := filepath.Join(t.TempDir(), "a.safetensors")
		if err := WriteSafetensors(path, want); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := ReadSafetensors(path)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

// TestTensorsKeepBits: a number is written and read as its bits, so that a NaN keeps the bits of its fraction.
func TestTensorsKeepBits(t *testing.T) {
	const bits = 0x7fc12345 // a NaN whose fraction is not the usual one
	header, body, err := encodeTensors(Safetensors{Tensors: []Tensor{
		{"x", []int{1}, []float32{math.Float32frombits(bits)}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if want := []byte{0x45, 0x23, 0xc1, 0x7f}; !bytes.Equal(body, want) {
		t.Errorf("got bytes % x, want % x, little-endian", body, want)
	}
	f, err := decodeTensors(slices.Concat(header, body))
	if err != nil {
		t.Fatal(err)
	}
	if got := math.Float32bits(f.Tensors[0].Data.([]float32)[0]); got != bits {
		t.Errorf("got bits %#x, want %#x", got, bits)
	}
}

// TestTensorsLayout: the layout, byte by byte. The two digests were computed by sha256sum.
func TestTensorsLayout(t *testing.T) {
	f := Safetensors{
		Tensors: []Tensor{
			{"w", []int{1, 2}, []float32{1, -2}},
			{"a", []int{3}, []uint8{7, 8, 9}},
		},
		Metadata: map[string]string{"z": "last", "b": "first"},
	}
	// header_sha256 is the SHA-256 of the text without the member header_sha256.
	const text = `{"__metadata__":{"b":"first","format":"harmonium","format_version":"1",` +
		`"header_sha256":"4fe6fc4dba78cbc7b4aceab8aa4ea2616ca4a6fec4203b5fdaed87292301c142",` +
		`"sha256":"af4889f70b4869363f533763c6a4bd2f7d72b74cd3e41e5e27bc1f0e980d1e6a","z":"last"},` +
		`"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},` +
		`"a":{"dtype":"U8","shape":[3],"data_offsets":[8,11]}}`
	body := []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 7, 8, 9}
	padded := text + strings.Repeat(" ", (8-len(text)%8)%8)
	want := slices.Concat(binary.LittleEndian.AppendUint64(nil, uint64(len(padded))), []byte(padded), body)
	for range 3 { // Go visits a map in another order each time
		header, rest, err := encodeTensors(f)
		if err != nil {
			t.Fatal(err)
		}
		if got := slices.Concat(header, rest); !bytes.Equal(got, want) {
			t.Errorf("got\n%q, want\n%q", got, want)
		}
	}
}

func TestEncodeTensorsErrors(t *testing.T) {
	for _, test := range []struct {
		tensor Tensor
		want   string
	}{
		{Tensor{"x", []int{2, 2}, make([]float32, 3)},
			`tensor "x" ends at byte 12, want 16 for shape [2 2] of F32`},
		{Tensor{"x", []int{1}, make([]int64, 1)},
			`tensor "x": dtype "[]int64", want F32, F64, I32 or U8`},
		{Tensor{"x", []int{1}, "text"},
			`tensor "x": binary.Append: some values are not fixed-sized in type string`},
		{Tensor{"\xff", []int{1}, make([]float32, 1)}, `tensor "\xff", want a name in UTF-8`},
	} {
		path := filepath.Join(t.TempDir(), "a.safetensors")
		err := WriteSafetensors(path, Safetensors{Tensors: []Tensor{test.tensor}})
		if want := "store: write " + path + ": " + test.want; err == nil || err.Error() != want {
			t.Errorf("%v: got error %v, want %s", test.tensor, err, want)
		}
		storetest.WantFiles(t, filepath.Dir(path), nil)
	}
}

func TestWriteSafetensorsErrors(t *testing.T) {
	for want, file := range map[string]Safetensors{
		`format_version is "3", want one of ["1" "2"]`: {Version: "3"},
		`tensor "a", want another name: it is in use`: {Tensors: []Tensor{
			{"a", []int{1}, make([]float32, 1)}, {"a", []int{1}, make([]float32, 1)}}},
		`tensor "__metadata__", want another name: it is in use`: {Tensors: []Tensor{{"__metadata__", []int{1}, make([]float32, 1)}}},
		`metadata "a": "\xff", want UTF-8`:                       {Metadata: map[string]string{"a": "\xff"}},
		`metadata "\xff": "a", want UTF-8`:                       {Metadata: map[string]string{"\xff": "a"}},
	} {
		path := filepath.Join(t.TempDir(), "a.safetensors")
		err := WriteSafetensors(path, file)
		if want = "store: write " + path + ": " + want; err == nil || err.Error() != want {
			t.Errorf("got error %v, want %s", err, want)
		}
		storetest.WantFiles(t, filepath.Dir(path), nil)
	}
}

// rawFile returns a file of the given header and body, good or bad.
func rawFile(header string, body []byte) []byte {
	return slices.Concat(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), []byte(header), body)
}

// withEntries returns a file with good metadata, the given members of the header,
// and `size` zero bytes of tensors. It has no header_sha256, which a file may lack.
func withEntries(members string, size int) []byte {
	body := make([]byte, size)
	metadata, _ := json.Marshal(map[string]string{
		keyFormat: formatName, keyVersion: Version1, keySum: sumOf(body),
	})
	return rawFile(fmt.Sprintf(`{"__metadata__":%s,%s}`, metadata, members), body)
}

// TestReadTensorsRefuses: each file that is not wholly as WriteSafetensors writes it is refused, with what is wrong.
func TestReadTensorsRefuses(t *testing.T) {
	const (
		x    = `"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}`
		good = `"format":"harmonium","format_version":"1"`
		zero = "af5570f5a1810b7af78caf4bc70a660f0df51e42baf91d4de5b2328de0e83dfc" // of 8 zero bytes
	)
	whole := withEntries(x, 8)
	if _, err := decodeTensors(whole); err != nil {
		t.Fatalf("the good file that the bad ones are made from: %v", err)
	}
	for _, test := range []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "0 bytes, want 8 for the length of the header"},
		{"seven bytes", whole[:7], "7 bytes, want 8 for the length of the header"},
		{"cut in the header", whole[:100], fmt.Sprintf("header of %d bytes, want at most 92", len(whole)-16)},
		{"cut in the tensors", whole[:len(whole)-1], "7 bytes of tensors, want 8"},
		{"too long", append(whole[:len(whole):len(whole)], 0), "9 bytes of tensors, want 8"},
		{"no header behind its length", rawFile("{}", nil)[:8], "header of 2 bytes, want at most 0"},
		{"absurd length", bytes.Repeat([]byte{0xff}, 64),
			"begins with the bytes ff ff ff ff ff ff ff ff, want a safetensors file"},
		{"a NumPy file", []byte("\x93NUMPY\x01\x00v\x00{'descr': '<f4'}"),
			"begins with the bytes 93 4e 55 4d 50 59 01 00, want a safetensors file"},
		{"an NPZ file", []byte("PK\x03\x04 and so on"), "a zip archive, such as NPZ, want a safetensors file"},
		{"zeros", make([]byte, 100), "begins with the bytes 00 00 00 00 00 00 00 00, want a safetensors file"},

		{"no header", rawFile("", nil), "header: EOF"},
		{"not UTF-8", rawFile("{\"\xff\":{}}", nil), "header: not UTF-8"},
		{"an array", rawFile("[1]", nil), `header: found "[", want a JSON object`},
		{"an unfinished object", rawFile(`{"__metadata__":{}`, nil), "header: EOF"},
		{"no JSON", rawFile(`{"a"=1}`, nil), `header: "a": invalid character '=' after object key`},
		{"two objects", rawFile(`{}{}`, nil), "header: something follows the JSON object"},
		{"metadata no object", rawFile(`{"__metadata__":"harmonium"}`, nil),
			`header: "__metadata__": found "harmonium", want a JSON object`},
		{"metadata no strings", rawFile(`{"__metadata__":{"format":1}}`, nil),
			`header: "__metadata__": "format": json: cannot unmarshal number into Go value of type string`},
		{"metadata twice", rawFile(`{"__metadata__":{},"__metadata__":{}}`, nil),
			`header: "__metadata__" comes twice, want it once`},
		{"a key of metadata twice", rawFile(`{"__metadata__":{"a":"","a":""}}`, nil),
			`header: "__metadata__": "a" comes twice, want it once`},
		{"a name twice", withEntries(x+","+x, 8), `header: "x" comes twice, want it once`},
		{"a name twice, once escaped", withEntries(x+","+strings.Replace(x, "x", `\u0078`, 1), 8),
			`header: "x" comes twice, want it once`},

		{"no metadata", rawFile("{"+x+"}", make([]byte, 8)), `metadata have no format, want "harmonium"`},
		{"format of others", rawFile(`{"__metadata__":{"format":"pt"}}`, nil), `format is "pt", want "harmonium"`},
		{"no version", rawFile(`{"__metadata__":{"format":"harmonium"}}`, nil), `metadata have no format_version, want "1" or "2"`},
		{"future version", rawFile(`{"__metadata__":{"format":"harmonium","format_version":"3"}}`, nil),
			`format_version is "3", want "1" or "2"`},
		{"no sum", rawFile(`{"__metadata__":{`+good+`},`+x+`}`, make([]byte, 8)),
			`sha256 of the tensors is "` + zero + `", want ""`},
		// The digests are of seven zeros and a one, by sha256sum, and of eight zeros.
		{"wrong sum", append(whole[:len(whole)-1:len(whole)-1], 1),
			`sha256 of the tensors is "cd2662154e6d76b2b2b92e70c0cac3ccf534f9b74eb5b89819ec509083d00a50", want "` + zero + `"`},

		{"a number for a tensor", withEntries(`"x":1`, 0), `header: "x": found "1", want a JSON object`},
		{"unknown key", withEntries(`"x":{"stride":1}`, 0),
			`header: "x": "stride": want dtype, shape and data_offsets only`},
		{"a key of other case", withEntries(`"x":{"Shape":[]}`, 0),
			`header: "x": "Shape": want dtype, shape and data_offsets only`},
		{"a key twice", withEntries(`"x":{"shape":[1],"shape":[2]}`, 0), `header: "x": "shape" comes twice, want it once`},
		{"no shape", withEntries(`"x":{"dtype":"F32","data_offsets":[0,4]}`, 4), `header: "x": no shape`},
		{"no offsets", withEntries(`"x":{"dtype":"F32","shape":[1]}`, 4), `header: "x": 0 data_offsets, want 2`},
		{"three offsets", withEntries(`"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}`, 4),
			`header: "x": 3 data_offsets, want 2`},
		{"negative length", withEntries(`"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}`, 4),
			`header: "x": "shape": json: cannot unmarshal number -1 into Go value of type uint64`},
		{"no dtype", withEntries(`"x":{"shape":[1],"data_offsets":[0,4]}`, 4),
			`tensor "x": dtype "", want F32, F64, I32 or U8`},
		{"unknown dtype", withEntries(`"x":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}`, 4),
			`tensor "x": dtype "BF16", want F32, F64, I32 or U8`},
		{"shape and offsets differ", withEntries(`"x":{"dtype":"F32","shape":[2,2],"data_offsets":[0,12]}`, 12),
			`tensor "x" ends at byte 12, want 16 for shape [2 2] of F32`},
		{"no whole element", withEntries(`"x":{"dtype":"F64","shape":[1],"data_offsets":[0,7]}`, 7),
			`tensor "x" ends at byte 7, want 8 for shape [1] of F64`},
		{"end before begin", withEntries(x+`,"y":{"dtype":"U8","shape":[4],"data_offsets":[8,4]}`, 8),
			`tensor "y" ends at byte 4, want 12 for shape [4] of U8`},
		{"product beyond 64 bits", withEntries(`"x":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}`, 0),
			`tensor "x": shape [4294967296 4294967296] is too large`},
		{"length beyond the file", withEntries(`"x":{"dtype":"U8","shape":[1099511627776],"data_offsets":[0,1099511627776]}`, 8),
			"8 bytes of tensors, want 1099511627776"},
		{"overlap", withEntries(x+`,"y":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}`, 12),
			`tensor "y" begins at byte 4, want 8`},
		{"the same bytes", withEntries(x+`,"y":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}`, 8),
			`tensor "y" begins at byte 0, want 8`},
		{"gap", withEntries(x+`,"y":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}`, 16),
			`tensor "y" begins at byte 12, want 8`},
		{"gap at the start", withEntries(`"x":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}`, 2),
			`tensor "x" begins at byte 1, want 0`},
	} {
		path := filepath.Join(t.TempDir(), "a.safetensors")
		if err := os.WriteFile(path, test.file, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := ReadSafetensors(path)
		if want := "store: read " + path + ": " + test.want; err == nil || err.Error() != want {
			t.Errorf("%s: got error\n%v, want\n%s", test.name, err, want)
		}
	}
}

func TestReadTensorsUnreadable(t *testing.T) {
	folder := t.TempDir()
	for path, cause := range map[string]string{
		folder:                        "is a directory",
		filepath.Join(folder, "none"): "no such file or directory",
	} {
		_, err := ReadSafetensors(path)
		if want := "store: read " + path + ": " + cause; err == nil || err.Error() != want {
			t.Errorf("got error %v, want %s", err, want)
		}
	}
}

// TestReadTensorsOrder: the members of the header may have any order, and tensors are returned in the
// order of their bytes.
func TestReadTensorsOrder(t *testing.T) {
	f, err := decodeTensors(withEntries(`"b":{"data_offsets":[1,2],"shape":[1],"dtype":"U8"},`+
		`"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}`, 2))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := f.Tensors[0].Name+f.Tensors[1].Name, "ab"; got != want {
		t.Errorf("got order %s, want %s", got, want)
	}
}

func TestElements(t *testing.T) {
	f := allTypes()
	if got, err := Elements[int32](f, "ints", 2); err != nil || !slices.Equal(got, []int32{math.MinInt32, math.MaxInt32}) {
		t.Errorf("got %v (%v), want the least and the largest int32", got, err)
	}
	_, missing := Elements[float32](f, "none", 1)
	_, dtype := Elements[float32](f, "doubles", 2, 2)
	_, shape := Elements[float32](f, "floats", 1, 3)
	for _, test := range []struct {
		err  error
		want string
	}{
		{missing, `tensor "none" is missing`},
		{dtype, `tensor "doubles": dtype F64, want F32`},
		{shape, `tensor "floats": shape [3 1], want [1 3]`},
	} {
		if test.err == nil || test.err.Error() != test.want {
			t.Errorf("got error %v, want %s", test.err, test.want)
		}
	}
}

// FuzzReadTensors: what is accepted can be written again with the same bytes of tensors, and that file is read and
// written with the same header.
func FuzzReadTensors(f *testing.F) {
	header, body, err := encodeTensors(allTypes())
	if err != nil {
		f.Fatal(err)
	}
	whole := slices.Concat(header, body)
	f.Add(whole)
	f.Add(whole[:len(whole)-1])
	f.Add(whole[:8])
	f.Add(withEntries(`"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}`, 4))
	f.Add(withEntries(`"x":{"dtype":"U8","shape":[0,18446744073709551615],"data_offsets":[0,0]}`, 0))
	f.Add(withEntries(`"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"y":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}`, 3))
	f.Add(rawFile(`{"__metadata__":{"format":"pt"}}`, nil))
	f.Fuzz(func(t *testing.T, file []byte) {
		read, err := decodeTensors(file)
		if err != nil {
			return
		}
		header, body, err := encodeTensors(read)
		if err != nil {
			t.Fatalf("cannot write what was read: %v", err)
		}
		if !bytes.HasSuffix(file, body) {
			t.Errorf("tensors changed from\n%q to\n%q", file, body)
		}
		again, err := decodeTensors(slices.Concat(header, body))
		if err != nil {
			t.Fatalf("cannot read what was written: %v", err)
		}
		header2, _, err := encodeTensors(again)
		if err != nil || !bytes.Equal(header, header2) {
			t.Errorf("header changed from\n%q to\n%q (%v)", header, header2, err)
		}
	})
}

// TestManyTensors: the header of a file of 5000 tensors is checked at the cost of some headers. Where its text was made by
// adding one entry after another to a string, the cost was 2500 headers.
func TestManyTensors(t *testing.T) {
	entries := make([]tensorEntry, 5000)
	for i := range entries {
		entries[i] = tensorEntry{fmt.Sprint("t", i), "F32", []uint64{0}, [2]uint64{}}
	}
	metadata := map[string]string{keyFormat: formatName, keyVersion: Version1, keySum: sumOf(nil)}
	file := rawFile(headerText(entries, withHeaderSum(entries, metadata)), nil)
	before := allocated()
	f, err := decodeTensors(file)
	if err != nil || len(f.Tensors) != len(entries) {
		t.Fatalf("got %d tensors, %v", len(f.Tensors), err)
	}
	// Chosen: the decoder of JSON and the entries take about 30 times the bytes.
	if got, limit := allocated()-before, uint64(100*len(file)); got > limit {
		t.Errorf("%d bytes allocated for a header of %d, want at most %d", got, len(file), limit)
	}
}
