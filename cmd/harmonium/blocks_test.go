package main

import (
	"fmt"
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"harmonium/rbm"
	"harmonium/store/storetest"
)

// TestLeftInFile: commands say the same of rows that stay in their file, more than mostInMemory in an NPY file, as of
// the same rows in memory, from an NPZ file.
func TestLeftInFile(t *testing.T) {
	t.Chdir(t.TempDir())
	model := saveModel(t, ".", ramp)
	m, err := rbm.LoadModel(model)
	if err != nil {
		t.Fatal(err)
	}
	const rows = mostInMemory + 1
	states := make([]byte, rows*m.Visible.Len())
	for i := range states {
		states[i] = byte(i * i >> 6 & 1) // both states, in no simple order
	}
	content := storetest.NPY("|u1", fmt.Sprintf("(%d, %d)", rows, m.Visible.Len()), states...)
	for name, text := range map[string]string{"rows.npy": content, "rows.npz": storetest.Zip(0, "rows.npy", content)} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"data"}, {"score", model, "--threads", "1", "--out", "scores.npy"},
		{"features", model, "--threads", "1", "--out", "features.npy"}, {"eval", model, "--threads", "1", "--json"}} {
		var outputs []string
		for _, file := range []string{"rows.npy", "rows.npz"} {
			said := mustRun(t, slices.Insert(slices.Clone(args), min(len(args), 2), file)...) // after the model, if there is one
			for _, out := range args {
				if strings.HasSuffix(out, ".npy") {
					said += read(t, out)
				}
			}
			said = strings.NewReplacer("rows.npz:rows", "FILE", "rows.npz", "FILE", "rows.npy", "FILE").Replace(said)
			outputs = append(outputs, regexp.MustCompile(`"[a-z_]*(seconds|time)":[^,}]*`).ReplaceAllString(said, ""))
		}
		if outputs[0] != outputs[1] {
			t.Errorf("%v: from a file %.300s\nand from memory %.300s", args, outputs[0], outputs[1])
		}
	}
}

// TestBlockRows: a run whose rows stay in their file ends as one on the same rows in memory, is resumed, and
// evaluated. Rows that do not fit into memory are refused with the flag that helps.
func TestBlockRows(t *testing.T) {
	slow(t)
	t.Chdir(t.TempDir())
	const rows, columns = 180000, 100
	grey := make([]byte, rows*columns)
	for i := range grey {
		grey[i] = byte(i*i>>8 + i)
	}
	content := storetest.NPY("|u1", fmt.Sprintf("(%d, %d)", rows, columns), grey...)
	for name, text := range map[string]string{"rows.npy": content, "rows.npz": storetest.Zip(0, "rows.npy", content)} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	args := func(data, out string) []string {
		return []string{"train", "--data", data, "--out", out, "--block-rows", "2000", "--hidden", "2", "--algorithm", "pcd",
			"--batch-size", "500",
			"--updates", "30", "--valid", "0.01", "--eval", "never", "--device", "cpu", "--threads", "1"}
	}
	const why = "--block-rows 2000: only the rows of an uncompressed NPY file"
	if said := mustRun(t, args("rows.npz", "memory")...); !strings.Contains(said, why) {
		t.Errorf("got %s, want that it says why the rows are in memory", said)
	}
	debug.FreeOSMemory()
	var used runtime.MemStats
	runtime.ReadMemStats(&used)
	// Less than the 18 MB of the rows, which are more than the 16 MiB from which on package memory compares. The rest of a
	// run is small.
	limitMemory(t, int64(used.Sys-used.HeapReleased)+14<<20)
	refuses(t, exitFailure, "; --block-rows ", "train", "--data", "rows.npy", "--out", "refused")
	mustRun(t, append(args("rows.npy", "file"), "--time-limit", "1ns")...)
	mustRun(t, "train", "--resume", "file", "--threads", "1")
	one, err := rbm.LoadModel("memory/model.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	other, err := rbm.LoadModel("file/model.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(one.Weights, other.Weights) || !slices.Equal(one.BaseRates, other.BaseRates) {
		t.Error("rows in a file give another model than rows in memory")
	}
	mustRun(t, "eval", "file", "--split", "train", "--threads", "1")
	refuses(t, exitFailure, "GOMEMLIMIT; only the rows of an uncompressed NPY file", args("rows.npz", "new")...)
	refuses(t, exitUsage, "--block-rows -1, want at least 1, or 0 for no blocks", with(args("rows.npy", "new")[:5],
		"--block-rows", "-1")...)
}
