package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"harmonium/rbm"
)

// input makes a file the standard input until the test ends.
func input(t *testing.T, path string) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	before := os.Stdin
	os.Stdin = file
	t.Cleanup(func() {
		os.Stdin = before
		file.Close()
	})
}

// TestPipes: a model that comes by standard input and goes to standard output is the same as one from file to file, and
// mistakes name standard input.
func TestPipes(t *testing.T) {
	folder := t.TempDir()
	model := saveModel(t, folder, ramp)
	npz, back := filepath.Join(folder, "a.npz"), filepath.Join(folder, "b.npz")
	mustRun(t, "convert", model, npz)
	input(t, model)
	piped := write(t, folder, "piped.npz", mustRun(t, "convert", "-", "-"))
	input(t, piped)
	write(t, folder, "back.safetensors", mustRun(t, "convert", "-", "-"))
	mustRun(t, "convert", filepath.Join(folder, "back.safetensors"), back)
	want := read(t, npz)
	for _, path := range []string{piped, back} {
		if read(t, path) != want {
			t.Errorf("%s differs from a conversion of files", filepath.Base(path))
		}
	}
	input(t, model)
	gauged := write(t, folder, "gauged.safetensors", mustRun(t, "convert", "-", "-", "--gauge", "zero-sum"))
	if _, err := rbm.LoadModel(gauged); err != nil {
		t.Error(err)
	}
	input(t, model)
	if got, want := mustRun(t, "inspect", "-"), mustRun(t, "inspect", model); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	input(t, write(t, folder, "bad", "no model"))
	refuses(t, exitFailure, "standard input: ", "inspect", "-")
	refuses(t, exitUsage, "OUT - and --json, want standard output for one of them", "convert", model, "-", "--json")
}

// TestPipedCheckpoint: a checkpoint from standard input gives the same output as its file, and curve, report and
// completion write to standard output, their content or JSON.
func TestPipedCheckpoint(t *testing.T) {
	t.Chdir(t.TempDir())
	mustRun(t, with(bars, "--epochs", "1", "--online-every", "1", "--out", "run")...)
	path := runFolder("run").file(fileCheckpoint)
	input(t, path)
	if got, want := mustRun(t, "inspect", "-", "--json"), mustRun(t, "inspect", path, "--json"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	input(t, path)
	if got, want := mustRun(t, "score", "-"), mustRun(t, "score", path); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if svg := mustRun(t, "curve", "run", "--out", "-"); !strings.HasPrefix(svg, "<?xml") {
		t.Errorf("a curve on standard output: %.40s", svg)
	}
	if page := mustRun(t, "report", "run", "--out", "-"); !strings.HasPrefix(page, "<!") {
		t.Errorf("a page on standard output: %.40s", page)
	}
	for _, args := range [][]string{{"curve", "run"}, {"report", "run"}, {"completion", "bash"}} {
		var object map[string]any
		if err := json.Unmarshal([]byte(mustRun(t, append(args, "--json")...)), &object); err != nil || object["json_version"] != 1.0 {
			t.Errorf("%v --json: %v (%v)", args, object, err)
		}
	}
}

// TestRowsFromPipes: rows of spins and a table of words are found out in what a pipe gives as in a file, though it can be
// read only once.
func TestRowsFromPipes(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, rows := range map[string]string{"spins": "-1,1\n1,1\n1,-1\n", "words": "size,wet\nS,no\nM,yes\nL,no\nM,no\n"} {
		writeText(t, name+".csv", rows)
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		w.WriteString(rows)
		w.Close()
		before := os.Stdin
		os.Stdin = r
		got := mustRun(t, "data", "-")
		os.Stdin = before
		r.Close()
		if want := strings.Replace(mustRun(t, "data", name+".csv"), name+".csv: ", "-: ", 1); got != want {
			t.Errorf("%s: got\n%swant\n%s", name, got, want)
		}
	}
}
