package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestFollowedIsCut: metrics that were cut to nothing are read as a change, which leaves no records.
func TestFollowedIsCut(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, fileMetrics, record(1)+record(2))
	f, err := newFollowed(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer f.close()
	if !f.readMetrics() || f.readMetrics() {
		t.Error("want a change at the first reading, and none at the second")
	}
	if err := os.Truncate(filepath.Join(folder, fileMetrics), 0); err != nil {
		t.Fatal(err)
	}
	if changed := f.readMetrics(); !changed || f.page.History.Lines != 0 {
		t.Errorf("a cut file: changed %v, %d lines, want a change and no lines", changed, f.page.History.Lines)
	}
}
