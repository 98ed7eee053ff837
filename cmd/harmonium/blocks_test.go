package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"testing"

	"harmonium/rbm"
	"harmonium/store/storetest"
)

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
		return []string{"train", "--data", data, "--out", out, "--block-rows", "2000", "--hidden", "2", "--algorithm", "pcd", "--batch-size", "500",
			"--updates", "30", "--valid", "0.01", "--eval", "never", "--device", "cpu", "--threads", "1"}
	}
	mustRun(t, args("rows.npz", "memory")...)
	debug.FreeOSMemory()
	var used runtime.MemStats
	runtime.ReadMemStats(&used)
	limitMemory(t, int64(used.Sys-used.HeapReleased)+14<<20) // the rows have 18 MB
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
	refuses(t, exitUsage, "--block-rows -1, want at least 1, or 0 for no blocks", with(args("rows.npy", "new")[:5], "--block-rows", "-1")...)
}
