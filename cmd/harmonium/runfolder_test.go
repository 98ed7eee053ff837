package main

import (
	"os"
	"slices"
	"testing"
)

func TestDefaultFolder(t *testing.T) {
	for data, want := range map[string]runFolder{
		"mnist":                "runs/mnist-now",
		"bars-and-stripes:4":   "runs/bars-and-stripes-4-now",
		"/a b/digits 2.csv.gz": "runs/digits-2-now",
		"x.npz":                "runs/x-now",
	} {
		if got := defaultFolder(data, "now"); got != want {
			t.Errorf("data %s: run folder %s, want %s", data, got, want)
		}
	}
}

func TestSweep(t *testing.T) {
	folder := t.TempDir()
	kept := []string{
		".hidden", ".model.safetensors.0123", ".model.safetensors.0123456789abcdeg",
		".notes.0123456789abcdef", "model.safetensors", "model.safetensors.0123456789abcdef",
	}
	for _, name := range append([]string{
		".model.safetensors.0123456789abcdef", ".checkpoint.safetensors.fedcba9876543210",
		".config.json.0000000000000000", ".samples.png.1111111111111111",
	}, kept...) {
		writeText(t, folder+"/"+name, "")
	}
	if err := runFolder(folder).sweep(); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if !slices.Equal(got, kept) {
		t.Errorf("left %q, want %q", got, kept)
	}
}
