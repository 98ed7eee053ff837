package main

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"harmonium/rbm"
)

// holedTable returns rows of four pairs of columns. The second column of a pair repeats the first, or is 0 where the
// first is missing. Each cell is missing with probability p, as an empty cell or NA, but no row misses all its cells.
func holedTable(n int, p float64) string {
	r := rand.New(rand.NewPCG(1, 2))
	text := "a,b,c,d,e,f,g,h\n"
	for range n {
		cells, known := make([]string, 8), 0
		for j := range cells {
			cells[j] = "0"
			if j%2 == 0 && r.IntN(2) == 0 || j%2 == 1 && cells[j-1] == "1" {
				cells[j] = "1"
			}
			if r.Float64() < p {
				cells[j] = []string{"", "NA"}[r.IntN(2)]
			} else {
				known++
			}
		}
		if known == 0 {
			cells[0] = "1"
		}
		text += strings.Join(cells, ",") + "\n"
	}
	return text
}

// TestMissingCells: a run on a table with missing cells says how many there are. eval and score have the
// likelihood of the known cells, which is a sum over the states of the others. What needs whole rows
// refuses these.
func TestMissingCells(t *testing.T) {
	t.Chdir(t.TempDir())
	writeText(t, "holes.csv", holedTable(40, 0.3))
	_, lines := trainSmall(t, "--data", "holes.csv", "--valid", "0.25", "--out", "run")
	for _, want := range []string{" missing cells (", "missing: ", "the log-likelihood counts the known cells alone; ",
		" rows summed exactly\n", "log-likelihood train "} {
		if !strings.Contains(lines, want) {
			t.Errorf("the lines have no %q:\n%s", want, lines)
		}
	}
	var eval struct {
		Rows    int           `json:"rows"`
		Mean    float64       `json:"log_likelihood"`
		LogZ    float64       `json:"log_z"`
		Missing *missingCells `json:"missing"`
		Samples any           `json:"samples"`
	}
	writeText(t, "two.csv", "a,b,c,d,e,f,g,h\n0,?,1,1,0,0,,1\n1,1,0,0,1,1,0,0\n")
	if err := json.Unmarshal([]byte(mustRun(t, "eval", "run", "two.csv", "--json")), &eval); err != nil {
		t.Fatal(err)
	}
	m, err := rbm.LoadModel(filepath.Join("run", fileModel))
	if err != nil {
		t.Fatal(err)
	}
	nan := float32(math.NaN())
	want := (m.LogKnown([]float32{0, nan, 1, 1, 0, 0, nan, 1})+m.LogKnown([]float32{1, 1, 0, 0, 1, 1, 0, 0}))/2 - eval.LogZ
	if math.Abs(eval.Mean-want) > 8*0x1p-51 { // eval sums in float64, too: a few roundings of numbers below 8
		t.Errorf("log-likelihood %v, want %v", eval.Mean, want)
	}
	if eval.Missing == nil || eval.Missing.Cells != 2 || eval.Missing.Exact != 1 {
		t.Errorf("missing cells %+v, want 2 in one row summed exactly", eval.Missing)
	}
	if eval.Samples != nil {
		t.Errorf("samples %v are compared with rows that miss cells", eval.Samples)
	}
	if scores := mustRun(t, "score", "run", "two.csv"); strings.Count(scores, "\n") != 3 {
		t.Errorf("scores: %s", scores)
	}
	table := mustRun(t, "compare", "run", "--data", "two.csv")
	for _, text := range []string{"run, train: missing: 2 cells in 1 row,", fmt.Sprintf(" %.3f ± ", want)} {
		if !strings.Contains(table, text) {
			t.Errorf("the table of compare has no %q: %s", text, table)
		}
	}
	var read description
	if err := json.Unmarshal([]byte(mustRun(t, "data", "two.csv", "--json")), &read); err != nil || read.Missing != 2 {
		t.Errorf("data: %+v, %v", read, err)
	}
	if page := readText(t, filepath.Join("run", filePage)); !strings.Contains(page, "Cells of the data are missing") {
		t.Error("the page does not say that cells are missing")
	}
	mustRun(t, "train", "--resume", "run", "--updates", "25")
	refuses(t, exitFailure, "two.csv: 1 row with missing cells, want none; harmonium impute", "features", "run", "two.csv",
		"--out", "f.csv")
	refuses(t, exitUsage, "--pseudo-likelihood of rows with missing cells", "score", "run", "two.csv", "--pseudo-likelihood")
	refuses(t, exitFailure, "--raise: two.csv: 1 row with missing cells", "eval", "run", "two.csv", "--raise", "1")
	refuses(t, exitUsage, "--missing-runs 1, want at least 2", "eval", "run", "--missing-runs", "1")
	refuses(t, exitUsage, "--missing-betas 1, want at least 2", "eval", "run", "--missing-betas", "1")
	refuses(t, exitUsage, "--missing-steps -1, want", "train", "--data", "holes.csv", "--missing-steps", "-1")
	writeText(t, "empty.csv", "a,b,c\n0,,1\n1,,0\n1,,1\n")
	refuses(t, exitFailure, "empty.csv: training rows: dataset: column 2 \"b\": all cells are missing, want a known one", "train",
		"--data", "empty.csv", "--out", "x")
}
