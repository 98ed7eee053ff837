package main

import (
	"bytes"
	"testing"
)

// TestEqualRuns: two equal runs write the same models, settings, metrics and pictures. Their seconds stand in times.jsonl
// alone, from which the page of a run takes them.
func TestEqualRuns(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, folder := range []string{"one", "two"} {
		mustRun(t, with(bars, "--epochs", "4", "--out", folder)...)
	}
	for _, name := range []string{fileModel, fileCheckpoint, fileConfig, fileMetrics, fileFilters, fileSamples} {
		if !bytes.Equal(readBytes(t, runFolder("one").file(name)), readBytes(t, runFolder("two").file(name))) {
			t.Errorf("%s differs", name)
		}
	}
	r, err := readRun("one")
	if err != nil || !(r.Spent > 0) {
		t.Errorf("the run spent %v (%v), want a time", r.Spent, err)
	}
}
