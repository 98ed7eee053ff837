package main

import (
	"encoding/csv"
	"encoding/json"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"harmonium/rbm"
)

// compareFixture saves models without weights, whose log-probabilities are known, and the rows that
// they name as their data: "one" has visible biases 1 (see independent), "zero" has biases 0 and gives
// each state 2⁻⁴. The run folders hold "one" with a recorded estimate of log Z and "zero" as the best
// model of an earlier update: "patient" is a run with patience, and "run" has gone on without. "elsewhere" is "zero"
// with other test rows, and "seed2" is "one" of another seed.
func compareFixture(t *testing.T) (logZ float64) {
	t.Helper()
	t.Chdir(t.TempDir())
	for _, file := range []string{"rows.csv", "test.csv"} {
		writeText(t, file, "0,0,0,0\n1,1,1,1\n1,0,0,0\n")
	}
	writeText(t, "other.csv", "0,1,0,0\n")
	known := map[string]string{"data": "rows.csv", "test": "test.csv", "binarize": "none", "seed": "1", "hidden": "3",
		"learning_rate": "0.1", keyUpdatesMade: "7", keyMachine: thisMachine()}
	with := func(changes map[string]string) map[string]string {
		all := maps.Clone(known)
		maps.Copy(all, changes)
		return all
	}
	logZ = independent(t, "one", []float32{0.5, 0.5, 0.5, 0.5}, known)
	saveZero := func(path string, known map[string]string) {
		m, err := rbm.NewModel(4, 2)
		if err != nil {
			t.Fatal(err)
		}
		m.Provenance = known
		if err := m.Save(path); err != nil {
			t.Fatal(err)
		}
	}
	saveZero("zero", with(map[string]string{"hidden": "2", keyUpdatesMade: "9"}))
	saveZero("elsewhere", with(map[string]string{"hidden": "2", "test": "other.csv"}))
	independent(t, "seed2", []float32{0.5, 0.5, 0.5, 0.5}, with(map[string]string{"seed": "2"}))
	for folder, config := range map[string]string{"run": `{"patience":0}`, "patient": `{"patience":3}`} {
		if err := os.Mkdir(folder, 0o777); err != nil {
			t.Fatal(err)
		}
		independent(t, filepath.Join(folder, fileModel), nil, known)
		writeText(t, filepath.Join(folder, fileConfig), config)
		writeText(t, filepath.Join(folder, fileMetrics), `{"update":3,"seconds":1.5}`+"\n"+
			`{"update":7,"seconds":2.5,"method":"ais","log_z":9,"log_z_low":8.5,"log_z_high":9.75,"runs":3,"betas":4}`+"\n")
		saveZero(filepath.Join(folder, fileBest), with(map[string]string{keyUpdatesMade: "3"}))
	}
	return logZ
}

// compared returns what compare --json prints.
func compared(t *testing.T, args ...string) *comparison {
	t.Helper()
	c := &comparison{}
	if err := json.Unmarshal([]byte(mustRun(t, append([]string{"compare", "--json"}, args...)...)), c); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestCompare: the paired differences are differences of the known log-probabilities. A free energy adds two cumulants
// log 2 or three of 0.13 in float32, each within 2⁻²⁰ of its value, so it is within 2·2⁻²⁰, and a compared number, of
// two free energies, within 4·2⁻²⁰. The standard error of a mean of three differences d is √(Σ(d-mean)²/2/3).
func TestCompare(t *testing.T) {
	compareFixture(t)
	c := compared(t, "zero", "one", "elsewhere")
	if !slices.Equal(c.Settings, []string{"hidden", "test"}) || c.Spread != nil {
		t.Errorf("settings %q, spread %v", c.Settings, c.Spread)
	}
	var differences []float64 // of one and zero
	for _, ones := range []float64{0, 4, 1} {
		differences = append(differences, ones-4*math.Log1p(math.E)+4*math.Ln2)
	}
	mean := (differences[0] + differences[1] + differences[2]) / 3
	var squares float64
	for _, d := range differences {
		squares += (d - mean) * (d - mean)
	}
	near := func(what string, got, want float64) {
		t.Helper()
		if !(math.Abs(got-want) <= 4*0x1p-20) {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
	}
	zero, one := c.Models[0].Parts["test"], c.Models[1].Parts["test"]
	near("zero", zero.LogLikelihood, -4*math.Ln2)
	near("one", one.LogLikelihood, mean-4*math.Ln2)
	near("standard error of one", one.StandardError, math.Sqrt(squares/6))
	near("difference", one.Difference.Mean, mean)
	near("standard error of the difference", one.Difference.StandardError, math.Sqrt(squares/6))
	near("lower end of the difference", *one.Difference.Low, mean)
	if zero.Difference != nil || c.Models[2].Parts["test"].Difference != nil || c.Models[2].Parts["test"].Rows != 1 {
		t.Errorf("differences %v and %v, want none: the first model, and other rows", zero.Difference,
			c.Models[2].Parts["test"].Difference)
	}
	const word = "no difference where a model has other rows than the first"
	for models, want := range map[[2]string]bool{{"zero", "one"}: false, {"zero", "elsewhere"}: true} {
		if text := mustRun(t, "compare", models[0], models[1]); strings.Contains(text, word) != want {
			t.Errorf("%v: got %s, want a word on other rows: %v", models, text, want)
		}
	}
	if m := c.Models[0]; m.Updates != 9 || m.Seconds != nil || m.Method != "exact" || m.Settings["hidden"] != "2" {
		t.Errorf("the first model is %+v", m)
	}
}

// TestCompareRuns: a run folder gives its recorded log Z and seconds, and after patience its best
// model, which must not be damaged. With --method log Z is found anew.
func TestCompareRuns(t *testing.T) {
	logZ := compareFixture(t)
	c := compared(t, "run", "patient")
	run, best := c.Models[0], c.Models[1]
	if !run.Recorded || run.Method != "ais" || run.LogZ != 9 || *run.LogZLow != 8.5 || *run.Seconds != 2.5 || run.Updates != 7 {
		t.Errorf("the run is %+v", run)
	}
	part := run.Parts["test"]
	// The difference of two numbers below 16 in size, each with a few roundings of 2⁻⁵⁰.
	if got, want := *part.High-part.LogLikelihood, 0.5; math.Abs(got-want) > 8*0x1p-50 {
		t.Errorf("the upper end is %v above, want %v", got, want)
	}
	if best.Recorded || best.File != filepath.Join("patient", fileBest) || best.Updates != 3 || *best.Seconds != 1.5 {
		t.Errorf("the run with patience is %+v", best)
	}
	if c := compared(t, "run", "--method", "exact"); math.Abs(c.Models[0].LogZ-logZ) > exactlyLogZ || c.Models[0].Recorded {
		t.Errorf("anew, log Z is %v, want %v", c.Models[0].LogZ, logZ)
	}
	writeText(t, filepath.Join("patient", fileBest), "damaged")
	refuses(t, exitFailure, fileBest, "compare", "run", "patient")
}

// TestCompareReadsRowsOnce: models with equal flags of the data share their rows, in blocks too.
func TestCompareReadsRowsOnce(t *testing.T) {
	t.Chdir(t.TempDir())
	writeText(t, "rows.csv", "0,0,0,0\n1,1,1,1\n1,0,0,0\n")
	known := map[string]string{"data": "rows.csv", "binarize": "none", "seed": "1", keyBlockRows: "2"}
	sets := map[string][]seenRows{}
	for _, name := range []string{"one", "two"} {
		independent(t, name, nil, known)
		m, err := newContender(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := (&compareCommand{}).rows(t.Context(), m, sets); err != nil {
			t.Fatal(err)
		}
	}
	if len(sets) != 1 {
		t.Errorf("read %d times, want once", len(sets))
	}
}

// TestCompareFormats: the formats have the same numbers, and models that differ by the seed alone a
// mean.
func TestCompareFormats(t *testing.T) {
	compareFixture(t)
	c := compared(t, "one", "seed2")
	if !slices.Equal(c.Settings, []string{"seed"}) || c.Spread["test"] == nil || c.Spread["test"].Deviation != 0 {
		t.Errorf("settings %q, spread %v", c.Settings, c.Spread["test"])
	}
	text := mustRun(t, "compare", "one", "seed2")
	for _, want := range []string{"model               seed  updates  seconds  test ", "\none ", "\nseed2 ", "\nmean ",
		"\nstandard deviation ", " 0.000\n", "+0.000 ± 0.000"} {
		if !strings.Contains(text, want) {
			t.Errorf("the table has no %q:\n%s", want, text)
		}
	}
	lines := strings.Split(strings.TrimSpace(mustRun(t, "compare", "one", "zero", "--format", "markdown")), "\n")
	for _, line := range lines {
		if strings.Count(line, "|") != strings.Count(lines[0], "|") || !strings.HasPrefix(line, "| ") || len(lines) != 4 {
			t.Errorf("not a table:\n%s", strings.Join(lines, "\n"))
		}
	}
	table, err := csv.NewReader(strings.NewReader(mustRun(t, "compare", "one", "zero", "--format", "csv"))).ReadAll()
	if err != nil || len(table) != 3 {
		t.Fatalf("got %q, %v", table, err)
	}
	part := compared(t, "one", "zero").Models[1].Parts["test"]
	for name, want := range map[string]float64{
		"test_log_likelihood":            part.LogLikelihood,
		"test_difference_standard_error": part.Difference.StandardError,
	} {
		at := slices.Index(table[0], name)
		if at < 0 {
			t.Fatalf("the columns are %q, want %s among them", table[0], name)
		}
		if got, err := strconv.ParseFloat(table[2][at], 64); err != nil || got != want {
			t.Errorf("%s: got %v (%v), want %v", name, got, err, want)
		}
	}
	writeText(t, "grey.csv", "0,0.5,0,0\n")
	refuses(t, exitUsage, "rows of fractions have no log-likelihood", "compare", "one", "--data", "grey.csv")
	refuses(t, exitFailure, "absent", "compare", "one", "absent")
}
