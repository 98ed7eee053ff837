package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"harmonium/dataset"
)

// plantTable is a table of 60 rows of three classes by turns, with the class's leaf and a height near the class's: 0.5,
// 10 or 200 and up to 0.6 more. The column wet does not depend on the class, and site is constant.
func plantTable() string {
	var b strings.Builder
	b.WriteString("kind,leaf,height,wet,site\n")
	for n := range 60 {
		class := n % 3
		fmt.Fprintf(&b, "%s,%s,%.1f,%s,%s\n", []string{"moss", "fern", "oak"}[class], []string{"none at all", "frond", "lobed"}[class],
			[]float64{0.5, 10, 200}[class]+float64(n%7)/10, []string{"TRUE", "FALSE"}[n/3%2], "A 1")
	}
	return b.String()
}

// TestTables: a table of words and numbers trains a model; the parts use the folder of this one run.
func TestTables(t *testing.T) {
	slow(t)
	t.Chdir(t.TempDir())
	writeText(t, "plants.csv", plantTable())
	lines := mustRun(t, "train", "--data", "plants.csv", "--label", "kind", "--label-units", "--bins", "3", "--test", "0.2",
		"--hidden", "4", "--updates", "500", "--learning-rate", "0.5", "--chains", "20", "--algorithm", "pcd", "--device", "cpu",
		"--threads", "1", "--eval", "never", "--out", "run")
	t.Run("words", func(t *testing.T) { testTable(t, lines) })
	t.Run("classes", testClassify)
	t.Run("again", testTableAgain)
}

// records returns the cells of a CSV.
func records(t *testing.T, text string) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return rows
}

// testTable: everything that a run and its model give is in the words of the table.
func testTable(t *testing.T, lines string) {
	for _, want := range []string{
		"48 training rows of 5 columns, a table", "visible units categorical/3:2,bernoulli:1,categorical/3:1",
		"  leaf    categorical, 3 categories: frond, lobed, none at all\n",
		"  kind    categorical, 3 categories: fern, moss, oak (the label)\n",
		"  height  categorical, 3 bins of numbers, means 0.8 to 200.3\n",
		"  wet     bernoulli: FALSE or TRUE\n", "  site    constant, no unit: A 1\n",
	} {
		if !strings.Contains(lines, want) {
			t.Errorf("the run prints\n%swant %q", lines, want)
		}
	}
	cells := map[string]bool{} // of the table, each behind the number of its column
	for _, row := range records(t, plantTable())[1:] {
		for j, cell := range row {
			cells[fmt.Sprint(j, cell)] = true
		}
	}
	// rowsOf returns the rows of a CSV whose cells are cells of the table, but for heights and True, which a file has.
	rowsOf := func(what, text string, rows int) [][]string {
		t.Helper()
		table := records(t, text)
		if len(table) != rows+1 || strings.Join(table[0], ",") != "kind,leaf,height,wet,site" {
			t.Fatalf("%s: got\n%s", what, text)
		}
		for _, row := range table[1:] {
			for j, cell := range row {
				if j != 2 && cell != "True" && !cells[fmt.Sprint(j, cell)] {
					t.Errorf("%s: got the cell %q in column %d", what, cell, j+1)
				}
			}
		}
		return table[1:]
	}
	rowsOf("samples", mustRun(t, "sample", "run", "-n", "5", "--steps", "5", "--out", "-"), 5)
	mustRun(t, "sample", "run", "-n", "2", "--steps", "5", "--means")
	rowsOf("means", read(t, "samples.csv"), 2)
	text := mustRun(t, "sample", "run", "-n", "6", "--steps", "5", "--class", "oak,moss", "--out", "-")
	for n, row := range rowsOf("samples of classes", text, 6) {
		if want := []string{"oak", "moss"}[n%2]; row[0] != want {
			t.Errorf("sample %d of the class %s: got %q", n, want, row)
		}
	}
	writeText(t, "clamped.csv", "wet,leaf\nTRUE,\nfalse,frond\n")
	text = mustRun(t, "sample", "run", "--steps", "5", "--clamp", "clamped.csv", "--out", "-")
	for n, row := range rowsOf("clamped columns", text, 2) {
		if row[3] != []string{"TRUE", "FALSE"}[n] || n == 1 && row[1] != "frond" {
			t.Errorf("clamped columns: got %q", row)
		}
	}
	writeText(t, "holes.csv", "leaf,height,wet,kind\nlobed,199.95,?,\n,NA,True,moss\n")
	// --exact 24, the most, sums over the states of all missing cells, so that nothing is drawn.
	filled := rowsOf("filled", mustRun(t, "impute", "run", "holes.csv", "--exact", "24"), 2)
	if row := filled[0]; row[0] != "oak" || row[2] != "199.95" {
		t.Errorf("filled: got %q, want an oak of the known height 199.95", row)
	}
	if row := filled[1]; row[1] != "none at all" || row[3] != "True" && row[3] != "TRUE" {
		t.Errorf("filled: got %q, want the leaf of moss and the known wet", row)
	}
	mustRun(t, "impute", "run", "holes.csv", "--out", "filled.csv", "--errors", "errors.csv", "--exact", "0", "--steps", "5",
		"--burn-in", "5")
	if got := records(t, read(t, "errors.csv")); len(got) != 3 || got[1][1] != "0" {
		t.Errorf("errors: got %q", got)
	}
	if got := records(t, mustRun(t, "score", "run", "plants.csv")); len(got) != 61 || got[1][1] != "moss" {
		t.Errorf("scores: got %q", got)
	}
	for _, flag := range []string{"--drop", "--columns"} {
		refuses(t, 2, "--columns or --drop beside a model of a table", "score", "run", "plants.csv", flag, "site")
	}
}

// testClassify: classify gives probabilities of all classes to rows with and without labels and with missing cells. The
// classes can be told by their leaves, so an accuracy of 0.9 is required; the accuracy and the log loss of the summary
// equal the figures of the rows. Sums of 60 logarithms and of 3 probabilities differ by roundings of float64, far below 1e-9.
func testClassify(t *testing.T) {
	var s classifySummary
	if err := json.Unmarshal([]byte(mustRun(t, "classify", "run", "plants.csv", "--out", "classes.csv", "--json")), &s); err != nil {
		t.Fatal(err)
	}
	if s.Labelled != 60 || *s.Accuracy < 0.9 || *s.Frequent != 20.0/60 || fmt.Sprint(s.Classes) != "[fern moss oak]" {
		t.Errorf("got %+v, accuracy %v, most frequent %v", s, *s.Accuracy, *s.Frequent)
	}
	loss, right, counts := 0.0, 0, 0
	table := records(t, read(t, "classes.csv"))
	if strings.Join(table[0], ",") != "row,label,class,p_fern,p_moss,p_oak" || len(table) != 61 {
		t.Fatalf("got %q", table)
	}
	for _, row := range table[1:] {
		sum, largest, best := 0.0, 0.0, ""
		for k, cell := range row[3:] {
			var p float64
			fmt.Sscan(cell, &p)
			if sum += p; p > largest {
				largest, best = p, s.Classes[k]
			}
			if s.Classes[k] == row[1] {
				loss -= math.Log(p) / 60
			}
		}
		if row[2] == row[1] {
			right++
		}
		if row[2] != best || math.Abs(sum-1) > 1e-9 {
			t.Errorf("got %q, want class %s and a sum of 1", row, best)
		}
	}
	for i, line := range s.Counts {
		counts += line[i]
	}
	if math.Abs(loss-*s.LogLoss) > 1e-9 || right != counts || float64(right)/60 != *s.Accuracy {
		t.Errorf("got log loss %v, accuracy %v, want %v and %d of 60", *s.LogLoss, *s.Accuracy, loss, right)
	}
	writeText(t, "unlabelled.csv", "leaf,height,wet\nlobed,200,TRUE\nfrond,10.5,FALSE\n")
	stdout, stderr := both(t, "classify", "run", "unlabelled.csv")
	unlabelled := records(t, stdout)
	if strings.Join(unlabelled[0], ",") != "row,class,p_fern,p_moss,p_oak" || unlabelled[1][1] != "oak" || unlabelled[2][1] != "fern" {
		t.Errorf("unlabelled rows: got %q", unlabelled)
	}
	if !strings.Contains(stderr, "no row has a label") {
		t.Errorf("unlabelled rows: got %s", stderr)
	}
	writeText(t, "some.csv", "kind,leaf,height,wet\n,lobed,200,TRUE\nfern,frond,10.5,FALSE\n")
	if _, stderr := both(t, "classify", "run", "some.csv"); !strings.Contains(stderr, "of 1 labelled row") {
		t.Errorf("got %s", stderr)
	}
	// A row with a missing cell, and a complete one, which is also in lobed.csv: that file has no missing cell, so that
	// classify takes its other way.
	writeText(t, "holes.csv", "kind,leaf,height,wet\noak,?,200,TRUE\n,frond,10.5,FALSE\n")
	writeText(t, "lobed.csv", "leaf,height,wet\nlobed,200,TRUE\nfrond,200,TRUE\nnone at all,200,TRUE\nfrond,10.5,FALSE\n")
	stdout, stderr = both(t, "classify", "run", "holes.csv")
	got, whole := records(t, stdout), records(t, mustRun(t, "classify", "run", "lobed.csv"))
	if got[1][2] != "oak" || got[2][2] != "fern" || !strings.Contains(stderr, "100.00 % of 1 labelled row") {
		t.Errorf("got %q\n%s", got, stderr)
	}
	// A complete row has the same probabilities by either program but for float32: a class's -F(v) is below 16 and has a
	// few roundings of 2⁻²⁴ of itself, and a probability at most ¼ of their difference.
	for k := range 3 {
		var p, want float64
		fmt.Sscan(got[2][3+k], &p)
		fmt.Sscan(whole[4][2+k], &want)
		if math.Abs(p-want) > 1e-6 {
			t.Errorf("a complete row beside one with missing cells: got p %v, want %v", p, want)
		}
	}
	independent(t, "m", nil, nil)
	refuses(t, exitFailure, "m: the model has no label units", "classify", "m")
}

// testTableAgain: a run goes on, begins anew and begins with a model, by the same schema; files of other
// words are refused.
func testTableAgain(t *testing.T) {
	quick := []string{"--updates", "510", "--device", "cpu", "--threads", "1", "--eval", "never"}
	short := append([]string{"--updates", "10"}, quick[2:]...)
	schema := read(t, "run/"+fileSchema)
	mustRun(t, append([]string{"train", "--resume", "run"}, quick...)...)
	mustRun(t, append([]string{"train", "--config", "run", "--out", "again"}, short...)...)
	mustRun(t, append([]string{"train", "--init", "run", "--data", "plants.csv", "--out", "begun"}, short...)...)
	var d struct {
		Schema *dataset.Schema `json:"schema"`
	}
	text := mustRun(t, "data", "plants.csv", "--schema", "run/"+fileSchema, "--json")
	if err := json.Unmarshal([]byte(text), &d); err != nil || d.Schema.Text() != schema {
		t.Errorf("data by a file: got %+v, %v", d.Schema, err)
	}
	for _, run := range []string{"run", "again", "begun"} {
		m, err := openModel(run)
		if err != nil {
			t.Fatal(err)
		}
		if m.Provenance[keyTable] != schema || read(t, run+"/"+fileSchema) != schema {
			t.Errorf("%s: got the schema\n%s\nwant\n%s", run, m.Provenance[keyTable], schema)
		}
	}
	writeText(t, "other.csv", "kind,leaf,height,wet\nfern,leafy,10,TRUE\n")
	refuses(t, exitFailure, `other.csv: row 1 (line 2), column 2 "leaf": "leafy", want one of the categories "frond", "lobed", "none at all"`,
		"eval", "run", "other.csv")
	refuses(t, exitUsage, `--class birch: a class: "birch", want one of the categories "fern", "moss", "oak"`, "sample", "run", "--class", "birch")
	writeText(t, "bad.json", strings.Replace(schema, "bernoulli", "fermi", 1))
	for _, c := range []struct {
		code       int
		want, args string
	}{
		{exitUsage, "stand for other units than the model of --init", "--init run --schema auto --drop height"},
		{exitUsage, "--visible bernoulli beside --schema", "--schema auto --visible bernoulli"},
		{exitUsage, "--bins 1, want 2 to 1024", "--bins 1"},
		{exitUsage, "beside --bins, want one of them: the file says which columns are cut into bins", "--schema run/" + fileSchema + " --bins 4"},
		{exitUsage, "it lists the columns", "--schema run/" + fileSchema + " --drop wet"},
		{exitUsage, "--binarize static of a table", "--bins 3 --binarize static"},
		{exitUsage, "--scale 2 of a table", "--scale 2"},
		{exitUsage, "--scale 2 of a table", "--scale 2 --bins 3 --label kind --label-units"},
		{exitUsage, "--scale beside --bins", "--scale 2 --bins 3"},
		{exitFailure, "missing.json", "--schema missing.json"},
		{exitFailure, "no labels, want one for each row: label units need them; --label names their column", "--bins 3 --label-units"},
		{exitFailure, `column 4 "wet": kind "fermi", want one of`, "--schema bad.json"},
	} {
		refuses(t, c.code, c.want, with([]string{"train", "--data", "plants.csv", "--out", "no"}, strings.Fields(c.args)...)...)
	}
}

// TestLabelledPictures: rows that are no table have their labels behind their values, and the pictures
// leave them out.
func TestLabelledPictures(t *testing.T) {
	t.Chdir(t.TempDir())
	var rows, labels strings.Builder
	for n := range 40 {
		fmt.Fprintf(&rows, "%d,%d,%d,%d\n", n&1, n&1, n>>1&1, n>>1&1)
		fmt.Fprintf(&labels, "c%d\n", n&1)
	}
	writeText(t, "rows.csv", rows.String())
	writeText(t, "labels.csv", labels.String())
	mustRun(t, "train", "--data", "rows.csv", "--label", "labels.csv", "--header", "no", "--label-units", "--hidden", "3",
		"--updates", "200", "--chains", "20", "--algorithm", "pcd", "--device", "cpu", "--threads", "1", "--eval", "never", "--out", "run")
	m, err := openModel("run")
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Visible.Units.String(); got != "bernoulli:4,categorical/2:1" {
		t.Errorf("got units %s", got)
	}
	if width, height := pictureSize(m.Model); width != 2 || height != 2 {
		t.Errorf("got pictures of %dx%d", width, height)
	}
	mustRun(t, "sample", "run", "-n", "4", "--steps", "2", "--class", "all")
	got := mustRun(t, "sample", "run", "-n", "2", "--steps", "2", "--class", "all", "--out", "-")
	if len(records(t, got)) != 2 || strings.Count(got, ",1,0\n") != 1 || strings.Count(got, ",0,1\n") != 1 {
		t.Errorf("got\n%s\nwant two samples, one of each class", got)
	}
	stdout, stderr := both(t, "classify", "run")
	if !strings.HasPrefix(stdout, "row,label,class,p_c0,p_c1\n") || !strings.Contains(stderr, "most frequent label has 50.00 %") {
		t.Errorf("got\n%s%s", stdout, stderr)
	}
}

// TestDataOfTable: the command data lists what the columns stand for.
func TestDataOfTable(t *testing.T) {
	t.Chdir(t.TempDir())
	writeText(t, "plants.csv", plantTable())
	got := mustRun(t, "data", "plants.csv", "--bins", "4")
	for _, want := range []string{"60 rows of a table of 5 columns, visible units categorical/3:2,", "\n  wet     bernoulli: FALSE or TRUE\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("got\n%swant %q", got, want)
		}
	}
	var d struct {
		Schema  *dataset.Schema `json:"schema"`
		Units   string          `json:"units"`
		Columns int             `json:"columns"`
		Missing int             `json:"missing_cells"`
	}
	if err := json.Unmarshal([]byte(mustRun(t, "data", "penguins", "--bins", "4", "--drop", "year", "--json")), &d); err != nil {
		t.Fatal(err)
	}
	names := []string{"species", "island", "bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g", "sex"}
	if got := d.Schema.Header(); !slices.Equal(got, names) || d.Columns != len(names) {
		t.Errorf("penguins: got %d columns %q, want %q", d.Columns, got, names)
	}
	// Two penguins have no measurement, of four, and eleven no sex.
	if want := "categorical/3:2,categorical/4:4,bernoulli:1"; d.Units != want || d.Missing != 2*4+11 {
		t.Errorf("penguins: got units %s and %d missing cells, want %s and 19", d.Units, d.Missing, want)
	}
}
