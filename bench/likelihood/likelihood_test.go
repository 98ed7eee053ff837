package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"harmonium/dataset"
)

// testLab returns a lab that makes its runs with one thread in a folder of its own. It builds the command.
func testLab(t *testing.T) lab {
	t.Helper()
	if testing.Short() {
		t.Skip("builds the command")
	}
	directory := t.TempDir()
	l := lab{command: filepath.Join(directory, "harmonium"), runs: folder(directory), threads: 1, progress: io.Discard}
	if out, err := exec.Command("go", "build", "-o", l.command, "../../cmd/harmonium").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return l
}

// TestMeasure: a small run is made once, evaluated and drawn. Its recorded command does not
// name the folder of the runs.
func TestMeasure(t *testing.T) {
	l := testLab(t)
	if err := os.WriteFile(l.runs.file("rows.csv"), []byte("0,0,0,0\n1,1,1,1\n1,1,0,0\n0,0,1,1\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	e := experiment{
		name: "rows, few", flags: strings.Fields("--hidden 3 --batch-size 4 --epochs 6"),
		data: []string{"--data", l.runs.file("rows.csv")}, seeds: 2, every: 2, split: "train",
	}
	row, err := l.repeat(context.Background(), e)
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range row {
		want := "harmonium train --hidden 3 --batch-size 4 --epochs 6 --data rows.csv --seed " + string(rune('1'+i))
		if m.Name != e.name || m.Seed != i+1 || m.Command != want || m.Test.Split != "train" ||
			m.Test.Method != "exact" || m.Train != nil {
			t.Errorf("seed %d: got %+v", i+1, m)
		}
		// A model as drawn has about the -4·ln 2 = -2.77 nats of four fair bits, the best model -ln 4.
		if !(m.Test.Value > -3 && m.Test.Value < -math.Log(4)) || !(m.Training > 0) || m.Version == "" || m.Device == "" {
			t.Errorf("seed %d: got %+v", i+1, m)
		}
	}
	if err := l.draw(context.Background(), e, l.runs.file("curve.png")); err != nil {
		t.Error(err)
	}
	l.command = "absent"
	again, err := l.repeat(context.Background(), e)
	if err != nil || !slices.EqualFunc(again, row,
		func(a, b measurement) bool { return a.Test.Value == b.Test.Value && a.Training == b.Training }) {
		t.Errorf("called again: %+v, %v, want what there is", again, err)
	}
}

func TestMeasureSaysWhatFailed(t *testing.T) {
	l := testLab(t)
	_, err := l.measure(context.Background(), experiment{name: "bad", flags: []string{"--hidden", "0"}, seeds: 1}, 1)
	if err == nil || !strings.Contains(err.Error(), "harmonium train --hidden 0") ||
		!strings.Contains(err.Error(), "--hidden 0, want at least 1") {
		t.Errorf("got %v, want the command and what it says", err)
	}
}

// TestExperiments: each folder, which the name of an experiment decides, belongs to one call of the command.
// An experiment may be in several tables.
func TestExperiments(t *testing.T) {
	seen := map[string]string{}
	for _, table := range tables("runs") {
		for _, e := range table.experiments {
			command := strings.Join(e.train(1), " ")
			if before, ok := seen[e.folder(1)]; ok && before != command {
				t.Errorf("%s is the folder of %q and %q", e.folder(1), before, command)
			}
			seen[e.folder(1)] = command
		}
	}
	const want = "train --recipe small-exact --center=false --data runs/flipped-train.idx --test runs/flipped-test.idx --seed 1"
	if got := seen["plain-flipped-1"]; got != want {
		t.Errorf("plain-flipped-1 is %q, want %q", got, want)
	}
}

// TestFlippedDigits reads the files that writeFlipped has written.
func TestFlippedDigits(t *testing.T) {
	runs := folder(t.TempDir())
	if err := writeFlipped(runs); err != nil {
		t.Fatal(err)
	}
	digits, err := dataset.Open("mnist", dataset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	set, err := dataset.Open(runs.file(flippedTrain), dataset.Options{Test: runs.file(flippedTest)})
	if err != nil {
		t.Fatal(err)
	}
	for _, rows := range [][2]*dataset.Rows{{set.Train, digits.Train}, {set.Test, digits.Test}} {
		if !bytes.Equal(flipped(rows[0].Bytes), rows[1].Bytes) {
			t.Error("flipped twice they are not the digits")
		}
	}
	if set.Width != 28 || set.Height != 28 {
		t.Errorf("pictures of %dx%d, want 28x28", set.Width, set.Height)
	}
}

func TestPrintTable(t *testing.T) {
	var row []measurement
	content, err := os.ReadFile("testdata/measurements.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(content, &row); err != nil {
		t.Fatal(err)
	}
	exact := []measurement{
		{Name: "bars", Training: 1, Test: likelihood{Method: "exact", Value: -3.42}},
		{Name: "bars", Training: 2, Test: likelihood{Method: "exact", Value: -3.44}},
	}
	alone := []measurement{
		{Name: "no reverse AIS", Training: 3, Test: likelihood{Method: "ais", Value: -80}},
		{Name: "no reverse AIS", Training: 5, Test: likelihood{Method: "ais", Value: -82}},
	}
	var got strings.Builder
	printTable(&got, "All", [][]measurement{row, exact, alone})
	want := `## All

| run | training | log-likelihood, by seed | mean, deviation | train | reverse AIS differs by, nats | variance of log w, AIS and reverse |
|---|---|---|---|---|---|---|
| quick | 2 min 5 s | -88.50 (-88.70 to -88.30), -88.70 (-88.90 to unbounded) | -88.60, 0.14 | -87.10 | 0.50 | 0.40, 0.30 |
| bars | 2 s | -3.420, -3.440 | -3.430, 0.014 |  | exact |  |
| no reverse AIS | 4 s | -80.00 (unbounded to unbounded), -82.00 (unbounded to unbounded) | -81.00, 1.41 |  |  |  |

`
	if got.String() != want {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
}
