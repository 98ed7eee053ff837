package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOldRuns: files of commit 3bd6d81 (testdata/make-old-runs.sh makes them) can be read. Its model keeps its tensors
// when it is converted to NPZ and back, and its checkpoints resume to the tensors that the commit's own command wrote.
// A line of old-digests.txt is the word model, or an algorithm and the SHA-256 of the tensors after 40 updates.
func TestOldRuns(t *testing.T) {
	content := readBytes(t, filepath.Join("testdata", "old-digests.txt"))
	if len(content) == 0 {
		t.Fatal("no digests")
	}
	for line := range strings.Lines(string(content)) {
		name, want, _ := strings.Cut(strings.TrimSpace(line), " ")
		t.Run(name, func(t *testing.T) {
			old := filepath.Join("testdata", "old-"+name+".safetensors")
			folder := t.TempDir()
			result := filepath.Join(folder, fileCheckpoint)
			if name == "model" {
				result = filepath.Join(folder, fileModel)
				archive := filepath.Join(folder, "model.npz")
				mustRun(t, "convert", old, archive)
				mustRun(t, "convert", archive, result)
				mustRun(t, "inspect", old)
				sameTensors(t, result, old)
				return
			}
			if err := os.WriteFile(result, readBytes(t, old), 0o666); err != nil {
				t.Fatal(err)
			}
			out := mustRun(t, "train", "--resume", folder, "--updates", "40", "--device", "cpu", "--threads", "2")
			if want := "of an earlier version and has no sum"; !strings.Contains(out, want) {
				t.Errorf("resuming prints\n%swant %q", out, want)
			}
			if got := fmt.Sprintf("%x", sha256.Sum256(tensors(t, result))); got != want {
				t.Errorf("%s resumed to update 40: tensors have SHA-256 %s, want %s", old, got, want)
			}
		})
	}
}

// sameTensors requires that two files hold the same tensor bytes.
func sameTensors(t *testing.T, got, want string) {
	t.Helper()
	if !bytes.Equal(tensors(t, got), tensors(t, want)) {
		t.Errorf("%s and %s have different tensors", got, want)
	}
}
