//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestWatchReadsRegularFilesOnly: links out of the folder, pipes and folders in place of the files
// of a run are not read, and do not block.
func TestWatchReadsRegularFilesOnly(t *testing.T) {
	outside, folder := t.TempDir(), t.TempDir()
	mustRun(t, "train", "--data", "bars-and-stripes:2", "--hidden", "77", "--updates", "1", "--eval", "never", "--algorithm", "pcd",
		"--device", "cpu", "--threads", "1", "--out", filepath.Join(outside, "run"))
	write(t, outside, fileConfig, `{"version":"secret"}`)
	write(t, outside, fileMetrics, record(77))
	inside := filepath.Join(folder, "inside")
	os.Mkdir(inside, 0o777)
	write(t, inside, fileConfig, "{}")
	for name, target := range map[string]string{
		filepath.Join(folder, "linked"):       outside,
		filepath.Join(inside, fileMetrics):    filepath.Join(outside, fileMetrics),
		filepath.Join(inside, fileCheckpoint): filepath.Join(outside, "run", fileCheckpoint),
		filepath.Join(inside, fileStop):       filepath.Join(outside, "made"),
	} {
		if err := os.Symlink(target, name); err != nil {
			t.Skip("no symbolic links here:", err)
		}
	}
	piped := filepath.Join(folder, "piped")
	os.Mkdir(piped, 0o777)
	write(t, piped, fileConfig, "{}")
	if err := syscall.Mkfifo(filepath.Join(piped, fileMetrics), 0o666); err != nil {
		t.Skip("no pipes here:", err)
	}
	os.Mkdir(filepath.Join(piped, fileCheckpoint), 0o777)
	w := newWatched([]string{folder})
	defer w.close()
	got := bodies(t, w)
	if len(w.runs) != 2 { // inside and piped
		t.Errorf("%d runs, want 2", len(w.runs))
	}
	for _, text := range []string{"secret", "77"} {
		if strings.Contains(got, text) {
			t.Errorf("the page has %q of the files outside:\n%s", text, got)
		}
	}
	if err := w.runs[inside].end(); err == nil || exists(filepath.Join(outside, "made")) {
		t.Error("a link out of the folder was followed to write")
	}
}
