package main

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"
)

// TestTrainSeeds: the second of two runs by --seeds equals the run with its seed alone, and the table ends with the mean
// and the standard deviation |a-b|/√2 of the log-likelihoods a and b, to float64 rounding.
func TestTrainSeeds(t *testing.T) {
	t.Chdir(t.TempDir())
	flags := with(bars, "--epochs", "2", "--device", "cpu", "--threads", "1")
	var got seedsResult
	stdout, stderr := both(t, with(flags, "--seeds", "2", "--seed", "4", "--out", "two", "--json")...)
	if err := json.Unmarshal([]byte(stdout), &got); err != nil || got.Out != "two" || len(got.Models) != 2 {
		t.Fatalf("got %+v, %v", got, err)
	}
	mustRun(t, with(flags, "--seed", "5", "--out", "one")...)
	wantSameRun(t, "two/seed-5", "one")
	a, b := got.Models[0].Parts["test"].LogLikelihood, got.Models[1].Parts["test"].LogLikelihood
	s := got.Spread["test"]
	if a == b {
		t.Errorf("both runs have the log-likelihood %v, want another for another seed", a)
	}
	if s == nil || math.Abs(s.Mean-(a+b)/2) > 1e-12 || math.Abs(s.Deviation-math.Abs(a-b)/math.Sqrt2) > 1e-12 {
		t.Errorf("log-likelihoods %v and %v, spread %+v", a, b, s)
	}
	for _, want := range []string{
		"2 runs in two/, by the states of seed 4:\nmodel ", "\ntwo/seed-4 ", "\ntwo/seed-5 ", "\nmean ", "exact, by the run",
	} {
		if !strings.Contains(stderr, want) {
			t.Errorf("on standard error:\n%swant %q", stderr, want)
		}
	}
	writeText(t, "never.json", strings.Replace(read(t, "one/"+fileConfig), `"eval": "end"`, `"eval": "never"`, 1))
	refuses(t, exitUsage, "--seeds 2 beside --eval never", "train", "--config", "never.json", "--seeds", "2", "--out", "three")
	if err := os.RemoveAll("two/seed-4"); err != nil {
		t.Fatal(err)
	}
	refusesIn(t, "two", exitFailure, "run folder two/seed-5 is not empty",
		with(flags, "--seeds", "2", "--seed", "4", "--out", "two")...)
}

// TestSeedsOfAConfiguration: all runs of --seeds take the schema of a configuration in place of the flags that made it.
func TestSeedsOfAConfiguration(t *testing.T) {
	t.Chdir(t.TempDir())
	writeText(t, "plants.csv", plantTable())
	few := []string{"--updates", "3", "--hidden", "3", "--algorithm", "pcd", "--device", "cpu", "--threads", "1"}
	mustRun(t, with([]string{"train", "--data", "plants.csv", "--label", "kind", "--label-units", "--bins", "3", "--out", "one"}, few...)...)
	mustRun(t, "train", "--config", "one", "--seeds", "2", "--out", "two")
	for _, folder := range []string{"two/seed-1", "two/seed-2"} {
		config := read(t, folder+"/"+fileConfig)
		if strings.Contains(config, `"bins"`) || strings.Contains(config, `"label_units"`) || !strings.Contains(config, `"schema"`) {
			t.Errorf("%s: the configuration has the flags that made its schema, or no schema:\n%s", folder, config)
		}
	}
}
