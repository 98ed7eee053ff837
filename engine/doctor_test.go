package engine

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"harmonium/kernels"
)

func TestExamine(t *testing.T) {
	r, err := Examine()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(r.Kernels, r.InUse) || r.Kernels[0] != kernels.Definition.Name {
		t.Errorf("kernels: got %q with %q in use, want that among them and %q first", r.Kernels, r.InUse, kernels.Definition.Name)
	}
	if got, want := len(r.Checks), (len(r.Kernels)-1)*len(selfTests); got != want {
		t.Errorf("got %d checks, want %d of %q", got, want, r.Kernels)
	}
	for _, c := range r.Checks {
		if c.Error != "" {
			t.Errorf("%s, %s: got %s, want no difference", c.Implementation, c.Kernel, c.Error)
		}
	}
	if r.Threads < 1 {
		t.Errorf("got %d threads, want at least 1", r.Threads)
	}
}

func TestHasLibrary(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("LD_LIBRARY_PATH", folder)
	const name = "libharmonium-of-this-test.so.1"
	if hasLibrary(name) {
		t.Errorf("got %s, want none", name)
	}
	if err := os.WriteFile(filepath.Join(folder, name), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if !hasLibrary(name) {
		t.Errorf("got no %s, want that in LD_LIBRARY_PATH", name)
	}
}
