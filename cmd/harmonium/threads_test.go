package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// TestCrowded: 1024 threads, more than machines of today have processors, give the same model as one, with a warning.
func TestCrowded(t *testing.T) {
	t.Chdir(t.TempDir())
	flags := with(bars, "--epochs", "20", "--eval", "never", "--device", "cpu")
	mustRun(t, with(flags, "--out", "one", "--threads", "1")...)
	code, _, lines := executeLines(with(flags, "--out", "many", "--threads", "1024")...)
	warned := slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, "warning: --threads 1024, but ") })
	if code != 0 || !warned {
		t.Errorf("exit code %d, want 0 and a warning; standard error:\n%s", code, strings.Join(lines, "\n"))
	}
	model := func(folder string) []byte { return readBytes(t, runFolder(folder).file(fileModel)) }
	if !bytes.Equal(model("one"), model("many")) {
		t.Error("the models of 1 and of 1024 threads differ")
	}
}
