package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestPatience(t *testing.T) {
	for _, tc := range []struct {
		name  string
		lines string
		want  patience
		ends  bool
	}{
		{"no looks", `{"update":1}`, patience{looks: 2}, false},
		{"rising", `{"update":1,"log_likelihood_valid":-9}
			{"update":2,"log_likelihood_valid":-8}`, patience{looks: 2, best: -8, update: 2}, false},
		{"one worse", `{"update":1,"log_likelihood_valid":-8}
			{"update":2,"log_likelihood_valid":-9}
			{"update":3}`, patience{looks: 2, best: -8, update: 1, since: 1}, false},
		{"two no better", `{"update":4,"log_likelihood_valid":0.5}
			{"update":5,"log_likelihood_valid":0.5}
			{"update":6,"log_likelihood_valid":0.4}`, patience{looks: 2, best: 0.5, update: 4, since: 2}, true},
		{"better in time", `{"update":1,"log_likelihood_valid":-8}
			{"update":2,"log_likelihood_valid":-9}
			{"update":3,"log_likelihood_valid":-7}
			{"update":4,"log_likelihood_valid":-8}`, patience{looks: 2, best: -7, update: 3, since: 1}, false},
	} {
		got := patience{looks: 2}
		if err := got.recall([]byte(tc.lines)); err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		if got != tc.want || got.exhausted() != tc.ends {
			t.Errorf("%s: %+v, at an end: %v, want %+v and %v", tc.name, got, got.exhausted(), tc.want, tc.ends)
		}
	}
	forever := patience{}
	if forever.see(1, 0); forever.see(2, -1) || forever.exhausted() {
		t.Error("a run without patience has a better model or ends")
	}
	if err := new(patience).recall([]byte("{\"update\":1}\n{")); err == nil || !strings.HasPrefix(err.Error(), "line 2: ") {
		t.Errorf("a torn line: error %v, want line 2", err)
	}
}

// TestTrainLosesPatience overfits a few patterns. The run ends three estimates after its best
// model, keeps and evaluates that model, and has the same result when it was resumed.
func TestTrainLosesPatience(t *testing.T) {
	slow(t)
	t.Chdir(t.TempDir())
	flags := []string{"train", "--data", "bars-and-stripes:4", "--hidden", "20", "--batch-size", "6", "--valid", "0.3",
		"--schedule", "constant", "--learning-rate", "0.05", "--online-every", "50", "--patience", "3", "--json"}
	var result struct {
		Updates int
		Best    int     `json:"best_update"`
		LogL    float64 `json:"log_likelihood"`
	}
	out := mustRun(t, with(flags, "--epochs", "1000", "--out", "whole")...)
	if err := json.Unmarshal([]byte(out), &result); err != nil {
		t.Fatalf("%q: %v", out, err)
	}
	const perLook = 50 * 4 // epochs of 22 rows in batches of 6
	if result.Best <= perLook || result.Updates != result.Best+3*perLook {
		t.Errorf("ended after update %d with the best model after %d, want that above %[3]d and three looks of %[3]d between", result.Updates, result.Best, perLook)
	}
	var evaluated struct {
		LogL float64 `json:"log_likelihood"`
	}
	out = mustRun(t, "eval", "whole/"+fileBest, "--json")
	if err := json.Unmarshal([]byte(out), &evaluated); err != nil {
		t.Fatalf("%q: %v", out, err)
	}
	if result.LogL != evaluated.LogL {
		t.Errorf("log-likelihood %v, want that of %s, %v", result.LogL, fileBest, evaluated.LogL)
	}

	mustRun(t, with(flags, "--epochs", "150", "--out", "parts")...)
	mustRun(t, "train", "--resume", "parts", "--epochs", "1000")
	for _, name := range []string{fileBest, fileModel, fileCheckpoint} {
		if !bytes.Equal(tensors(t, "parts/"+name), tensors(t, "whole/"+name)) {
			t.Errorf("%s: the tensors of the resumed run are not those of the whole one", name)
		}
	}
	out = mustRun(t, "train", "--resume", "parts", "--json")
	again := result
	if err := json.Unmarshal([]byte(out), &again); err != nil || again != result {
		t.Errorf("resumed at its end, it says %+v, %v, want %+v", again, err, result)
	}
}

// TestPatienceThatCannotEnd: a run announces patience that cannot end it, and no other.
func TestPatienceThatCannotEnd(t *testing.T) {
	t.Chdir(t.TempDir())
	for epochs, want := range map[string]bool{"20": true, "21": false} {
		out := mustRun(t, with(bars, "--valid", "0.3", "--online-every", "10", "--patience", "2", "--epochs", epochs, "--out", "run", "--force")...)
		const line = "patience 2 cannot end this run: looks at log Z are 2, by one in 10 epochs (--online-every) and at the end\n"
		if got := strings.Contains(out, line); got != want {
			t.Errorf("%s epochs: announced is %v, want %v:\n%s", epochs, got, want, out)
		}
	}
}
