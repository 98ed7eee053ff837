package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWeightedRows: a run on rows with weights 2, 0, 3 and 1 says so. eval, compare and score have the log-likelihood of
// rows repeated as often as the weighted one, and of the rows once each as the plain one: equal sums in another order,
// which differ by float64 rounding, far below 1e-9.
func TestWeightedRows(t *testing.T) {
	t.Chdir(t.TempDir())
	writeText(t, "weights.csv", "w,a,b,c\n2,0,1,1\n0,1,0,1\n3,1,1,0\n1,1,0,0\n")
	writeText(t, "repeated.csv", "a,b,c\n0,1,1\n0,1,1\n1,1,0\n1,1,0\n1,1,0\n1,0,0\n")
	writeText(t, "once.csv", "a,b,c\n0,1,1\n1,0,1\n1,1,0\n1,0,0\n")
	_, lines := trainSmall(t, "--data", "weights.csv", "--weight-column", "w", "--out", "run", "--batch-size", "4")
	for _, want := range []string{
		// (2+0+3+1)²/(2²+0²+3²+1²) = 2.6 rows
		"weights: column 1 \"w\", from 0 to 3; weighted means are as certain as means of 3 rows of equal weight; " +
			"log-likelihoods are weighted",
		"weighted log-likelihood train ", "train weighted log-likelihood: ", "plain, each row once: ",
	} {
		if !strings.Contains(lines, want) {
			t.Errorf("the lines have no %q:\n%s", want, lines)
		}
	}
	type likelihoods struct {
		Weighted bool     `json:"weighted"`
		Mean     float64  `json:"log_likelihood"`
		Plain    *float64 `json:"log_likelihood_plain"`
	}
	read := func(text string, to any) {
		t.Helper()
		if err := json.Unmarshal([]byte(text), to); err != nil {
			t.Fatal(err)
		}
	}
	evaluated := func(args ...string) (l likelihoods) {
		t.Helper()
		read(mustRun(t, append([]string{"eval", "run", "--json"}, args...)...), &l)
		return l
	}
	repeated, once := evaluated("repeated.csv"), evaluated("once.csv")
	if repeated.Weighted || repeated.Plain != nil {
		t.Errorf("rows without weights: %+v", repeated)
	}
	var score likelihoods
	read(mustRun(t, "score", "run", "--out", "scores.csv", "--json"), &score)
	compared := compared(t, "run", "run").Models
	part := compared[1].Parts["train"]
	for name, got := range map[string]likelihoods{
		"eval": evaluated(), "score": score, "compare": {part.Weighted, part.LogLikelihood, part.Plain},
	} {
		if got.Plain == nil || math.Abs(got.Mean-repeated.Mean) > 1e-9 || math.Abs(*got.Plain-once.Mean) > 1e-9 {
			t.Errorf("%s: got %+v, want %v and plain %v", name, got, repeated.Mean, once.Mean)
		}
		if want := name != "score"; got.Weighted != want { // score has no such field
			t.Errorf("%s: weighted %v, want %v", name, got.Weighted, want)
		}
	}
	scores := readText(t, "scores.csv")
	if !strings.HasPrefix(scores, "row,log_p,free_energy,weight\n") || !strings.Contains(scores, ",3\n") {
		t.Errorf("scores: %s", scores)
	}
	table := mustRun(t, "compare", "run", "--format", "csv")
	if !strings.Contains(table, "train_difference_high,train_log_likelihood_plain\n") {
		t.Errorf("table of compare: %s", table)
	}
	page := readText(t, filepath.Join("run", filePage))
	if !strings.Contains(page, "Rows have weights.") {
		t.Error("the page does not say that rows have weights")
	}
	writeText(t, "negative.csv", "w,a,b\n2,0,1\n-1,1,0\n")
	refuses(t, exitFailure, "-1, want a weight of at least 0", "train", "--data", "negative.csv", "--weight-column", "w", "--out", "x")
	writeText(t, "weights.csv", "w,a,b,c\n2,0,1,1\n1,1,0,1\n3,1,1,0\n1,1,0,0\n")
	refuses(t, exitFailure, "SHA-256", "train", "--resume", "run", "--updates", "30")
}

// readText returns the content of a file.
func readText(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
