package main

import (
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"harmonium/store"
)

// limitMemory sets the limit of the Go runtime until the test ends, and GOMEMLIMIT, by whose presence package memory
// knows that the limit is a user's.
func limitMemory(t *testing.T, bytes int64) {
	t.Setenv("GOMEMLIMIT", "set")
	before := debug.SetMemoryLimit(bytes)
	t.Cleanup(func() { debug.SetMemoryLimit(before) })
}

// TestOutOfMemory: what does not fit is refused in one line, before it is allocated.
func TestOutOfMemory(t *testing.T) {
	slow(t)
	t.Chdir(t.TempDir())
	mustRun(t, with(bars, "--epochs", "1", "--eval", "never", "--out", "run")...)
	if err := os.WriteFile("row.csv", []byte(strings.Repeat("1,", 1<<20)+"1\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	limitMemory(t, 300<<20) // more than the tests use, and less than each of these needs
	for text, args := range map[string][]string{
		"a run with 9 x 5000000 weights and ":                with(bars, "--hidden", "5000000", "--out", "new"),
		" and 90000000 chains needs about ":                  with(bars, "--chains", "90000000", "--out", "new"),
		"a run with 1048577 x 16 weights":                    {"train", "--data", "row.csv", "--out", "new"},
		"--samples: out of memory: 200000000 chains of 9 + ": {"sample", "run", "-n", "200000000", "--out", "new.npy"},
		"AIS with 100000000 runs of 9 + ":                    {"eval", "run", "--method", "ais", "--runs", "100000000"},
	} {
		args = with(args, "--device", "cpu") // a GPU has memory of its own
		refuses(t, exitFailure, text, args...)
		refuses(t, exitFailure, " MB are free by GOMEMLIMIT", args...)
	}
	if entries, _ := filepath.Glob("new*"); entries != nil {
		t.Errorf("refused commands left %v behind", entries)
	}
}

// TestConfigBeyondTensors: a checkpoint's settings allocate nothing that its tensors do not have.
func TestConfigBeyondTensors(t *testing.T) {
	t.Chdir(t.TempDir())
	mustRun(t, with(bars, "--epochs", "1", "--eval", "never", "--out", "run")...)
	path := runFolder("run").file(fileCheckpoint)
	f, err := store.ReadSafetensors(path)
	if err != nil {
		t.Fatal(err)
	}
	config := f.Metadata["config"]
	// Each new text leaves the value before to a key x, which the settings do not have.
	for _, c := range []struct{ old, new, want string }{
		{`"hidden":`, `"hidden":2000000000,"x":`, "hidden is 2000000000, want "},
		{`"chains":`, `"chains":2000000000,"x":`, `tensor "chains": shape `},
	} {
		f.Metadata["config"] = strings.Replace(config, c.old, c.new, 1)
		if f.Metadata["config"] == config {
			t.Fatalf("the configuration %s has no %s", config, c.old)
		}
		if err := store.WriteSafetensors(path, f); err != nil {
			t.Fatal(err)
		}
		refuses(t, exitFailure, c.want, "train", "--resume", "run", "--epochs", "2")
	}
}
