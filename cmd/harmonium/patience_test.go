package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// TestTrainLosesPatience: a run that overfits a few patterns ends three estimates after its best model, or after half of
// the best model's updates again if that is later. It keeps and evaluates the best model, and has the same result when
// it was resumed before its end or at its end.
func TestTrainLosesPatience(t *testing.T) {
	slow(t)
	t.Chdir(t.TempDir())
	flags := []string{"train", "--data", "bars-and-stripes:4", "--hidden", "20", "--batch-size", "6", "--valid", "0.3",
		"--schedule", "constant", "--learning-rate", "0.05", "--online-every", "50", "--patience", "3", "--device", "cpu", "--json"}
	var result, again struct {
		Updates int
		Best    int     `json:"best_update"`
		LogL    float64 `json:"log_likelihood"`
	}
	out := mustRun(t, with(flags, "--epochs", "1000", "--out", "whole")...)
	if err := json.Unmarshal([]byte(out), &result); err != nil {
		t.Fatalf("%q: %v", out, err)
	}
	const perEstimate = 50 * 4 // updates: 50 epochs of 22 rows in batches of 6
	patient := max(3, (result.Best/2+perEstimate-1)/perEstimate) * perEstimate
	if result.Best <= perEstimate {
		t.Errorf("the best model is from update %d, want a later one than the first estimate, after %d", result.Best, perEstimate)
	}
	if result.Updates != result.Best+patient {
		t.Errorf("ended after update %d, want %d after the best model's %d", result.Updates, patient, result.Best)
	}
	var evaluated struct {
		LogL float64 `json:"log_likelihood"`
	}
	out = mustRun(t, "eval", "whole/"+fileBest, "--device", "cpu", "--json")
	if err := json.Unmarshal([]byte(out), &evaluated); err != nil {
		t.Fatalf("%q: %v", out, err)
	}
	if result.LogL != evaluated.LogL {
		t.Errorf("log-likelihood of the result %v, want the log-likelihood of %s, %v", result.LogL, fileBest, evaluated.LogL)
	}

	mustRun(t, with(flags, "--epochs", "150", "--out", "parts")...) // three estimates
	mustRun(t, "train", "--resume", "parts", "--device", "cpu", "--epochs", "1000")
	for _, name := range []string{fileBest, fileModel, fileCheckpoint} {
		if !bytes.Equal(tensors(t, "parts/"+name), tensors(t, "whole/"+name)) {
			t.Errorf("%s: the resumed and the uninterrupted run have different tensors", name)
		}
	}
	out = mustRun(t, "train", "--resume", "parts", "--device", "cpu", "--json")
	if err := json.Unmarshal([]byte(out), &again); err != nil || again != result {
		t.Errorf("resumed at its end, it says %+v, %v, want %+v", again, err, result)
	}
}

// TestPatienceThatCannotEnd: a run with patience for 2 estimates announces that they cannot end it if it makes 2, one
// every 10 epochs, and does not if it makes 3.
func TestPatienceThatCannotEnd(t *testing.T) {
	t.Chdir(t.TempDir())
	flags := with(bars, "--valid", "0.3", "--online-every", "10", "--patience", "2", "--out", "run", "--force")
	for epochs, want := range map[string]bool{"20": true, "21": false} {
		out := mustRun(t, with(flags, "--epochs", epochs)...)
		const line = "patience 2 cannot end this run: it makes 2 estimates of log Z, " +
			"one in 10 epochs (--online-every) and one at the end\n"
		if strings.Contains(out, line) != want || strings.Contains(out, "cannot end this run") != want {
			t.Errorf("%s epochs: want announced %v:\n%s", epochs, want, out)
		}
	}
}
