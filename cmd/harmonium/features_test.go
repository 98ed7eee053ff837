package main

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm"
	"harmonium/store"
)

// ramp gives each weight, and each bias of a layer, a different multiple of 1/8 or of 1/4. The model has 4 units in
// each layer.
func ramp(m *rbm.Model) {
	for i := range m.Weights {
		m.Weights[i] = float32(i-8) / 8
	}
	copy(m.Hidden.Bias, []float32{-1, -0.5, 0.5, 1})
	copy(m.Visible.Bias, []float32{0.25, -0.25, 2, -2})
}

func TestFeatures(t *testing.T) {
	folder := t.TempDir()
	model := saveModel(t, folder, ramp)
	out := filepath.Join(folder, "out.npy")
	mustRun(t, "features", model, "--out", out)
	file, err := os.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	got, err := store.ReadNPY(file, out)
	if err != nil {
		t.Fatal(err)
	}
	set, err := dataset.Open("bars-and-stripes:2", dataset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := rbm.LoadModel(model)
	if err != nil {
		t.Fatal(err)
	}
	if want := []int{set.Train.N, 4}; !slices.Equal(got.Shape, want) {
		t.Fatalf("shape: got %v, want %v", got.Shape, want)
	}
	row := make([]float32, 4)
	for n := range set.Train.N {
		set.Train.Row(row, n)
		for j, want := range m.MeanHidden(nil, row) {
			// The parameters are multiples of 1/8, so the field is exact; σ has a
			// relative error below 2⁻²¹.
			if got := float64(got.Data[4*n+j]); math.Abs(got-want) > want*0x1p-21 {
				t.Errorf("row %d, unit %d: got %v, want %v within %v", n, j, got, want, want*0x1p-21)
			}
		}
	}
}

func TestFeaturesCSV(t *testing.T) {
	folder := t.TempDir()
	model := saveModel(t, folder, plain)
	rows := write(t, folder, "rows.csv", "0,1,0,1\n1,0.5,1,1\n")
	out := filepath.Join(folder, "out.csv")
	mustRun(t, "features", model, "--data", rows, "--out", out)
	if got, want := read(t, out), "0.5,0.5,0.5,0.5\n0.5,0.5,0.5,0.5\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestFeaturesLabels: labels stand in the last column of a CSV file, or in a file beside an array.
func TestFeaturesLabels(t *testing.T) {
	folder := t.TempDir()
	model := saveModel(t, folder, plain)
	rows := write(t, folder, "rows.csv", "id,a,b,c,d,kind\n7,0,1,0,1,x\n9,1,1,1,0,\"y,z\"\n")
	out := filepath.Join(folder, "out.csv")
	flags := []string{"--label", "kind", "--drop", "id", "--out"}
	mustRun(t, append([]string{"features", model, rows}, append(flags, out)...)...)
	if got, want := read(t, out), "h1,h2,h3,h4,label\n0.5,0.5,0.5,0.5,x\n0.5,0.5,0.5,0.5,\"y,z\"\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	mustRun(t, append([]string{"features", model, rows}, append(flags, filepath.Join(folder, "f.npy"))...)...)
	if got, want := read(t, filepath.Join(folder, "f-labels.txt")), "x\ny,z\n"; got != want {
		t.Errorf("labels: got %q, want %q", got, want)
	}
}

func TestFeaturesRefuses(t *testing.T) {
	folder := t.TempDir()
	model := saveModel(t, folder, plain)
	out := filepath.Join(folder, "out.npy")
	wide := write(t, folder, "wide.csv", "0,1,0,1,0\n")
	for _, test := range []struct {
		code int
		want string
		args []string
	}{
		{exitUsage, "MODEL", nil},
		{exitUsage, `extension ".png", want .npy, .csv`, []string{model, "--out", filepath.Join(folder, "a.png")}},
		{exitUsage, "no valid rows", []string{model, "--out", out, "--split", "valid"}},
		{exitUsage, "--binarize cut, want", []string{model, "--out", out, "--binarize", "cut"}},
		{exitFailure, "rows of 5 values", []string{model, "--out", out, "--data", wide}},
		{exitFailure, "absent", []string{model, "--out", out, "--data", filepath.Join(folder, "absent")}},
		{exitFailure, "absent", []string{filepath.Join(folder, "absent"), "--out", out}},
	} {
		refusesIn(t, folder, test.code, test.want, append([]string{"features"}, test.args...)...)
	}
}
