//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package main

import (
	"bytes"
	"strings"
	"testing"
)

// TestRunFolderIsLocked: a folder has one run at a time.
func TestRunFolderIsLocked(t *testing.T) {
	t.Chdir(t.TempDir())
	mustRun(t, with(bars, "--epochs", "1", "--eval", "never", "--out", "run")...)
	lock, err := runFolder("run").lock()
	if err != nil {
		t.Fatal(err)
	}
	again := [][]string{{"train", "--resume", "run", "--epochs", "2"}, with(bars, "--epochs", "1", "--out", "run", "--force")}
	for _, args := range again {
		refusesIn(t, "run", exitFailure, "run folder run: another process is at work in it", args...)
	}
	lock.Close()
	for _, args := range again {
		mustRun(t, args...)
	}
}

// TestFolderTakenMeanwhile: a run found its folder free, and another run has written there before it takes the folder.
// It leaves the files of the other run alone.
func TestFolderTakenMeanwhile(t *testing.T) {
	t.Chdir(t.TempDir())
	folder := runFolder("run")
	if err := folder.checkFree(false); err != nil {
		t.Fatal(err)
	}
	mustRun(t, with(bars, "--epochs", "1", "--eval", "never", "--out", "run")...)
	model := readBytes(t, "run/model.safetensors")
	if _, err := folder.take(false); err == nil || !strings.Contains(err.Error(), "run folder run is not empty") {
		t.Errorf("got error %v, want that the folder is not empty", err)
	}
	if !bytes.Equal(readBytes(t, "run/model.safetensors"), model) {
		t.Error("the model of the other run is gone")
	}
}
