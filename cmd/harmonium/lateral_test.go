package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLateral trains a pairwise model and uses it by every command; a resumed run has the tensors of one that was
// not interrupted.
func TestLateral(t *testing.T) {
	t.Chdir(t.TempDir())
	// A constant rate, since the rate of a linear schedule depends on the length of the run, which the resumed one changes.
	flags := []string{"train", "--data", "bars-and-stripes:3", "--lateral", "--batch-size", "6", "--device", "cpu",
		"--threads", "1", "--no-rows", "--algorithm", "pcd", "--schedule", "constant"}
	mustRun(t, with(flags, "--updates", "20", "--out", "whole")...)
	mustRun(t, with(flags, "--updates", "10", "--out", "run")...)
	mustRun(t, "train", "--resume", "run", "--updates", "20", "--device", "cpu", "--threads", "1")
	if _, err := os.Stat(filepath.Join("run", fileFilters)); err == nil {
		t.Error("a model without hidden units has filters")
	}
	out := mustRun(t, "inspect", "run")
	if want := "9 visible and 0 hidden units, couplings among the visible units, 45 parameters"; !strings.Contains(out, want) {
		t.Errorf("inspect prints\n%swant %q", out, want)
	}
	out = mustRun(t, "eval", "run", "--device", "cpu", "--threads", "1")
	if !strings.Contains(out, "exact, the sum over 2^9 states") {
		t.Errorf("eval prints\n%swant an exact log Z", out)
	}
	mustRun(t, "sample", "run", "-n", "3", "--out", "samples.csv")
	if err := os.WriteFile("holes.csv", []byte("1,1,1,0,0,0,,,\n0,,0,1,,1,0,,0\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	mustRun(t, "impute", "run", "holes.csv", "--out", "filled.csv")
	mustRun(t, "score", "run", "samples.csv", "--out", "scores.csv")
	mustRun(t, "convert", "run", "model.npz")
	mustRun(t, "convert", "model.npz", "model.safetensors")
	sameTensors(t, "model.safetensors", filepath.Join("run", fileModel))

	refuses(t, exitFailure, "has no hidden units", "features", "run", "samples.csv", "--out", "f.csv")
	refuses(t, exitUsage, "no hidden units", "inspect", "run", "--filters", "f.png")
	refuses(t, exitUsage, "--algorithm ptt, want another one with couplings", "train", "--lateral", "--algorithm", "ptt",
		"--data", "bars-and-stripes:3")
	refuses(t, exitUsage, "--hidden 0, want at least 1", "train", "--hidden", "0", "--data", "bars-and-stripes:3")
	sameTensors(t, filepath.Join("run", fileCheckpoint), filepath.Join("whole", fileCheckpoint))
}
