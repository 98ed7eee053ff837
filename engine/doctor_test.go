package engine

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"harmonium/kernels"
)

// TestExamine: a report lists the kernels of this machine, the definition first, and the results of all self-tests
// of each other implementation, which find no difference from the definition.
func TestExamine(t *testing.T) {
	r, err := Examine()
	if err != nil {
		t.Fatal(err)
	}
	if want := kernels.Definition.Name; r.Kernels[0] != want {
		t.Errorf("kernels: got %q, want %q first", r.Kernels, want)
	}
	if !slices.Contains(r.Kernels, r.InUse) {
		t.Errorf("kernels in use: got %q, want one of %q", r.InUse, r.Kernels)
	}
	if got, want := len(r.Checks), (len(r.Kernels)-1)*len(selfTests); got != want {
		t.Errorf("got %d checks, want %d: one for each self-test of each of %q but the first", got, want, r.Kernels)
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

// TestHasLibrary: a library is found in a folder of LD_LIBRARY_PATH, once it is there.
func TestHasLibrary(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("LD_LIBRARY_PATH", folder)
	const name = "libharmonium-of-this-test.so.1"
	if hasLibrary(name) {
		t.Errorf("%s: found before it exists", name)
	}
	if err := os.WriteFile(filepath.Join(folder, name), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if !hasLibrary(name) {
		t.Errorf("%s: not found in %s of LD_LIBRARY_PATH", name, folder)
	}
}
