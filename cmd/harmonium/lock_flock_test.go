//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package main

import "testing"

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
