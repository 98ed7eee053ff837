package main

import (
	"slices"
	"strings"
	"testing"
)

// TestQuiet: with --quiet only lines that begin as warnings, and errors, go to standard error, also where a line is
// written in pieces.
func TestQuiet(t *testing.T) {
	var b strings.Builder
	q := &warningsOnly{w: &b}
	for _, piece := range []string{"one\nwarn", "ing: two\nthree: warning: \n", "warning: four", "\n"} {
		q.Write([]byte(piece))
	}
	if got, want := b.String(), "warning: two\nwarning: four\n"; got != want {
		t.Errorf("passes on %q, want %q", got, want)
	}
	t.Chdir(t.TempDir())
	args := with(bars, "--epochs", "3", "--eval", "never", "--json", "--out", "loud")
	if _, _, lines := executeLines(args...); len(lines) < 4 { // one for each epoch, and at least one about the run
		t.Errorf("without --quiet standard error has %q", lines)
	}
	code, out, lines := executeLines(with(bars, "--epochs", "3", "--eval", "never", "--json", "--quiet", "--out", "quiet")...)
	noise := slices.DeleteFunc(lines, func(line string) bool { return line == "" || strings.HasPrefix(line, "warning: ") })
	if code != 0 || len(noise) > 0 || !strings.HasPrefix(out, `{"json_version":1,"out":"quiet"`) {
		t.Errorf("exit code %d, standard output %q, standard error %q", code, out, noise)
	}
	refuses(t, exitFailure, "absent: no such file", "train", "--resume", "absent", "--quiet")
}

// TestStandardOutput: --out - writes to standard output what --out rows.csv writes to the file, and the line about it
// goes to standard error.
func TestStandardOutput(t *testing.T) {
	t.Chdir(t.TempDir())
	mustRun(t, with(bars, "--epochs", "1", "--eval", "never", "--out", "run")...)
	for _, args := range [][]string{{"sample", "run", "-n", "7", "--steps", "3"}, {"features", "run"}} {
		mustRun(t, with(args, "--out", "rows.csv")...)
		_, out, lines := executeLines(with(args, "--out", "-")...)
		if want := string(readBytes(t, "rows.csv")); out != want || !strings.HasPrefix(lines[len(lines)-1], "-: ") {
			t.Errorf("%q: standard output %q, want %q; standard error %q", args, out, want, lines)
		}
		refuses(t, exitUsage, "--out - and --json", with(args, "--out", "-", "--json")...)
	}
}
