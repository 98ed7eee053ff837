package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"harmonium/engine"
	"harmonium/rbm"
)

// unitsTable writes a CSV file of 40 rows of two patterns by turns, in the values of the units of six columns, and
// returns its path. In a pattern the units are in states 0 and 1 by turns.
func unitsTable(t *testing.T, units engine.Units) string {
	t.Helper()
	var text strings.Builder
	for n := range 40 {
		row := make([]float32, 6)
		for j := 0; j < 6; {
			k := units.Of(j)
			k.State(row[j:j+k.Width()], (n+j+1)%2)
			j += k.Width()
		}
		for j, value := range row {
			fmt.Fprintf(&text, "%v%s", value, map[bool]string{true: "\n", false: ","}[j == 5])
		}
	}
	return write(t, t.TempDir(), "rows.csv", text.String())
}

// trainLikelihood returns the log-likelihood of the training rows of a run.
func trainLikelihood(t *testing.T, folder string) float64 {
	t.Helper()
	var e struct {
		LogLikelihood float64 `json:"log_likelihood"`
	}
	if err := json.Unmarshal([]byte(mustRun(t, "eval", folder, "--split", "train", "--device", "cpu", "--json")), &e); err != nil {
		t.Fatal(err)
	}
	return e.LogLikelihood
}

// TestTrainUnits: a table in the values of each kind trains, and units of one column need no flag for it. The model knows
// its units, has nearly the best possible log-likelihood, and samples values of its kind.
func TestTrainUnits(t *testing.T) {
	slow(t)
	for _, k := range engine.Kinds() {
		for _, h := range engine.Kinds() {
			hidden := h.String()
			if h != k && h != engine.Kind(0) {
				continue // the packages below have all pairs
			}
			t.Run(fmt.Sprintf("%v, hidden %s", k, hidden), func(t *testing.T) {
				folder := filepath.Join(t.TempDir(), "run")
				// Whole hidden units: 4 of one column, or h.Width()-1 of h.Width() columns, but at least 4 columns. Chosen:
				// one unit of two states is enough for two patterns.
				columns := max(4, h.Width()*(h.Width()-1))
				flags := []string{"train", "--data", unitsTable(t, engine.NewUnits(k, 6)),
					"--hidden", fmt.Sprint(columns), "--hidden-units", hidden,
					"--updates", "1000", "--chains", "50", "--algorithm", "pt", "--learning-rate", "0.1",
					"--device", "cpu", "--threads", "1", "--out", folder}
				if k.Several() {
					flags = append(flags, "--visible", k.String())
				}
				mustRun(t, flags...)
				m, err := rbm.LoadModel(filepath.Join(folder, fileModel))
				if err != nil {
					t.Fatal(err)
				}
				if got := unitNames(m.Visible.Units); got != k.String() {
					t.Errorf("visible units: got %s, want %v", got, k)
				}
				if got := unitNames(m.Hidden.Units); got != hidden {
					t.Errorf("hidden units: got %s, want %s", got, hidden)
				}
				// Two rows of the same frequency have at best -ln 2 = -0.6931 nats. Independent units have -ln 2 for each unit,
				// at most -1.3; -0.9 is chosen between the two, and -0.69314 leaves 7e-6 for the rounding of float32.
				if l := trainLikelihood(t, folder); l < -0.9 || l > -0.69314 {
					t.Errorf("log-likelihood: got %v, want just below -0.693", l)
				}
				samples := filepath.Join(folder, "samples.csv")
				mustRun(t, "sample", folder, "-n", "20", "--steps", "200", "--device", "cpu", "--out", samples)
				content, err := os.ReadFile(samples)
				if err != nil {
					t.Fatal(err)
				}
				for line := range strings.Lines(string(content)) {
					for cell := range strings.SplitSeq(strings.TrimSpace(line), ",") {
						if cell != fmt.Sprint(k.Low()) && cell != fmt.Sprint(k.High()) {
							t.Fatalf("sampled %q, want %v or %v", cell, k.Low(), k.High())
						}
					}
				}
			})
		}
	}
}

// TestTrainMixedUnits: groups of kinds are named by their numbers of columns, in the order of the
// columns, and a resumed run keeps them.
func TestTrainMixedUnits(t *testing.T) {
	kinds := engine.Kinds()
	units := engine.Units{
		{Kind: kinds[1], From: 0, To: 1}, {Kind: kinds[0], From: 1, To: 2},
		{Kind: kinds[2], From: 2, To: 5}, {Kind: kinds[1], From: 5, To: 6},
	}
	table, folder := unitsTable(t, units), filepath.Join(t.TempDir(), "run")
	mustRun(t, "train", "--data", table, "--visible", units.String(), "--hidden", "3", "--updates", "200",
		"--device", "cpu", "--threads", "1", "--out", folder, "--eval", "never")
	mustRun(t, "train", "--resume", folder, "--updates", "400", "--device", "cpu", "--threads", "1")
	m, err := rbm.LoadModel(filepath.Join(folder, fileModel))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := m.Visible.Units.String(), units.String(); got != want {
		t.Errorf("visible units: got %q, want %q", got, want)
	}
	trainLikelihood(t, folder) // fails where eval does
}

// TestUnitsRefused: kinds that do not exist, units that do not cover the layer, and kinds that do not have the values of
// the data are refused; where the flag itself is wrong, with its name.
func TestUnitsRefused(t *testing.T) {
	table := unitsTable(t, nil)
	names := engine.KindNames()
	first, second := names[0], names[1]
	for _, test := range []struct{ flag, value, text string }{
		{"--visible", "quark", "--visible quark"},
		{"--visible", first + ":4", "--visible " + first + ":4"},
		{"--visible", second + ":4", "--visible " + second + ":4"},
		{"--visible", first + ":0", "--visible"},
		{"--visible", "categorical", "categorical/Q"},
		{"--visible", "categorical/4", "--visible categorical/4"},
		{"--visible", "categorical/3", "a categorical/3 unit"},
		{"--hidden-units", "quark", "--hidden-units quark"},
		{"--hidden-units", first + ":4", "--hidden-units " + first + ":4"},
	} {
		refuses(t, exitUsage, test.text, "train", "--data", table, "--hidden", "3", test.flag, test.value,
			"--out", filepath.Join(t.TempDir(), "run"))
	}
}
