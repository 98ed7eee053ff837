package rbm

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"harmonium/engine"
	"harmonium/store"
	"harmonium/store/storetest"
)

// fullModel returns a 3x2 model with everything a file can hold.
func fullModel() *Model {
	return &Model{
		Visible:    Layer{Bias: []float32{-1, 0, 1}},
		Hidden:     Layer{Bias: []float32{0.25, -0.25}},
		Weights:    []float32{0.1, -2, 3e-45, math.MaxFloat32, -1e-10, 6},
		BaseRates:  []float32{0, 0.5, 1},
		Provenance: map[string]string{"data": `"a" & <b>.csv`, "seed": "1"},
	}
}

// smallModel returns a 3x2 model with the parameters alone.
func smallModel() *Model {
	m := fullModel()
	m.BaseRates, m.Provenance = nil, nil
	return m
}

func TestModelRoundTrip(t *testing.T) {
	for name, want := range map[string]*Model{"full": fullModel(), "parameters alone": smallModel()} {
		folder := t.TempDir()
		var files [2][]byte
		for i, file := range []string{"a.safetensors", "b.safetensors"} {
			path := filepath.Join(folder, file)
			if err := want.Save(path); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			got, err := LoadModel(path)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s: got %v, want %v", name, got, want)
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

// TestLoadModelFromCheckpoint: a file may hold more than a model.
func TestLoadModelFromCheckpoint(t *testing.T) {
	want := fullModel()
	f, err := want.Tensors()
	if err != nil {
		t.Fatal(err)
	}
	f.Tensors = append(f.Tensors, store.Tensor{Name: "chains", Shape: []int{1, 3}, Data: []uint8{0, 1, 1}})
	f.Metadata["updates"] = "17"
	path := filepath.Join(t.TempDir(), "checkpoint.safetensors")
	if err := store.WriteSafetensors(path, f); err != nil {
		t.Fatal(err)
	}
	if got, err := LoadModel(path); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v (%v), want %v", got, err, want)
	}
}

// unitsOf returns the units of n ≥ 2 columns of each kind alone, and mixed. A unit of several columns
// has all n of them. (rbmtest.UnitsOf does the same for tests outside this package, which rbmtest imports.)
func unitsOf(n int) []engine.Units {
	var all []engine.Units
	var mixed engine.Units
	for _, k := range engine.Kinds() {
		if k.Several() {
			family, _, _ := strings.Cut(k.String(), "/")
			var err error
			if k, err = engine.KindNamed(fmt.Sprintf("%s/%d", family, n)); err != nil {
				panic(err)
			}
		} else if from := len(mixed); from < n {
			mixed = append(mixed, engine.Group{Kind: k, From: from, To: from + 1})
		}
		all = append(all, engine.NewUnits(k, n))
	}
	mixed[len(mixed)-1].To = n
	return append(all, mixed)
}

// TestModelFileOfAllUnits: units come back as they were, or as nil where all are of the default
// kind, and are part of the file's version.
func TestModelFileOfAllUnits(t *testing.T) {
	for _, visible := range unitsOf(3) {
		for _, hidden := range unitsOf(2) {
			m := fullModel()
			m.Visible.Units, m.Hidden.Units = visible, hidden
			path := filepath.Join(t.TempDir(), "a.safetensors")
			if err := m.Save(path); err != nil {
				t.Fatal(err)
			}
			got, err := LoadModel(path)
			if err != nil {
				t.Fatal(err)
			}
			want, version := fullModel(), store.Version1
			if !visible.Default() || !hidden.Default() {
				version = store.Version2
			}
			if !visible.Default() {
				want.Visible.Units = visible
			}
			if !hidden.Default() {
				want.Hidden.Units = hidden
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%v by %v: got %v, want %v", visible, hidden, got, want)
			}
			f, err := store.ReadSafetensors(path)
			_, named := f.Metadata["visible_units"]
			if err != nil || f.Version != version || named != (version == store.Version2) {
				t.Errorf("%v by %v: version %s with metadata %v (%v), want version %s",
					visible, hidden, f.Version, f.Metadata, err, version)
			}
		}
	}
}

func TestLoadModelReadsUnits(t *testing.T) {
	for _, test := range []struct {
		version  string
		metadata map[string]string
		want     string // error, if any
	}{
		{store.Version2, map[string]string{"visible_units": "bernoulli:1,bernoulli:2", "hidden_units": "bernoulli:2"}, ""},
		{store.Version2, map[string]string{"visible_units": "bernoulli:3"}, "metadata have no hidden_units, want the kinds of units"},
		{store.Version2, nil, "metadata have no visible_units, want the kinds of units"},
		{store.Version2, map[string]string{"visible_units": "bernoulli:2", "hidden_units": "bernoulli:2"},
			"metadata visible_units: units of 2 columns, want 3"},
		{store.Version2, map[string]string{"visible_units": "bernoulli:3", "hidden_units": "bernoulli:3"},
			"metadata hidden_units: units of 3 columns, want 2"},
		{store.Version1, map[string]string{"hidden_units": "bernoulli:2"},
			`metadata hidden_units is "bernoulli:2" in a file of version 1, want version 2`},
	} {
		f, err := fullModel().Tensors()
		if err != nil {
			t.Fatal(err)
		}
		f.Version = test.version
		maps.Copy(f.Metadata, test.metadata)
		if test.want != "" {
			wantLoadError(t, f, test.want)
		} else if got, err := FromTensors(f); err != nil || !reflect.DeepEqual(got, fullModel()) {
			t.Errorf("%v: got %v (%v), want %v", test.metadata, got, err, fullModel())
		}
	}
}

// TestLoadModelRefusesUnknownKinds: the error lists all kinds that are known.
func TestLoadModelRefusesUnknownKinds(t *testing.T) {
	f, err := fullModel().Tensors()
	if err != nil {
		t.Fatal(err)
	}
	f.Version = store.Version2
	f.Metadata["visible_units"] = "boson:3"
	known := strings.Join(append(engine.KindNames(), engine.RealKindNames()...), ", ")
	wantLoadError(t, f, `metadata visible_units: units "boson:3": kind "boson", want one of `+known)
}

// badModels are changes of fullModel that neither Save nor LoadModel lets pass,
// with the end of the error's line.
var badModels = []struct {
	change func(m *Model)
	want   string
}{
	{func(m *Model) { m.Weights[3] = float32(math.NaN()) }, `tensor "weights": element 3 is NaN, want a finite number`},
	{func(m *Model) { m.Weights[5] = float32(math.Inf(1)) }, `tensor "weights": element 5 is +Inf, want a finite number`},
	{func(m *Model) { m.Visible.Bias[0] = float32(math.Inf(-1)) }, `tensor "visible_bias": element 0 is -Inf, want a finite number`},
	{func(m *Model) { m.Hidden.Bias[1] = float32(math.NaN()) }, `tensor "hidden_bias": element 1 is NaN, want a finite number`},
	{func(m *Model) { m.BaseRates[2] = 1.5 }, `tensor "base_rates": element 2 is 1.5, want a number in [0,1]`},
	{func(m *Model) { m.BaseRates[1] = float32(math.NaN()) }, `tensor "base_rates": element 1 is NaN, want a number in [0,1]`},
}

func TestSaveRefuses(t *testing.T) {
	tests := append(badModels[:len(badModels):len(badModels)], []struct {
		change func(m *Model)
		want   string
	}{
		{func(m *Model) { m.Visible.Bias = nil }, "0 visible and 2 hidden units, want at least 1 visible one"},
		{func(m *Model) { m.Visible.Units = engine.Units{{To: 2}} }, "visible: units of 2 columns, want 3"},
		{func(m *Model) { m.Hidden.Units = engine.Units{{From: 1, To: 2}} },
			"hidden: bernoulli units in columns 1 to 2, want a group from 0 on"},
		{func(m *Model) { m.Weights = m.Weights[:5] }, `tensor "weights": 5 elements, want 6`},
		{func(m *Model) { m.BaseRates = m.BaseRates[:0] }, `tensor "base_rates": 0 elements, want 3`},
	}...)
	for _, test := range tests {
		folder := t.TempDir()
		path := filepath.Join(folder, "a.safetensors")
		if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
		m := fullModel()
		test.change(m)
		err := m.Save(path)
		if want := "rbm: write " + path + ": " + test.want; err == nil || err.Error() != want {
			t.Errorf("got error %v, want %s", err, want)
		}
		storetest.WantFiles(t, folder, map[string]string{"a.safetensors": "old"})
	}
}

// wantLoadError fails unless LoadModel refuses a file of f with an error that
// ends in want.
func wantLoadError(t *testing.T, f store.Safetensors, want string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.safetensors")
	if err := store.WriteSafetensors(path, f); err != nil {
		t.Fatal(err)
	}
	want = "rbm: read " + path + ": " + want
	if _, err := LoadModel(path); err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
}

func TestLoadModelRefusesValues(t *testing.T) {
	for _, test := range badModels {
		m := fullModel()
		f, err := m.Tensors() // shares the model's slices
		if err != nil {
			t.Fatal(err)
		}
		test.change(m)
		wantLoadError(t, f, test.want)
	}
}

func TestLoadModelRefusesTensors(t *testing.T) {
	const weights, visibleBias, hiddenBias, baseRates = 0, 1, 2, 3
	for _, test := range []struct {
		change func(f *store.Safetensors)
		want   string
	}{
		{func(f *store.Safetensors) { f.Tensors = nil }, `tensor "weights" is missing`},
		{func(f *store.Safetensors) { f.Tensors = f.Tensors[:2] }, `tensor "hidden_bias" is missing`},
		{func(f *store.Safetensors) { f.Tensors[weights].Shape = []int{6} }, `tensor "weights": shape [6], want two dimensions`},
		{func(f *store.Safetensors) { f.Tensors[weights].Shape = []int{2, 3} }, `tensor "visible_bias": shape [3], want [2]`},
		{func(f *store.Safetensors) {
			f.Tensors[weights] = store.Tensor{Name: "weights", Shape: []int{0, 2}, Data: []float32{}}
		},
			`tensor "visible_bias": shape [3], want [0]`},
		{func(f *store.Safetensors) { f.Tensors[weights].Data = make([]int32, 6) }, `tensor "weights": dtype I32, want F32`},
		{func(f *store.Safetensors) { f.Tensors[visibleBias].Shape = []int{3, 1} }, `tensor "visible_bias": shape [3 1], want [3]`},
		{func(f *store.Safetensors) { f.Tensors[hiddenBias].Data = make([]float64, 2) }, `tensor "hidden_bias": dtype F64, want F32`},
		{func(f *store.Safetensors) { f.Tensors[baseRates].Data = make([]uint8, 3) }, `tensor "base_rates": dtype U8, want F32`},
		{func(f *store.Safetensors) { f.Metadata["provenance"] = "{" }, "provenance: unexpected end of JSON input"},
		{func(f *store.Safetensors) {
			*f = store.Safetensors{Tensors: []store.Tensor{
				{Name: "weights", Shape: []int{0, 2}, Data: []float32{}},
				{Name: "visible_bias", Shape: []int{0}, Data: []float32{}},
				{Name: "hidden_bias", Shape: []int{2}, Data: []float32{1, 2}},
			}}
		}, "0 visible and 2 hidden units, want at least 1 visible one"},
	} {
		f, err := fullModel().Tensors()
		if err != nil {
			t.Fatal(err)
		}
		test.change(&f)
		wantLoadError(t, f, test.want)
	}
}

// TestLoadModelRefusesOthers: the three tensors alone are not enough. The metadata must name the format "harmonium".
func TestLoadModelRefusesOthers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.safetensors")
	header := `{"weights":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]},` +
		`"visible_bias":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},` +
		`"hidden_bias":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}`
	file := slices.Concat(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), []byte(header), make([]byte, 12))
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := LoadModel(path)
	if want := "store: read " + path + `: metadata have no format, want "harmonium"`; err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
}
