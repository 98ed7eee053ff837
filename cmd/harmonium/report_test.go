package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"harmonium/rbm/report"
	"harmonium/rbm/train"
)

// TestReport: train leaves a page with all names escaped, and report writes one anew: without rows, with rows as
// pictures, of a run without its model or its data, and of two runs.
func TestReport(t *testing.T) {
	slow(t)
	t.Chdir(t.TempDir())
	writeText(t, "a<b>.csv", "north,east,<i>,west\n"+strings.Repeat("0,0,1,1\n1,1,0,0\n0,1,0,1\n", 5))
	mustRun(t, "train", "--data", "a<b>.csv", "--hidden", "3", "--updates", "8", "--valid", "0.2", "--out", "one")
	page := string(readBytes(t, "one/report.html"))
	for _, want := range []string{
		"<h2>one</h2>", "Nearest training rows", "SHA-256 of the training rows", "harmonium train --data",
		"a&lt;b&gt;.csv", "&lt;i&gt;", ">north<", "finished, 8 updates",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	if strings.Contains(page, "a<b>") || strings.Contains(page, "<i>") || strings.Contains(page, "<img") {
		t.Error("the page has an unescaped name, or draws a table of 4 columns as pictures")
	}
	model := readBytes(t, "one/model.safetensors")
	for _, c := range []struct {
		args []string
		file string
		with []string
		not  string // <image is an element of a map, which shows rows that are no pictures
	}{
		{[]string{"one", "--no-rows", "--out", "private.html"}, "private.html", []string{"Means of columns"}, "Nearest training rows"},
		{[]string{"one", "--picture", "2x2", "--out", "tiles.html"}, "tiles.html", []string{"<img"}, "<image"},
	} {
		mustRun(t, append([]string{"report"}, c.args...)...)
		page := string(readBytes(t, c.file))
		for _, want := range c.with {
			if !strings.Contains(page, want) {
				t.Errorf("%q: the page has no %q", c.args, want)
			}
		}
		if strings.Contains(page, c.not) {
			t.Errorf("%q: the page has %q", c.args, c.not)
		}
	}
	if !slices.Equal(model, readBytes(t, "one/model.safetensors")) {
		t.Error("report has changed the model")
	}

	// A run without a model has not ended, and one without its data shows no rows.
	os.Remove("one/model.safetensors")
	os.Rename("a<b>.csv", "gone.csv")
	code, _, lines := executeLines("report", "one")
	page = string(readBytes(t, "one/report.html"))
	if code != 0 || len(lines) != 1 || !strings.HasPrefix(lines[0], "warning: the page shows no rows") {
		t.Errorf("exit code %d, %q, want 0 and one warning", code, lines)
	}
	if !strings.Contains(page, string(report.Stopped)) || strings.Contains(page, "Nearest") {
		t.Error("the page does not say that the run has stopped, or shows rows")
	}
	os.Remove("one/checkpoint.safetensors")
	mustRun(t, "report", "one", "one/")
	page = string(readBytes(t, "report.html"))
	if strings.Count(page, "holds no model") != 2 || !strings.Contains(page, "Log-likelihoods of the runs") {
		t.Error("the page does not show two runs that have no model")
	}
}

// TestReportRefuses: mistakes in the call, and folders without a run or with damaged files.
func TestReportRefuses(t *testing.T) {
	t.Chdir(t.TempDir())
	for folder, file := range map[string][2]string{"empty": {}, "bad": {fileReport, "{}"}, "odd": {fileConfig, "{"}} {
		os.Mkdir(folder, 0o777)
		if file[0] != "" {
			write(t, folder, file[0], file[1])
		}
	}
	for _, c := range []struct {
		code int
		want string
		args string
	}{
		{exitUsage, "report: 0 arguments, want RUN...", ""},
		{exitUsage, `extension ".png", want .html`, "empty --out x.png"},
		{exitUsage, "--threads -1, want 1 to", "absent --threads -1"},
		{exitUsage, "--picture 3x, want WIDTHxHEIGHT", "empty --picture 3x"},
		{exitUsage, "--picture 3x3x3, want WIDTHxHEIGHT", "empty --picture 3x3x3"},
		{exitUsage, "--picture 0x3, want WIDTHxHEIGHT", "empty --picture 0x3"},
		{exitFailure, "empty: no metrics.jsonl, config.json or report.json in it", "empty"},
		{exitFailure, "absent: no metrics.jsonl", "absent"},
		{exitFailure, "no verdict in it", "bad"},
		{exitFailure, filepath.Join("odd", fileConfig), "odd"},
	} {
		refuses(t, c.code, c.want, append([]string{"report"}, strings.Fields(c.args)...)...)
	}
}

// TestRunCommand: the command that a page gives for the settings of a run sets the same settings.
func TestRunCommand(t *testing.T) {
	data := map[string]string{"data": "rows.csv", "valid": "0.1", "binarize": "threshold=0.3", "seed": "7"}
	c := runConfig{Data: data, Eval: "never", Patience: 3, Training: train.DefaultConfig()}
	c.Training.Hidden, c.Training.Updates, c.Training.Algorithm, c.Training.Center = 12, 900, "pt", false
	c.Training.Momentum, c.Training.FinalMomentum, c.Training.L2, c.Training.Seed = 0.5, 0.9, 1e-7, 7
	c.Training.VisibleUnits, c.Training.SparsityTarget, c.Training.Binarize, c.Training.Guard = "spin:3", 0.05, "threshold=0.3", "warn"
	older := c
	older.Training.Guard = "" // as in runs of versions without a guard
	if text := older.command(); !strings.Contains(text, " --guard off") {
		t.Errorf("without a guard: %s", text)
	}
	text := c.command()
	f := &trainFlags{config: train.DefaultConfig()}
	if err := newTrainCommandOf(f).ParseFlags(strings.Fields(text)[2:]); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	f.config.Seed, f.config.Binarize, f.config.VisibleUnits = f.data.seed, f.data.binarize, f.data.visible
	got, _ := json.Marshal(f.config)
	want, _ := json.Marshal(c.Training)
	if string(got) != string(want) || f.eval != "never" || f.patience != 3 || f.data.valid != "0.1" || f.data.spec != "rows.csv" {
		t.Errorf("%s\nsets %s\nwant %s", text, got, want)
	}
}

// TestFolderNames: a page names runs by their folders, twice the same with a number, and the current folder by its name.
func TestFolderNames(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, c := range []struct{ folders, want []string }{
		{[]string{"a/"}, []string{"a"}},
		{[]string{"x/run", "y/run"}, []string{"x/run", "y/run"}},
		{[]string{"a", "b", "a/"}, []string{"a", "b", "a (2)"}},
	} {
		if got := folderNames(c.folders); !slices.Equal(got, c.want) {
			t.Errorf("%q: got %q, want %q", c.folders, got, c.want)
		}
	}
	if got := folderNames([]string{"."})[0]; got == "." || got == "" {
		t.Errorf(". is named %q, want the name of the folder", got)
	}
}
