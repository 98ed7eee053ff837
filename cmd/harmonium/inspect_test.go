package main

import (
	"context"
	"encoding/json"
	"image"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm/train"
	"harmonium/store"
)

func TestNewDistribution(t *testing.T) {
	for _, test := range []struct {
		x    []float64
		want distribution
	}{
		// A bin is half as wide as 1, and the squared differences from the mean are 4, 4, 0
		// and 16.
		{[]float64{-1, -1, 1, 5}, distribution{"x", 4, 1, math.Sqrt(6), -1, 5, []int{2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1}}},
		{[]float64{2, 2, 2, 2}, distribution{"x", 4, 2, 0, 2, 2, []int{4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}}},
	} {
		if got := newDistribution("x", test.x); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%v: got %+v, want %+v", test.x, got, test.want)
		}
	}
}

func TestInspectModel(t *testing.T) {
	folder := t.TempDir()
	model := saveModel(t, folder, ramp)
	var got inspection
	if err := json.Unmarshal([]byte(mustRun(t, "inspect", model, "--json")), &got); err != nil {
		t.Fatal(err)
	}
	if got.Visible != 4 || got.Hidden != 4 || got.Parameters != 24 || got.BaseRates || got.Checkpoint != nil {
		t.Errorf("got %+v, want 4 x 4 units, 24 parameters, no base rates and no checkpoint", got)
	}
	if got.Provenance["data"] != "bars-and-stripes:2" {
		t.Errorf("provenance: got %q, want the provenance of the model", got.Provenance)
	}
	var names []string
	for _, d := range got.Distributions {
		names = append(names, d.Name)
	}
	if want := []string{"weights", "visible biases", "hidden biases", "norms of hidden units"}; !slices.Equal(names, want) {
		t.Errorf("distributions: got %q, want %q", names, want)
	}
	if w := got.Distributions[0]; w.Count != 16 || w.Min != -1 || w.Max != 0.875 || w.Mean != -0.0625 {
		t.Errorf("weights: got %+v, want 16 from -1 to 0.875 with mean -0.0625", w)
	}
	text := mustRun(t, "inspect", model)
	for _, want := range append(names, "4 visible and 4 hidden units, 24 parameters", "bars-and-stripes:2", "not known") {
		if !strings.Contains(text, want) {
			t.Errorf("got %q, want %q in it", text, want)
		}
	}
}

func TestInspectFilters(t *testing.T) {
	folder := t.TempDir()
	model := saveModel(t, folder, lazy)
	out := filepath.Join(folder, "filters.png")
	if text := mustRun(t, "inspect", model, "--filters", out); !strings.Contains(text, "filters of 4 hidden units: "+out) {
		t.Errorf("got %q, want it to name the filters", text)
	}
	picture := readPNG(t, out)
	if got, want := picture.Bounds().Size(), image.Pt(2*50+2, 2*50+2); got != want {
		t.Errorf("size: got %v, want %v", got, want)
	}
	wantCells(t, picture, 0, 0, 2, 2, 255, 128, 128, 128)
	wantCells(t, picture, 1, 1, 2, 2, 128, 128, 128, 255)
}

// saveCheckpoint writes a checkpoint after 3 updates.
func saveCheckpoint(t *testing.T, folder string) string {
	t.Helper()
	set, err := dataset.Open("bars-and-stripes:2", dataset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	device, err := engine.Open("cpu", 1)
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	config := train.DefaultConfig()
	config.Hidden, config.Epochs, config.BatchSize, config.Binarize, config.Algorithm = 3, 7, 4, "none", "pcd"
	trainer, err := train.New(config, set, device)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := trainer.Train(context.Background(), 1); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(folder, "checkpoint.safetensors")
	if err := trainer.Save(path, nil); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestInspectCheckpoint(t *testing.T) {
	path := saveCheckpoint(t, t.TempDir())
	var got inspection
	if err := json.Unmarshal([]byte(mustRun(t, "inspect", path, "--json")), &got); err != nil {
		t.Fatal(err)
	}
	if c := got.Checkpoint; c == nil || c.Update != 3 || c.Config.Hidden != 3 || !got.BaseRates {
		t.Errorf("got %+v with %+v, want a checkpoint after 3 updates and base rates", got, c)
	}
	if text, want := mustRun(t, "inspect", path), "checkpoint after 3 updates of a run of 7 epochs"; !strings.Contains(text, want) {
		t.Errorf("got %q, want %q in it", text, want)
	}
}

func TestInspectRefuses(t *testing.T) {
	folder := t.TempDir()
	model := saveModel(t, folder, plain)
	checkpoint := read(t, saveCheckpoint(t, folder))
	edited := write(t, folder, "edited.safetensors", strings.ReplaceAll(checkpoint, "pcd", "xyz"))
	f, err := store.ReadSafetensors(filepath.Join(folder, fileCheckpoint))
	if err != nil {
		t.Fatal(err)
	}
	f.Metadata["config"] = strings.ReplaceAll(f.Metadata["config"], "pcd", "xyz")
	broken := filepath.Join(folder, "broken.safetensors")
	if err := store.WriteSafetensors(broken, f); err != nil {
		t.Fatal(err)
	}
	flipped := write(t, folder, "flipped.safetensors", checkpoint[:len(checkpoint)-1]+"!")
	short := write(t, folder, "short.safetensors", checkpoint[:len(checkpoint)-1])
	for _, test := range []struct {
		code int
		want string
		args []string
	}{
		{exitUsage, "MODEL", nil},
		{exitUsage, `extension ".jpg", want .png`, []string{model, "--filters", filepath.Join(folder, "a.jpg")}},
		{exitFailure, "no such file or directory", []string{model, "--filters", filepath.Join(folder, "absent", "a.png")}},
		{exitFailure, "header_sha256 of the header is", []string{edited}},
		{exitFailure, "Algorithm is xyz", []string{broken}},
		{exitFailure, "flipped.safetensors", []string{flipped}},
		{exitFailure, "short.safetensors", []string{short}},
		{exitFailure, "absent", []string{filepath.Join(folder, "absent")}},
	} {
		refusesIn(t, folder, test.code, test.want, append([]string{"inspect"}, test.args...)...)
	}
}
