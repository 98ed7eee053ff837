package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm"
	"harmonium/store"
)

// refusesIn is refuses for a command that must not change a folder.
func refusesIn(t *testing.T, folder string, code int, text string, args ...string) {
	t.Helper()
	before := listFolder(t, folder)
	refuses(t, code, text, args...)
	if after := listFolder(t, folder); !slices.Equal(after, before) {
		t.Errorf("%q: left %q, want %q", args, after, before)
	}
}

// listFolder returns the names and sizes of the files in a folder.
func listFolder(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, fmt.Sprint(e.Name(), info.Size()))
	}
	return list
}

// write writes a file in a folder and returns its path.
func write(t *testing.T, folder, name, content string) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// read returns the text of a file.
func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// saveModel writes a model of 4 visible and 4 hidden units, changed by f.
func saveModel(t *testing.T, folder string, f func(m *rbm.Model)) string {
	t.Helper()
	m, err := rbm.NewModel(4, 4)
	if err != nil {
		t.Fatal(err)
	}
	m.Provenance = map[string]string{"data": "bars-and-stripes:2", "binarize": "none", "seed": "1"}
	f(m)
	path := filepath.Join(folder, "model.safetensors")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// plain leaves all parameters 0: every visible unit is a fair coin.
func plain(*rbm.Model) {}

// lazy makes every visible unit keep its state: fields are 30 or -30, and σ(-30) = 1e-13. A test draws some hundred
// states, so that one of them differs with a probability of about 1e-11.
func lazy(m *rbm.Model) {
	for i := range 4 {
		m.Weights[i*4+i] = 60
		m.Visible.Bias[i], m.Hidden.Bias[i] = -30, -30
	}
}

// stubborn draws 1, 0, 1, 0 for any state of the hidden units.
func stubborn(m *rbm.Model) { copy(m.Visible.Bias, []float32{30, -30, 30, -30}) }

// TestSampleClamp: the cells of a file, one row for all samples or one for each, keep their values in the samples.
func TestSampleClamp(t *testing.T) {
	folder := t.TempDir()
	model := saveModel(t, folder, stubborn)
	out := filepath.Join(folder, "out.csv")
	one := write(t, folder, "one.csv", "0,,NaN,1\n")
	two := write(t, folder, "two.csv", "0,,NaN,1\n,,,\n")
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"-n", "2"}, "1,0,1,0\n1,0,1,0\n"},
		{[]string{"-n", "3", "--clamp", one}, "0,0,1,1\n0,0,1,1\n0,0,1,1\n"},
		{[]string{"-n", "2", "--clamp", two}, "0,0,1,1\n1,0,1,0\n"},
		{[]string{"--clamp", two}, "0,0,1,1\n1,0,1,0\n"},
	} {
		mustRun(t, append([]string{"sample", model, "--steps", "2", "--out", out}, test.args...)...)
		if got := read(t, out); got != test.want {
			t.Errorf("%q: got %q, want %q", test.args, got, test.want)
		}
	}
	refusesIn(t, folder, exitFailure, "two.csv: 2 rows, want 1 or as many as samples, 3",
		"sample", model, "-n", "3", "--clamp", two, "--out", out)
}

// TestSampleInit: chains of a model that keeps its states start from rows spread evenly over the data, repeated if there
// are fewer.
func TestSampleInit(t *testing.T) {
	folder := t.TempDir()
	model := saveModel(t, folder, lazy)
	out := filepath.Join(folder, "out.csv")
	grey := write(t, folder, "grey.csv", "0,0.3,0.6,1\n1,1,0.4,0\n")
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"--init", "data", "-n", "4"}, everySecond(t)},
		{[]string{"--init", "data", "-n", "4", "--data", grey, "--binarize", "threshold"},
			"0,0,1,1\n0,0,1,1\n1,1,0,0\n1,1,0,0\n"},
	} {
		mustRun(t, append([]string{"sample", model, "--steps", "3", "--out", out}, test.args...)...)
		if got := read(t, out); got != test.want {
			t.Errorf("%q: got %q, want %q", test.args, got, test.want)
		}
	}
}

// everySecond returns rows 0, 2, 4 and 6 of the 8 stripes and bars as CSV.
func everySecond(t *testing.T) string {
	t.Helper()
	set, err := dataset.Open("bars-and-stripes:2", dataset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	a := store.Array{Shape: []int{4, 4}, Data: make([]float32, 16)}
	for k := range 4 {
		set.Train.Row(a.Data[4*k:], 2*k)
	}
	var text strings.Builder
	if err := store.WriteCSV(&text, a); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// TestSampleStartsFromTheStatesOfEval: sample, eval and RAISE draw the same binary states from grey rows for the same
// seed. Chains of a model that keeps its states write these states, so the likelihoods of all three are equal. As p(v) is
// proportional to e^(Σ bias·v), with biases at each other's ratio of 4, the mean over 3 rows tells how many of them have a
// 1 in each column.
func TestSampleStartsFromTheStatesOfEval(t *testing.T) {
	slow(t)
	folder := t.TempDir()
	write(t, folder, "grey.csv", "0.2,0.3,0.6,0.9\n0.5,0.5,0.4,0.1\n0.7,0.2,0.2,0.6\n")
	t.Chdir(folder)
	lazyModel := saveModel(t, folder, func(m *rbm.Model) {
		lazy(m)
		for i, bias := range []float32{0.05, 0.2, 0.8, 3.2} {
			m.Visible.Bias[i] += bias // σ(-30 + 3.2) is 2e-12
		}
		m.BaseRates = []float32{0.5, 0.5, 0.5, 0.5}
	})
	likelihoods := func(args ...string) (logL, byLogZ float64) {
		var result struct {
			LogL  float64 `json:"log_likelihood"`
			Raise struct {
				ByLogZ float64 `json:"log_likelihood_by_log_z"`
			}
		}
		out := mustRun(t, with([]string{"eval", lazyModel, "--split", "train", "--raise", "3", "--betas", "5", "--json"}, args...)...)
		if err := json.Unmarshal([]byte(out), &result); err != nil {
			t.Fatalf("%q: %v", out, err)
		}
		return result.LogL, result.Raise.ByLogZ
	}
	seen := map[float64]bool{}
	for seed := range 4 {
		for _, binarize := range []string{"dynamic", "static", "threshold=0.45"} {
			flags := []string{"--data", "grey.csv", "--binarize", binarize, "--seed", fmt.Sprint(seed)}
			mustRun(t, with([]string{"sample", lazyModel, "--init", "data", "--steps", "2", "-n", "3", "--out", "states.csv"}, flags...)...)
			want, raised := likelihoods(flags...)
			sampled, _ := likelihoods("--data", "states.csv", "--binarize", "none")
			if raised != want || sampled != want {
				t.Errorf("%s, seed %d: log-likelihood %v of the rows, %v of the rows of RAISE, %v of the rows of the chains, want the same",
					binarize, seed, want, raised, sampled)
			}
			seen[want] = true
		}
	}
	// The threshold makes one, and the 8 draws of 12 grey values at least two.
	if len(seen) < 3 {
		t.Errorf("%d different log-likelihoods, want at least 3, since the seed decides on the states", len(seen))
	}
}

// TestSampleDependsOnSeedAlone: 50 samples of 4 fair coins are the same for any number of threads and differ for another
// seed, which by chance fails with a probability of 2⁻²⁰⁰.
func TestSampleDependsOnSeedAlone(t *testing.T) {
	folder := t.TempDir()
	model := saveModel(t, folder, plain)
	bytesOf := func(args ...string) string {
		out := filepath.Join(folder, "out.npy")
		mustRun(t, append([]string{"sample", model, "-n", "50", "--steps", "2", "--out", out}, args...)...)
		return read(t, out)
	}
	first := bytesOf()
	if bytesOf("--threads", "1") != first || bytesOf("--threads", "2") != first {
		t.Error("the same seed gave other bytes")
	}
	if bytesOf("--seed", "2") == first {
		t.Error("another seed gave the same bytes")
	}
}

// TestSampleFormats: samples of fair coins as an array of states, their means as CSV, and a picture of means ½, three in
// a sheet of 2 by 2.
func TestSampleFormats(t *testing.T) {
	folder := t.TempDir()
	model := saveModel(t, folder, plain)
	npy, csv, png := filepath.Join(folder, "a.npy"), filepath.Join(folder, "a.csv"), filepath.Join(folder, "a.PNG")
	mustRun(t, "sample", model, "-n", "5", "--steps", "1", "--out", npy)
	file, err := os.Open(npy)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	a, err := store.ReadNPY(file, npy)
	if err != nil || !slices.Equal(a.Shape, []int{5, 4}) {
		t.Fatalf("got shape %v (%v), want [5 4]", a.Shape, err)
	}
	for i, x := range a.Data {
		if x != 0 && x != 1 {
			t.Errorf("state %d: got %v, want 0 or 1", i, x)
		}
	}
	mustRun(t, "sample", model, "-n", "1", "--steps", "1", "--means", "--out", csv)
	if got, want := read(t, csv), "0.5,0.5,0.5,0.5\n"; got != want {
		t.Errorf("means: got %q, want %q", got, want)
	}
	mustRun(t, "sample", model, "-n", "3", "--steps", "1", "--out", png)
	picture := readPNG(t, png)
	wantCells(t, picture, 0, 0, 2, 2, 128, 128, 128, 128)
	wantCells(t, picture, 1, 0, 2, 2, 128, 128, 128, 128)
	wantCells(t, picture, 1, 1, 2, 2, gapGrey, gapGrey, gapGrey, gapGrey)
}

// TestSampleRefuses: mistakes in the call and in files are refused, and leave the folder as it is.
func TestSampleRefuses(t *testing.T) {
	folder := t.TempDir()
	model := saveModel(t, folder, plain)
	out := filepath.Join(folder, "out.csv")
	wide := write(t, folder, "wide.csv", "0,1,0,1,0\n")
	grey := write(t, folder, "grey.csv", "0,1,0.5,1\n")
	noModel := write(t, folder, "text.safetensors", "no model")
	for _, test := range []struct {
		code int
		want string
		args []string
	}{
		{exitUsage, "MODEL", nil},
		{exitUsage, `extension ".gif"`, []string{model, "--out", filepath.Join(folder, "a.gif")}},
		{exitUsage, "--samples 0", []string{model, "--out", out, "-n", "0"}},
		{exitUsage, "--steps -1", []string{model, "--out", out, "--steps", "-1"}},
		{exitUsage, "--init zero, want", []string{model, "--out", out, "--init", "zero"}},
		{exitUsage, "--data, want it only with --init data", []string{model, "--out", out, "--data", "mnist"}},
		{exitUsage, "--split", []string{model, "--out", out, "--init", "data", "--split", "all"}},
		{exitUsage, "no valid rows", []string{model, "--out", out, "--init", "data", "--split", "valid"}},
		{exitUsage, "at most 10000", []string{model, "-n", "10001", "--out", filepath.Join(folder, "a.png")}},
		{exitUsage, "--device", []string{model, "--out", out, "--device", "abacus"}},
		{exitUsage, "samples of 1000000000000 x 4 values, want at most 2147483647", []string{model, "--out", out, "-n", "1000000000000"}},
		{exitFailure, "absent", []string{filepath.Join(folder, "absent"), "--out", out}},
		{exitFailure, "text.safetensors", []string{noModel, "--out", out}},
		{exitFailure, "wide.csv: 5 columns, want 4", []string{model, "--out", out, "--clamp", wide}},
		{exitFailure, "row 1 (line 1), column 3: 0.5, want 0, 1 or NaN", []string{model, "--out", out, "--clamp", grey}},
		{exitFailure, "rows of 5 values for a model of 4", []string{model, "--out", out, "--init", "data", "--data", wide}},
		{exitFailure, "rows of 5 values for a model of 4", []string{model, wide, "--out", out}},
		{exitUsage, "beside --init random", []string{model, wide, "--out", out, "--init", "random"}},
		{exitFailure, "no such file or directory", []string{model, "--steps", "1", "--out", filepath.Join(folder, "absent", "a.csv")}},
	} {
		refusesIn(t, folder, test.code, test.want, append([]string{"sample"}, test.args...)...)
	}
}
