package main

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

// TestImpute: a row without missing cells comes back unchanged, and a missing cell gets its exact
// conditional mean. The model has no weights, so that the mean of a unit with bias 1 is σ(1)
// whatever the other cells are.
func TestImpute(t *testing.T) {
	t.Chdir(t.TempDir())
	independent(t, "m", nil, nil)
	writeText(t, "holes.csv", "0,1,0,1\n1,?,0,NaN\n,,,\n")
	mean := 1 / (1 + math.Exp(-1))
	cells := func(text string) (table [][]string) {
		for line := range strings.Lines(text) {
			table = append(table, strings.Split(strings.TrimSpace(line), ","))
		}
		return table
	}
	check := func(what string, table [][]string, within float64) {
		t.Helper()
		for n, row := range []string{"0101", "1?0?", "????"} {
			for i, known := range row {
				cell := table[n][i]
				var x float64
				if known != '?' {
					if cell != string(known) {
						t.Errorf("%s: row %d, column %d: got %s, want %c", what, n+1, i+1, cell, known)
					}
				} else if err := json.Unmarshal([]byte(cell), &x); err != nil || math.Abs(x-mean) > within {
					t.Errorf("%s: row %d, column %d: got %s, want %v ± %v", what, n+1, i+1, cell, mean, within)
				}
			}
		}
	}
	stdout, stderr := both(t, "impute", "m", "holes.csv")
	// The mean σ(1) is a float32 within 2⁻²¹ of itself, by the exact sums and in every step of a chain.
	check("exact", cells(stdout), 0x1p-21*mean)
	const want = "6 missing cells in 2 of 3 rows of holes.csv\n2 rows: exact sums over the states of the missing cells\n"
	if stderr != want {
		t.Errorf("on standard error: %q, want %q", stderr, want)
	}
	var s imputeSummary
	out := mustRun(t, "impute", "m", "holes.csv", "--exact", "2", "--chains", "3", "--steps", "2", "--burn-in", "1",
		"--out", "f.csv", "--errors", "e.csv", "--json")
	if err := json.Unmarshal([]byte(out), &s); err != nil || s.Missing != 6 || s.Exact != 1 || s.Sampled != 1 || s.Chains != 3 ||
		s.LargestError > 0x1p-21 { // the means of all steps are the same, but for their error
		t.Errorf("summary %+v, %v", s, err)
	}
	check("chains", cells(read(t, "f.csv")), 0x1p-21*mean)
	if e := read(t, "e.csv"); !strings.HasPrefix(e, "0,0,0,0\n0,0,0,0\n") {
		t.Errorf("standard errors:\n%s", e)
	}
	for _, line := range cells(mustRun(t, "impute", "m", "holes.csv", "--draws")) {
		for _, cell := range line {
			if cell != "0" && cell != "1" {
				t.Errorf("the draw %s is no state", cell)
			}
		}
	}
}

// TestImputeColumns: a table is read as the training rows were, and its names and labels go along. With seed 1 all the draws are 1.
func TestImputeColumns(t *testing.T) {
	t.Chdir(t.TempDir())
	independent(t, "m", nil, map[string]string{"data": "absent.csv", "drop": "id", "label": "class"})
	writeText(t, "holes.csv", "id,p,q,r,s,class\n7,0,1,0,1,a\n8,1,,1,1,\"b, c\"\n")
	writeText(t, "last.csv", "0,1,0,\n1,1,1,\n") // without a header, and with no known cell in the last column
	for args, want := range map[string]string{
		"impute m holes.csv --draws":                 "p,q,r,s,label\n0,1,0,1,a\n1,1,1,1,\"b, c\"\n",
		"impute m holes.csv --draws --drop id,class": "p,q,r,s\n0,1,0,1\n1,1,1,1\n",
		"impute m last.csv --draws":                  "0,1,0,1\n1,1,1,1\n",
	} {
		if got := mustRun(t, strings.Fields(args)...); got != want {
			t.Errorf("%s: got\n%swant\n%s", args, got, want)
		}
	}
	mustRun(t, "impute", "m", "holes.csv", "--out", "f.csv", "--errors", "e.csv")
	if got := read(t, "e.csv"); got != "p,q,r,s\n0,0,0,0\n0,0,0,0\n" {
		t.Errorf("standard errors:\n%s", got)
	}
}

func TestImputeRefuses(t *testing.T) {
	folder := t.TempDir()
	model := saveModel(t, folder, plain)
	holes := write(t, folder, "holes.csv", "0,,1,0\n")
	grey := write(t, folder, "grey.csv", "0,,0.5,0\n")
	wide := write(t, folder, "wide.csv", "0,,0,0,1\n")
	for _, test := range []struct {
		code int
		want string
		args []string
	}{
		{exitUsage, "1 arguments, want MODEL FILE", []string{model}},
		{exitUsage, `extension ".png", want .csv, .npy`, []string{model, holes, "--out", folder + "/a.png"}},
		{exitUsage, "--json with the table on standard output", []string{model, holes, "--json"}},
		{exitUsage, "--errors beside --draws", []string{model, holes, "--draws", "--errors", folder + "/e.csv"}},
		{exitUsage, "--exact 25, want 0 to 24", []string{model, holes, "--exact", "25"}},
		{exitUsage, "--chains 1, want at least 2", []string{model, holes, "--chains", "1"}},
		{exitUsage, "--steps 0, want at least 1", []string{model, holes, "--steps", "0"}},
		{exitFailure, "column 3: 0.5, want 0, 1", []string{model, grey}},
		{exitFailure, "5 columns, want 4", []string{model, wide}},
		{exitFailure, "no such file", []string{model, folder + "/absent.csv"}},
	} {
		refusesIn(t, folder, test.code, test.want, append([]string{"impute"}, test.args...)...)
	}
}
