package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"harmonium/store/storetest"
)

// labelledTable is a table of 40 rows with an index, four bits and a class.
func labelledTable() string {
	var text strings.Builder
	text.WriteString("id,a,b,c,d,class\n")
	for n := range 40 {
		fmt.Fprintf(&text, "%d,%d,%d,%d,%d,%s\n", n+100, n&1, n>>1&1, n&1, (n>>2|n)&1, []string{"x", "y"}[n&1])
	}
	return text.String()
}

func TestData(t *testing.T) {
	t.Chdir(t.TempDir())
	writeText(t, "table.csv", labelledTable())
	want := `table.csv: text, columns by commas, with a header
40 rows of 4 columns, values 0 to 1, mean 0.562, no constant columns
values: states of bernoulli units
header: a, b, c, d
labels: column 6 "class", 2 different: x (20 rows), y (20 rows)
`
	if got := mustRun(t, "data", "table.csv", "--label", "class", "--drop", "id"); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	var d map[string]any
	out := mustRun(t, "data", "table.csv", "table.csv", "--columns", "b", "--columns", "2", "--where", "class=y",
		"--where", "id=101,103", "--json")
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		t.Fatal(err)
	}
	if d["rows"] != 4.0 || d["columns"] != 2.0 || fmt.Sprint(d["header"], d["constant_columns"], d["hints"]) != "[a b] [2] []" {
		t.Errorf("got %s", out)
	}
	writeText(t, "spins.csv", "-1,1\n1,1\n1,-1\n")
	if got := mustRun(t, "data", "spins.csv"); !strings.Contains(got, "values -1 to 1, mean 0.667 as 0 and 1,") ||
		!strings.Contains(got, "states of spin units") {
		t.Errorf("spins: got\n%s", got)
	}
	writeText(t, "reals.csv", "0,1.5\n1,-0.3\n")
	if got := mustRun(t, "data", "reals.csv", "--visible", "gaussian"); !strings.Contains(got, "values: states of gaussian units\n") {
		t.Errorf("reals: got\n%s", got)
	}
	writeText(t, "grey.csv", "class,x\n0,0.5\n1,0.25\n")
	got := mustRun(t, "data", "grey.csv")
	for _, want := range []string{"binarization dynamic\n", `hint: column 1 "class" has this name: a label? ` +
		"--label class, --weight-column class or --drop class takes it out of the data\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("grey: got\n%swant %q", got, want)
		}
	}
}

// TestDataRefuses: a refusal names the flag that helps.
func TestDataRefuses(t *testing.T) {
	t.Chdir(t.TempDir())
	zip := storetest.Zip(0, "a.npy", storetest.NPY("|u1", "(1, 2)", 0, 1), "b.npy", storetest.NPY("|u1", "(1, 2)", 1, 1))
	for name, text := range map[string]string{
		"table.csv": labelledTable(), "range.csv": "0,1,2\n1,1,0\n", "index.csv": "0,1,0\n1,1,1\n2,0,1\n",
		"words.csv": "p,1\nq,0\nr,1\n", "names.txt": "Real A1 1 0\nReal A2 0 1\n", "comma.csv": "0,5;1\n1;0\n",
		"small.csv": "0,16\n8,2\n", "negative.csv": "0,1\n-3,1\n", "years.csv": "1990,1991\n0,1\n1,1\n",
		"ratings.csv": "user,item,rating\n1,10,5\n2,10,3\n2,11,4.5\n", "missing.csv": "0,1\n,1\n", "parts.npz": zip,
	} {
		writeText(t, name, text)
	}
	for _, test := range []struct {
		code       int
		args, want string
	}{
		{exitUsage, "", "0 arguments, want FILE..."},
		{exitFailure, "table.csv",
			`column 1 "id" counts 100, 101, 102, ...: an index? --drop id leaves it out, --columns with it keeps it`},
		{exitFailure, "table.csv --visible bernoulli",
			`column 6 "class": "x", want a number; --drop class leaves the column out, --label class takes it as the label`},
		{exitFailure, "table.csv --label clas",
			`no column "clas", want a number from 1 to 6 or one of "id", "a", "b", "c", "d", "class"; did you mean class?`},
		{exitFailure, "range.csv", "names of columns, or values? --header yes or --header no says which"},
		{exitFailure, "index.csv", "column 1 counts 0, 1, 2, ...: an index? --drop 1 leaves it out"},
		{exitFailure, "words.csv --visible bernoulli", "--drop 1 leaves the column out, --label 1 takes it as the label"},
		{exitFailure, "names.txt --visible bernoulli",
			"--drop 1,2 leaves the columns of words out, --label takes one of them as the label"},
		{exitFailure, "comma.csv", "a decimal comma? write a point"},
		{exitFailure, "small.csv", "integers from 0 to 16, the first outside 0 to 1 in row 1 (line 1), column 2, want"},
		{exitFailure, "small.csv", "; --scale 16 divides by it"},
		{exitFailure, "negative.csv", "; --visible names the kinds"},
		{exitFailure, "years.csv", "; --header yes if the first line names the columns"},
		{exitFailure, "ratings.csv", "a list of user, item and rating? A row for each user: python3 -c"},
		{exitFailure, "parts.npz", `want one of them as FILE:ARRAY: "a", "b"`},
		{exitUsage, "small.csv --scale -1", "--scale -1, want a positive number"},
		{exitUsage, "small.csv --scale 16 --scale 32", "--scale 32, want one value, and 16 is given before"},
		{exitUsage, "table.csv --label a --label b", "--label b, want one value, and a is given before"},
		{exitUsage, "small.csv --header maybe", "--header maybe, want auto, yes or no"},
	} {
		refuses(t, test.code, test.want, append([]string{"data"}, strings.Fields(test.args)...)...)
	}
}

// trainSmall trains a model for a few updates and returns its result and its lines.
func trainSmall(t *testing.T, args ...string) (result trainOutput, text string) {
	t.Helper()
	code, out, lines := executeLines(append([]string{"train", "--hidden", "3", "--updates", "20", "--device", "cpu",
		"--threads", "1", "--json"}, args...)...)
	if code != 0 {
		t.Fatalf("train %q: exit code %d\n%s", args, code, strings.Join(lines, "\n"))
	}
	if err := json.Unmarshal([]byte(out), &result); err != nil {
		t.Fatal(err)
	}
	return result, strings.Join(lines, "\n")
}

// trainOutput holds the fields of a command's JSON object that these tests read.
type trainOutput struct {
	Data          string   `json:"data"`
	Split         string   `json:"split"`
	Rows          int      `json:"rows"`
	LogLikelihood float64  `json:"log_likelihood"`
	Warnings      []string `json:"warnings"`
}

// evaluatedRun returns what eval says of the run.
func evaluatedRun(t *testing.T, args ...string) (result trainOutput) {
	t.Helper()
	text := mustRun(t, append([]string{"eval", "run", "--device", "cpu", "--json"}, args...)...)
	if err := json.Unmarshal([]byte(text), &result); err != nil {
		t.Fatal(err)
	}
	return result
}

// TestTrainOnColumns: a run takes shares of the rows for its parts, knows its columns when it is
// evaluated, and has labels in its scores.
func TestTrainOnColumns(t *testing.T) {
	t.Chdir(t.TempDir())
	writeText(t, "table.csv", labelledTable())
	result, text := trainSmall(t, "--data", "table.csv", "--label", "class", "--drop", "id", "--test", "0.2",
		"--valid", "0.1", "--out", "run")
	if !strings.Contains(text, "data: table.csv, 28 training rows of 4 columns, values 0 to 1, mean 0.") ||
		!strings.Contains(text, "no constant columns") {
		t.Errorf("first line: got\n%s", text)
	}
	got := evaluatedRun(t)
	if result.Split != "test" || result.Rows != 8 || got.LogLikelihood != result.LogLikelihood || got.Rows != 8 {
		t.Errorf("test rows of a fraction: got %+v by train and %+v by eval, want the same 8", result, got)
	}
	if scores := mustRun(t, "score", "run", "--split", "train"); !strings.HasPrefix(scores, "row,label,log_p") ||
		strings.Count(scores, "\n") != 29 || !strings.Contains(scores, ",y,") {
		t.Errorf("scores: got\n%s", scores)
	}
	// 20 of the 40 rows have the label x, and 12 rows are not for training.
	if got := evaluatedRun(t, "--split", "train", "--where", "label=x"); got.Rows < 20-12 || got.Rows > 20 {
		t.Errorf("rows of one class: got %d, want 8 to 20", got.Rows)
	}
	writeText(t, "more.csv", "a,b,c,d,class\n0,1,1,0,z\n")
	writeText(t, "bare.csv", "0,1,1,0\n")
	for file, want := range map[string]string{"more.csv": "row,label,log_p,free_energy\n1,z,",
		"bare.csv": "row,log_p,free_energy\n1,-"} {
		if scores := mustRun(t, "score", "run", file); !strings.HasPrefix(scores, want) || strings.Count(scores, "\n") != 2 {
			t.Errorf("scores of %s: got\n%s", file, scores)
		}
	}
	if scores := mustRun(t, "score", "run", "table.csv"); strings.Count(scores, "\n") != 41 {
		t.Errorf("scores of the table: got\n%s", scores)
	}
	mustRun(t, "train", "--resume", "run", "--updates", "30", "--device", "cpu", "--threads", "1")
}

// TestTrainOnArrays: the parts of a run are arrays of one file, which outputs name.
func TestTrainOnArrays(t *testing.T) {
	t.Chdir(t.TempDir())
	bits := func(n int) string {
		var b []byte
		for i := range 4 * n {
			b = append(b, byte(i*i/3&1))
		}
		return storetest.NPY("|u1", fmt.Sprintf("(%d, 4)", n), b...)
	}
	writeText(t, "parts.npz", storetest.Zip(8, "x_train.npy", bits(30), "x_valid.npy", bits(20), "x_test.npy", bits(10)))
	result, text := trainSmall(t, "--data", "parts.npz:x_train", "--test", "parts.npz:x_test",
		"--valid", "parts.npz:x_valid", "--out", "run")
	if result.Data != "parts.npz:x_test" || result.Rows != 10 ||
		!strings.Contains(text, "data: parts.npz:x_train, 30 training rows") {
		t.Errorf("got %+v and\n%s", result, text)
	}
	for split, rows := range map[string]int{"train": 30, "valid": 20, "test": 10} {
		if got := evaluatedRun(t, "--split", split); got.Rows != rows || !strings.HasSuffix(got.Data, "parts.npz:x_"+split) ||
			!filepath.IsAbs(got.Data) {
			t.Errorf("%s: got %+v, want %d rows of parts.npz:x_%[1]s", split, got, rows)
		}
	}
	refuses(t, exitFailure, "both training rows and test rows", "train", "--data", "parts.npz", "--key", "x_train",
		"--test", "parts.npz:x_train", "--out", "other")
	refuses(t, exitFailure, "FILE:ARRAY", "train", "--data", "parts.npz:x_train", "--test", "parts.npz", "--out", "other")
	for _, args := range [][]string{{"features", "run", "--out", "f.npy"},
		{"sample", "run", "--init", "data", "--steps", "1", "--out", "s.npy"}} {
		var got trainOutput
		if err := json.Unmarshal([]byte(mustRun(t, with(args, "--split", "valid", "--json")...)), &got); err != nil ||
			!strings.HasSuffix(got.Data, "parts.npz:x_valid") {
			t.Errorf("%s: data %s (%v), want parts.npz:x_valid", args[0], got.Data, err)
		}
	}
	features := mustRun(t, "features", "run", "--data", "parts.npz:x_valid", "--data", "parts.npz:x_train",
		"--data", "parts.npz:x_test", "--out", "f.csv")
	if !strings.Contains(features, "each of 60 train rows of parts.npz:x_valid and 2 more files") {
		t.Errorf("three arrays: got %s", features)
	}
}

// TestUniformRows: states that are all the same after binarization are warned of.
func TestUniformRows(t *testing.T) {
	t.Chdir(t.TempDir())
	writeText(t, "dark.csv", "0.1,0.2\n0,0.3\n")
	want := "all training rows are the same: every unit is in state 0 after binarization threshold=0.5 of values from 0 to 0.3"
	result, _ := trainSmall(t, "--data", "dark.csv", "--binarize", "threshold", "--out", "a")
	if !slices.Contains(result.Warnings, want) {
		t.Errorf("got warnings %q, want %s", result.Warnings, want)
	}
}
