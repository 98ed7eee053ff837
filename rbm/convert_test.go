package rbm

import (
	"archive/zip"
	"bytes"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"harmonium/store"
	"harmonium/store/storetest"
)

// writeArrays writes an NPZ file into a folder of the test and returns its path.
func writeArrays(t *testing.T, arrays map[string]store.Array) string {
	t.Helper()
	var names []string
	for name := range arrays {
		names = append(names, name)
	}
	path := filepath.Join(t.TempDir(), "a.npz")
	err := store.WriteAtomic(path, func(w io.Writer) error { return store.WriteNPZ(w, names, arrays, nil) })
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestNPZRoundTrip(t *testing.T) {
	for name, m := range map[string]*Model{"full": fullModel(), "parameters alone": smallModel()} {
		folder := t.TempDir()
		want := *m
		want.Provenance = nil
		var files [2][]byte
		for i, file := range []string{"a.npz", "b.npz"} {
			path := filepath.Join(folder, file)
			if err := m.ExportNPZ(path); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			got, err := ImportNPZ(path)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if !reflect.DeepEqual(got, &want) {
				t.Errorf("%s: got %v, want %v", name, got, &want)
			}
			if files[i], err = os.ReadFile(path); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(files[0], files[1]) {
			t.Errorf("%s: two files of one model differ", name)
		}
	}
}

func TestExportNPZArrays(t *testing.T) {
	m := fullModel()
	path := filepath.Join(t.TempDir(), "a.npz")
	if err := m.ExportNPZ(path); err != nil {
		t.Fatal(err)
	}
	got, err := store.ReadNPZ(path)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]store.Array{
		"weights":      {Shape: []int{3, 2}, Data: m.Weights},
		"visible_bias": {Shape: []int{3}, Data: m.Visible.Bias},
		"hidden_bias":  {Shape: []int{2}, Data: m.Hidden.Bias},
		"base_rates":   {Shape: []int{3}, Data: m.BaseRates},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// scikitArrays returns the attributes of a BernoulliRBM with the parameters of
// fullModel.
func scikitArrays() map[string]store.Array {
	m := fullModel()
	w := m.Weights
	return map[string]store.Array{
		"components_":        {Shape: []int{2, 3}, Data: []float32{w[0], w[2], w[4], w[1], w[3], w[5]}},
		"intercept_visible_": {Shape: []int{3}, Data: m.Visible.Bias},
		"intercept_hidden_":  {Shape: []int{2}, Data: m.Hidden.Bias},
		"h_samples_":         {Shape: []int{1, 2}, Data: []float32{0, 1}},
	}
}

func TestImportNPZScikit(t *testing.T) {
	got, err := ImportNPZ(writeArrays(t, scikitArrays()))
	if want := smallModel(); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v (%v), want %v", got, err, want)
	}
}

// TestImportNPZIgnoresText: a BernoulliRBM that was fitted to a data frame has an array of the names of its columns,
// which is text.
func TestImportNPZIgnoresText(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.npz")
	err := store.WriteAtomic(path, func(w io.Writer) error {
		archive := zip.NewWriter(w)
		arrays := scikitArrays()
		arrays["feature_names_in_"] = store.Array{Shape: []int{3}, Data: []float32{'a', 'b', 'c'}}
		for name, a := range arrays {
			var npy bytes.Buffer
			if err := store.WriteNPY(&npy, a); err != nil {
				return err
			}
			content := npy.Bytes()
			if name == "feature_names_in_" {
				content = bytes.Replace(content, []byte("<f4"), []byte("<U1"), 1)
			}
			member, err := archive.Create(name + ".npy")
			if err != nil {
				return err
			}
			if _, err := member.Write(content); err != nil {
				return err
			}
		}
		return archive.Close()
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := ImportNPZ(path)
	if want := smallModel(); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v (%v), want %v", got, err, want)
	}
}

func TestImportNPZRefuses(t *testing.T) {
	type arrays = map[string]store.Array
	vector := func(x ...float32) store.Array { return store.Array{Shape: []int{len(x)}, Data: x} }
	ones := func() arrays {
		return arrays{
			"weights":      {Shape: []int{2, 1}, Data: []float32{1, 1}},
			"visible_bias": vector(1, 1), "hidden_bias": vector(1),
		}
	}
	for _, test := range []struct {
		from   arrays
		change func(a arrays)
		want   string
	}{
		{arrays{"b": vector(1), "a": vector(2)}, func(arrays) {}, `no array "weights" or "components_", want one of them`},
		{ones(), func(a arrays) { delete(a, "hidden_bias") }, `tensor "hidden_bias" is missing`},
		{ones(), func(a arrays) { a["weights"] = vector(1, 1) }, `tensor "weights": shape [2], want two dimensions`},
		{ones(), func(a arrays) { a["visible_bias"] = vector(1) }, `tensor "visible_bias": shape [1], want [2]`},
		{ones(), func(a arrays) { a["hidden_bias"] = vector(float32(math.NaN())) },
			`tensor "hidden_bias": element 0 is NaN, want a finite number`},
		{ones(), func(a arrays) { a["base_rates"] = vector(0, -1) },
			`tensor "base_rates": element 1 is -1, want a number in [0,1]`},
		{arrays{
			"weights":      {Shape: []int{0, 1}},
			"visible_bias": vector(), "hidden_bias": vector(1),
		}, func(arrays) {}, "0 visible and 1 hidden units, want at least 1 visible one"},
		{scikitArrays(), func(a arrays) { delete(a, "intercept_hidden_") }, `array "intercept_hidden_" is missing`},
		{scikitArrays(), func(a arrays) { a["components_"] = vector(1) },
			`array "components_": shape [1], want two dimensions`},
		{scikitArrays(), func(a arrays) { a["intercept_visible_"] = vector(1, 2) },
			`tensor "visible_bias": shape [2], want [3]`},
	} {
		test.change(test.from)
		path := writeArrays(t, test.from)
		_, err := ImportNPZ(path)
		if want := "rbm: read " + path + ": " + test.want; err == nil || err.Error() != want {
			t.Errorf("got error %v, want %s", err, want)
		}
	}
}

func TestImportNPZUnreadable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none.npz")
	_, err := ImportNPZ(path)
	if want := "store: " + path + ": no such file or directory"; err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
}

func TestExportNPZRefuses(t *testing.T) {
	for _, test := range badModels {
		folder := t.TempDir()
		path := filepath.Join(folder, "a.npz")
		m := fullModel()
		test.change(m)
		err := m.ExportNPZ(path)
		if want := "rbm: write " + path + ": " + test.want; err == nil || err.Error() != want {
			t.Errorf("got error %v, want %s", err, want)
		}
		storetest.WantFiles(t, folder, nil)
	}
}

// TestNPZOfAllUnits: an archive names the kinds of units, and gives the same model. Unknown, missing and numeric
// names are refused.
func TestNPZOfAllUnits(t *testing.T) {
	for _, visible := range unitsOf(3) {
		for _, hidden := range unitsOf(2) {
			m := smallModel()
			m.Visible.Units, m.Hidden.Units = visible, hidden
			path := filepath.Join(t.TempDir(), "a.npz")
			if err := m.ExportNPZ(path); err != nil {
				t.Fatal(err)
			}
			got, err := ImportNPZ(path)
			if err != nil {
				t.Fatalf("%v by %v: %v", visible, hidden, err)
			}
			units := func(m *Model) string { return m.Visible.groups().String() + " by " + m.Hidden.groups().String() }
			if units(got) != units(m) {
				t.Errorf("units %s, want %s", units(got), units(m))
			}
			if !slices.Equal(got.Weights, m.Weights) {
				t.Errorf("%s: weights %v, want %v", units(m), got.Weights, m.Weights)
			}
		}
	}
	path := filepath.Join(t.TempDir(), "a.npz")
	for want, spoil := range map[string]func(arrays map[string]store.Array, texts map[string]string){
		`kind "boson"`:                   func(_ map[string]store.Array, texts map[string]string) { texts["hidden_units"] = "boson:2" },
		`metadata have no visible_units`: func(_ map[string]store.Array, texts map[string]string) { delete(texts, "visible_units") },
		`want a text`: func(arrays map[string]store.Array, texts map[string]string) {
			delete(texts, "hidden_units")
			arrays["hidden_units"] = store.Array{Shape: []int{1}, Data: []float32{1}}
		},
	} {
		arrays, texts := scikitArrays(), map[string]string{"visible_units": "bernoulli:3", "hidden_units": "spin:2"}
		spoil(arrays, texts)
		names := append(slices.Collect(maps.Keys(arrays)), slices.Collect(maps.Keys(texts))...)
		if err := store.WriteAtomic(path, func(w io.Writer) error { return store.WriteNPZ(w, names, arrays, texts) }); err != nil {
			t.Fatal(err)
		}
		if _, err := ImportNPZ(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

func TestTranspose(t *testing.T) {
	got := transpose(store.Array{Shape: []int{2, 3}, Data: []float32{1, 2, 3, 4, 5, 6}})
	if want := []float32{1, 4, 2, 5, 3, 6}; !slices.Equal(got.Data, want) || !slices.Equal(got.Shape, []int{3, 2}) {
		t.Errorf("got %v, want %v of shape [3 2]", got, want)
	}
}
