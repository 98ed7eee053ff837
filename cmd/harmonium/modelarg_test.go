package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math"
	"os"
	"regexp"
	"strings"
	"testing"
)

// both runs the command in this process and returns what it prints on both outputs.
func both(t *testing.T, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	if code := run(context.Background(), args, &out, &err); code != 0 {
		t.Fatalf("%q: exit code %d, want 0; standard error:\n%s", args, code, &err)
	}
	return out.String(), err.String()
}

// TestRunFolderStandsForItsModel: a run folder stands for the model of its run before the run has ended, when it has,
// and after it went on.
func TestRunFolderStandsForItsModel(t *testing.T) {
	t.Chdir(t.TempDir())
	interrupted := func(args ...string) { // at the seventh check for an interrupt: updates have been made, but not all
		t.Helper()
		if code := run(newCountdown(6), args, io.Discard, io.Discard); code != exitInterrupted {
			t.Fatalf("%q: exit code %d, want %d", args, code, exitInterrupted)
		}
	}
	made := func() int {
		t.Helper()
		m, err := openModel("out")
		if err != nil {
			t.Fatal(err)
		}
		ended := m.path == runFolder("out").file(fileModel)
		if ended != (m.note == "") || !ended && !strings.Contains(m.note, "out: the run has not ended; its model after update ") {
			t.Errorf("%s is taken with the note %q", m.path, m.note)
		}
		return updatesMade(m.Model)
	}
	interrupted(with(bars, "--threads", "1", "--updates", "20", "--eval", "never", "--out", "out")...)
	first := made()
	if first < 1 || first >= 20 {
		t.Errorf("the model of an interrupted run is of update %d, want one before update 20", first)
	}
	for _, args := range [][]string{{"eval", "out", "--threads", "1"}, {"inspect", "out"},
		{"sample", "out", "--steps", "1", "--threads", "1"}, {"features", "out"}, {"convert", "out", "out.npz"}} {
		if _, stderr := both(t, args...); args[0] != "convert" && !strings.Contains(stderr, "the run has not ended") {
			t.Errorf("%q does not say that the run has not ended:\n%s", args, stderr)
		}
	}
	mustRun(t, "train", "--resume", "out", "--threads", "1")
	if got := made(); got != 20 {
		t.Errorf("the model of the run is of update %d, want 20", got)
	}
	interrupted("train", "--resume", "out", "--updates", "40", "--threads", "1")
	if got := made(); got <= 20 || got >= 40 {
		t.Errorf("the model of the run that went on is of update %d, want one between 20 and 40", got)
	}
	if err := os.WriteFile("out/"+fileCheckpoint, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := made(); got != 20 {
		t.Errorf("beside a damaged checkpoint the model is of update %d, want 20", got)
	}
}

// TestRowsThatCommandsRead: the rows of a file that is given, else test, validation or training rows of the
// model, and the output says which.
func TestRowsThatCommandsRead(t *testing.T) {
	slow(t)
	t.Chdir(t.TempDir())
	writeText(t, "one.csv", "0,0,1,0\n")
	writeText(t, "two.csv", "1,0,1,0\n0,1,0,1\n")
	writeText(t, "three.csv", "1,0,1,0\n0,1,0,1\n1,1,1,1\n")
	logZ := independent(t, "m", nil, map[string]string{"data": "three.csv", "test": "two.csv", "valid": "one.csv",
		"binarize": "none", "seed": "1"})
	independent(t, "no-test", nil, map[string]string{"data": "three.csv", "valid": "one.csv", "binarize": "none", "seed": "1"})
	independent(t, "train", nil, map[string]string{"data": "three.csv", "binarize": "none", "seed": "1"})
	for _, c := range []struct {
		args, split, data string
		rows              int
	}{
		{"m", "test", "two.csv", 2},
		{"no-test", "valid", "one.csv", 1},
		{"train", "train", "three.csv", 3},
		{"m two.csv", "file", "two.csv", 2},
		{"m bars-and-stripes:2", "test", "bars-and-stripes:2", 8},
		{"m --split train", "train", "three.csv", 3},
		{"m --data one.csv", "train", "one.csv", 1},
	} {
		var got evaluation
		stdout, stderr := both(t, append([]string{"eval", "--json", "--threads", "1"}, strings.Fields(c.args)...)...)
		if err := json.Unmarshal([]byte(stdout), &got); err != nil {
			t.Fatal(err)
		}
		if got.Split != c.split || got.Data != c.data || got.Rows != c.rows {
			t.Errorf("eval %s: %d %s rows of %s, want %d %s rows of %s", c.args, got.Rows, got.Split, got.Data, c.rows, c.split, c.data)
		}
		if math.Abs(got.LogZ-logZ) > 1e-12*logZ { // some 40 roundings of 2⁻⁵³ in a sum over 8 states are below 1e-14
			t.Errorf("eval %s: log Z %v, want %v", c.args, got.LogZ, logZ)
		}
		if !strings.Contains(stderr, "has no base rates") {
			t.Errorf("eval %s does not say that the model has no base rates:\n%s", c.args, stderr)
		}
	}
	if out := mustRun(t, "features", "m", "one.csv"); !strings.Contains(out, "3 hidden means of each of 1 row of one.csv") {
		t.Errorf("features prints:\n%s", out)
	}
	out := mustRun(t, "sample", "m", "two.csv", "--steps", "1", "--out", "s.csv")
	if !strings.Contains(out, "from 2 rows of two.csv") {
		t.Errorf("sample prints:\n%s", out)
	}
}

// took matches the time in the output of eval.
var took = regexp.MustCompile(`"time":[^,}]*`)

// TestAnyModelFile: commands that take a model read an NPZ file as they read a model.
func TestAnyModelFile(t *testing.T) {
	t.Chdir(t.TempDir())
	saveModel(t, ".", ramp)
	mustRun(t, "convert", fileModel, "m.npz")
	writeText(t, "rows.csv", "1,0,1,0\n0,1,0,1\n")
	writeText(t, "holes.csv", "1,,1,0\n")
	for _, args := range []string{"eval MODEL rows.csv --json", "features MODEL rows.csv --out o.csv",
		"sample MODEL rows.csv --steps 3 --out o.csv", "score MODEL rows.csv", "impute MODEL holes.csv", "inspect MODEL"} {
		results := map[string]string{}
		for _, model := range []string{fileModel, "m.npz"} {
			results[model] = mustRun(t, strings.Fields(strings.Replace(args, "MODEL", model, 1))...)
			if content, err := os.ReadFile("o.csv"); err == nil {
				results[model] += string(content)
			}
		}
		a, b := results[fileModel], results["m.npz"]
		if strings.HasPrefix(args, "inspect") { // an archive has no provenance
			_, a, _ = strings.Cut(a, "weights: ")
			_, b, _ = strings.Cut(b, "weights: ")
		}
		if took.ReplaceAllString(a, "") != took.ReplaceAllString(b, "") {
			t.Errorf("%s of the model prints:\n%s\nand of the archive:\n%s", args, a, b)
		}
	}
}

// TestColumnsOfOtherRows: rows beside the model have the columns of its training rows, with their labels if there are any,
// unless flags choose columns. The --where of the training rows does not choose among these rows.
func TestColumnsOfOtherRows(t *testing.T) {
	t.Chdir(t.TempDir())
	independent(t, "m", nil, map[string]string{"data": "absent.csv", "binarize": "none", "seed": "1", "drop": "id",
		"label": "class", "where": "class=b"})
	writeText(t, "labelled.csv", "id,p,q,r,s,class\n7,0,1,0,1,a\n8,1,1,1,1,b\n")
	writeText(t, "bare.csv", "id,p,q,r,s\n7,0,1,0,1\n")
	writeText(t, "states.csv", "0,1,0,1\n")
	writeText(t, "two.csv", "p,q,r,s,class,x\n0,1,0,1,5,1\n")
	for _, c := range []struct{ args, want string }{
		{"labelled.csv", "row,label,log_p,free_energy\n1,a,"},
		{"bare.csv", "row,log_p,free_energy\n1,"},
		{"states.csv", "row,log_p,free_energy\n1,"},
		{"two.csv --drop 5,6", "row,log_p,free_energy\n1,"},
	} {
		if out := mustRun(t, append([]string{"score", "m"}, strings.Fields(c.args)...)...); !strings.HasPrefix(out, c.want) {
			t.Errorf("score m %s: got\n%swant %q", c.args, out, c.want)
		}
	}
	if out := mustRun(t, "score", "m", "labelled.csv"); strings.Count(out, "\n") != 3 {
		t.Errorf("not all rows of the file are scored:\n%s", out)
	}
}
