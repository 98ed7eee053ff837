package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"harmonium/rbm"
	"harmonium/store"
)

// scoreFixture saves a model of 4 visible and 3 hidden units without weights as m, and all 16 visible states as
// rows.csv. The visible biases are 1 and the hidden ones -2, see independent. It returns log Z and log p(v) of each row,
// the number of ones minus 4·log(1+e).
func scoreFixture(t *testing.T) (logZ float64, logP []float64) {
	t.Helper()
	t.Chdir(t.TempDir())
	logZ = independent(t, "m", []float32{0.5, 0.5, 0.5, 0.5}, nil)
	var rows strings.Builder
	for n := range 16 {
		ones := 0
		for i := range 4 {
			ones += n >> i & 1
		}
		fmt.Fprintf(&rows, "%d,%d,%d,%d\n", n&1, n>>1&1, n>>2&1, n>>3&1)
		logP = append(logP, float64(ones)-4*math.Log1p(math.E))
	}
	writeText(t, "rows.csv", rows.String())
	return logZ, logP
}

// TestScore: each format has the same numbers, and the probabilities sum to 1 over all states. Without
// weights a unit's conditional is its marginal, so that the pseudo-likelihood is log p.
//
// A free energy adds 3 cumulants in float32, each within 2⁻²⁰ of its own size log(1+e⁻²) < 0.13, so that a
// log-probability is within 3·0.13·2⁻²⁰ < 2⁻²⁰. A pseudo-likelihood is computed in float64.
func TestScore(t *testing.T) {
	logZ, want := scoreFixture(t)
	const within = 0x1p-20
	stdout, stderr := both(t, "score", "m", "rows.csv", "--pseudo-likelihood")
	for _, want := range []string{"scores of 16 rows of rows.csv (file), binarization none\nlog Z: ", "exact, the sum over 2^3 states"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("on standard error:\n%swant %q", stderr, want)
		}
	}
	lines, err := csv.NewReader(strings.NewReader(stdout)).ReadAll()
	if err != nil || len(lines) != 17 || !slices.Equal(lines[0], []string{"row", "log_p", "free_energy", "pseudo_likelihood"}) {
		t.Fatalf("got %v, %v", lines, err)
	}
	var table []float64
	var sum float64
	for n, line := range lines[1:] {
		for _, cell := range line {
			x, err := strconv.ParseFloat(cell, 64)
			if err != nil {
				t.Fatal(err)
			}
			table = append(table, x)
		}
		row := table[4*n:]
		if row[0] != float64(n+1) || math.Abs(row[1]-want[n]) > within || math.Abs(row[2]+want[n]+logZ) > within ||
			math.Abs(row[3]-want[n]) > within {
			t.Errorf("row %d: got %v, want log p %v and free energy %v", n+1, row, want[n], -want[n]-logZ)
		}
		sum += math.Exp(row[1])
	}
	if math.Abs(sum-1) > math.Expm1(within)+1e-12 { // each log p has an error of up to within, and float64 rounds
		t.Errorf("the probabilities sum to %v, want 1", sum)
	}
	var summary scoreSummary
	text := mustRun(t, "score", "m", "rows.csv", "--pseudo-likelihood", "--out", "s.npy", "--json")
	if err := json.Unmarshal([]byte(text), &summary); err != nil {
		t.Fatal(err)
	}
	// The exact log Z sums 8 states in float64, whose rounding is far below 1e-9.
	if summary.Method != "exact" || math.Abs(summary.LogZ-logZ) > 1e-9 || summary.Rows != 16 || *summary.LogZLow != summary.LogZ {
		t.Errorf("summary %+v, want 16 rows and the exact log Z %v", summary, logZ)
	}
	file, err := os.Open("s.npy")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	a, err := store.ReadNPY(file, "s.npy")
	if err != nil || !slices.Equal(a.Shape, []int{16, 4}) {
		t.Fatalf("s.npy: shape %v, %v", a.Shape, err)
	}
	if out := mustRun(t, "score", "m", "rows.csv", "--pseudo-likelihood", "--format", "npy"); out != read(t, "s.npy") {
		t.Error("an array on standard output is not the array of the file")
	}
	mustRun(t, "score", "m", "rows.csv", "--pseudo-likelihood", "--out", "s.jsonl")
	for n, line := range strings.Split(strings.TrimSpace(read(t, "s.jsonl")), "\n") {
		var row map[string]float64
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		got := []float64{row["row"], row["log_p"], row["free_energy"], row["pseudo_likelihood"]}
		if !slices.Equal(got, table[4*n:4*n+4]) {
			t.Errorf("s.jsonl, row %d: got %v, want %v", n+1, got, table[4*n:4*n+4])
		}
		for i, x := range a.Data[4*n : 4*n+4] {
			if x != float32(table[4*n+i]) {
				t.Errorf("s.npy, row %d, column %d: got %v, want %v", n+1, i+1, x, table[4*n+i])
			}
		}
	}
}

// TestScoreByAIS: the method, the interval and the verdict stand once on standard error. So does a line which says
// that a model without base rates takes the rates of the rows.
func TestScoreByAIS(t *testing.T) {
	scoreFixture(t)
	m, err := rbm.LoadModel("m")
	if err != nil {
		t.Fatal(err)
	}
	m.BaseRates = nil
	if err := m.Save("bare"); err != nil {
		t.Fatal(err)
	}
	_, stderr := both(t, "score", "bare", "rows.csv", "--method", "ais", "--betas", "20", "--runs", "9", "--out", "s.csv")
	for _, want := range []string{
		"bare has no base rates of its training rows; the rates of the 16 rows of rows.csv take their place; --base-data",
		"by AIS: 9 runs x 20 betas, seed 1, interval of 3 standard errors", "verdict: ",
	} {
		if strings.Count(stderr, want) != 1 {
			t.Errorf("on standard error:\n%swant %q once", stderr, want)
		}
	}
}

// TestScoreFractions: fractions that stay as they are have a score and no log-probability, and --pseudo-likelihood refuses
// them.
func TestScoreFractions(t *testing.T) {
	scoreFixture(t)
	writeText(t, "grey.csv", "0,0.5,1,0\n")
	if out := mustRun(t, "score", "m", "grey.csv", "--binarize", "none"); !strings.HasPrefix(out, "row,score,free_energy\n1,") {
		t.Errorf("got %q", out)
	}
	if out := mustRun(t, "score", "m", "grey.csv"); !strings.HasPrefix(out, "row,log_p,free_energy\n1,") {
		t.Errorf("got %q", out)
	}
	refuses(t, exitUsage, "--pseudo-likelihood of fractions", "score", "m", "grey.csv", "--binarize", "none", "--pseudo-likelihood")
	refuses(t, exitUsage, "--json with the rows on standard output", "score", "m", "grey.csv", "--json")
	refuses(t, exitUsage, `extension ".txt", want .csv, .npy, .jsonl`, "score", "m", "grey.csv", "--out", "a.txt")
}

// TestScoreWithoutLabels: rows without a column for the label of a model are rows whose label is missing, whether the
// model is of a table or has only its label described by a schema.
func TestScoreWithoutLabels(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, rows := range map[string]string{
		"table": "size,wet,kind\nS,no,x\nM,yes,y\nL,no,x\nM,no,y\n",
		"rows":  "a,b,kind\n0,1,x\n1,1,y\n0,1,x\n1,0,y\n",
	} {
		var known, empty strings.Builder // the rows without the column, and with empty cells in it
		for line := range strings.Lines(rows) {
			cells := line[:strings.LastIndexByte(line, ',')]
			fmt.Fprintln(&known, cells)
			if empty.Len() == 0 {
				empty.WriteString(line)
			} else {
				fmt.Fprintln(&empty, cells+",")
			}
		}
		writeText(t, name+".csv", rows)
		writeText(t, name+"-known.csv", known.String())
		writeText(t, name+"-empty.csv", empty.String())
		mustRun(t, "train", "--data", name+".csv", "--label", "kind", "--label-units", "--hidden", "3", "--updates", "50",
			"--algorithm", "pcd", "--device", "cpu", "--threads", "1", "--eval", "never", "--out", name)
		got, want := mustRun(t, "score", name, name+"-known.csv"), mustRun(t, "score", name, name+"-empty.csv")
		if want = strings.ReplaceAll(strings.Replace(want, "row,label,", "row,", 1), ",,", ","); got != want {
			t.Errorf("%s: got\n%swant\n%s", name, got, want)
		}
		refuses(t, exitFailure, name+"-known.csv: 4 rows with missing cells, want none", "features", name, name+"-known.csv", "--out", "f.csv")
	}
}

// TestRowTable: a table of rows has its labels in CSV and JSON, and in NPY if all of them are numbers; a number that is
// not finite is null in JSON.
func TestRowTable(t *testing.T) {
	table := rowTable{columns: []string{"row", "log_p"}, values: []float64{1, -2.5, 2, math.Inf(-1)}}
	for _, c := range []struct {
		labels     []string
		csv, jsonl string
		npy        []float32
	}{
		{nil, "row,log_p\n1,-2.5\n2,-Inf\n", `{"row":1,"log_p":-2.5}` + "\n" + `{"row":2,"log_p":null}` + "\n",
			[]float32{1, -2.5, 2, float32(math.Inf(-1))}},
		{[]string{"7", "0"}, "row,label,log_p\n1,7,-2.5\n2,0,-Inf\n",
			`{"row":1,"label":7,"log_p":-2.5}` + "\n" + `{"row":2,"label":0,"log_p":null}` + "\n",
			[]float32{1, 7, -2.5, 2, 0, float32(math.Inf(-1))}},
		{[]string{"7", `cat "a", b`}, "row,label,log_p\n1,7,-2.5\n" + `2,"cat ""a"", b",-Inf` + "\n",
			`{"row":1,"label":"7","log_p":-2.5}` + "\n" + `{"row":2,"label":"cat \"a\", b","log_p":null}` + "\n",
			[]float32{1, -2.5, 2, float32(math.Inf(-1))}},
	} {
		table.words = labelled(c.labels)
		for format, want := range map[string]string{"csv": c.csv, "jsonl": c.jsonl} {
			var got strings.Builder
			if err := table.write(&got, format); err != nil || got.String() != want {
				t.Errorf("%s, labels %q: got %q, %v, want %q", format, c.labels, &got, err, want)
			}
		}
		var file bytes.Buffer
		err := table.write(&file, "npy")
		a, failed := store.ReadNPY(&file, "npy")
		if err != nil || failed != nil || !slices.Equal(a.Data, c.npy) {
			t.Errorf("npy, labels %q: got %v, %v, %v, want %v", c.labels, a.Data, err, failed, c.npy)
		}
	}
}
