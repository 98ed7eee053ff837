package store

import (
	"archive/zip"
	"bytes"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"testing"

	"harmonium/store/storetest"
)

// npzNumPy is, in hexadecimal, what NumPy 1.24.2 wrote for savez_compressed(x=[[0, 1], [1, 1]] as
// uint8, n=[1, 2] as int64).
const npzNumPy = "504b030414000000080000002100b310fe134a0000008400000005001400782e6e70790100100084000000000000004a00000000000000" +
	"9bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a05e536aa8aea3a09e965f54529498179f5f94920a12774bcc294e058a17672416a402f91a46" +
	"3a0a469a3a0ab50a64032e0646464600504b0304140000000800000021000cfc1ce94a00000090000000050014006e2e6e707901001000900000" +
	"00000000004a000000000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e9369a1aea3a09e965f54529498179f5f94920a12774bcc" +
	"294e058a17672416a402f91a463a9a3a0ab50a14002e4606086082d200504b0102140314000000080000002100b310fe134a0000008400000005" +
	"0000000000000000000000800100000000782e6e7079504b01021403140000000800000021000cfc1ce94a000000900000000500000000000000" +
	"000000008001810000006e2e6e7079504b0506000000000200020066000000020100000000"

func TestReadNPZ(t *testing.T) {
	content, err := hex.DecodeString(npzNumPy)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ReadNPZ(storetest.WriteFile(t, "a.npz", string(content)))
	want := map[string]Array{
		"x": {[]int{2, 2}, []float32{0, 1, 1, 1}},
		"n": {[]int{2}, []float32{1, 2}},
	}
	if err != nil || !maps.EqualFunc(got, want, sameArray) {
		t.Errorf("got %v %v, want %v", got, err, want)
	}
}

// TestNPZRoundTrip: arrays read back, and an archive has neither compression nor times, so that the same arrays give
// the same bytes.
func TestNPZRoundTrip(t *testing.T) {
	arrays := awkward()
	names := slices.Sorted(maps.Keys(arrays))
	var file, again bytes.Buffer
	if err := WriteNPZ(&file, names, arrays, nil); err != nil {
		t.Fatal(err)
	}
	got, err := ReadNPZ(storetest.WriteFile(t, "a.npz", file.String()))
	if err != nil || !maps.EqualFunc(got, arrays, sameArray) {
		t.Errorf("got %v %v, want %v", slices.Sorted(maps.Keys(got)), err, names)
	}
	if err := WriteNPZ(&again, names, arrays, nil); err != nil || !bytes.Equal(file.Bytes(), again.Bytes()) {
		t.Errorf("got other bytes the second time (%v), want the same", err)
	}
	archive, err := zip.NewReader(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		t.Fatal(err)
	}
	for i, member := range archive.File {
		if member.Name != names[i]+".npy" || member.Method != zip.Store || member.ModifiedDate != 0 || member.ModifiedTime != 0 {
			t.Errorf("member %d: got %s by method %d, date %d and time %d, want %s.npy and zeros",
				i, member.Name, member.Method, member.ModifiedDate, member.ModifiedTime, names[i])
		}
	}
}

// TestReadNPZByName: an array of text, such as scikit-learn's feature_names_in_, is an error only if it is read.
func TestReadNPZByName(t *testing.T) {
	var x bytes.Buffer
	if err := WriteNPY(&x, Array{[]int{2}, []float32{3, 4}}); err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(x.String(), "<f4", "<U1", 1)
	archive := storetest.Zip(zip.Store, "x.npy", x.String(), "text.npy", text, "y.npy", x.String())
	path := storetest.WriteFile(t, "a.npz", archive)
	got, err := ReadNPZ(path, "x", "absent")
	want := map[string]Array{"x": {[]int{2}, []float32{3, 4}}}
	if err != nil || !maps.EqualFunc(got, want, sameArray) {
		t.Errorf("got %v %v, want %v", got, err, want)
	}
	for _, names := range [][]string{nil, {"x", "text"}} {
		if _, err := ReadNPZ(path, names...); err == nil || !strings.Contains(err.Error(), `"text"`) {
			t.Errorf("names %q: got %v, want an error about \"text\"", names, err)
		}
	}
}

// TestNPZTexts: texts read back, an empty one too, beside an array.
func TestNPZTexts(t *testing.T) {
	texts := map[string]string{"none": "", "letters": "aé😀"}
	arrays := map[string]Array{"x": {[]int{2}, []float32{3, 4}}}
	var file bytes.Buffer
	if err := WriteNPZ(&file, []string{"none", "x", "letters"}, arrays, texts); err != nil {
		t.Fatal(err)
	}
	path := storetest.WriteFile(t, "a.npz", file.String())
	got, gotTexts, err := ReadNPZTexts(path, []string{"x"}, []string{"none", "letters", "absent"})
	if err != nil || !maps.EqualFunc(got, arrays, sameArray) || !maps.Equal(gotTexts, texts) {
		t.Errorf("got %v, %q, error %v, want %v, %q", got, gotTexts, err, arrays, texts)
	}
}

func TestReadNPZErrors(t *testing.T) {
	path := storetest.WriteFile(t, "a.npz", storetest.Zip(8, "x.npy", storetest.NPY("<U1", "(1, 2)")))
	want := "store: " + path + `: array "x": byte 10: an array of text "<U1", want numbers`
	if _, err := ReadNPZ(path); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	path = storetest.WriteFile(t, "a.csv", "0,1\n")
	want = "store: " + path + ": bad NPZ: zip: not a valid zip file"
	if _, err := ReadNPZ(path); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
