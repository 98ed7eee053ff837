package main

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestTrainFollowsTheLikelihood: a run that estimates log Z every second epoch has it in the
// metrics of these epochs and of the end, near the exact one, and a resumed run has the same.
func TestTrainFollowsTheLikelihood(t *testing.T) {
	slow(t)
	t.Chdir(t.TempDir())
	flags := with(bars, "--valid", "0.5", "--schedule", "constant", "--online-every", "2", "--guard", "off")
	code, _, lines := executeLines(with(flags, "--epochs", "5", "--out", "whole")...)
	if text := strings.Join(lines, "\n"); code != 0 || !strings.Contains(text, "log-likelihood train -") || !strings.Contains(text, ", valid -") {
		t.Errorf("exit code %d, it prints:\n%s", code, text)
	}
	mustRun(t, with(flags, "--epochs", "1", "--out", "parts", "--eval", "never")...)
	mustRun(t, "train", "--resume", "parts", "--epochs", "5", "--eval", "end")
	wantSameRun(t, "parts", "whole")

	var epochs []int
	var last struct {
		Epoch           int
		LogZ            float64 `json:"log_z"`
		FreeEnergyTrain float64 `json:"free_energy_train"`
		FreeEnergyValid float64 `json:"free_energy_valid"`
	}
	for line := range strings.Lines(string(readBytes(t, filepath.Join("whole", fileMetrics)))) {
		var o struct {
			LogZ               *float64 `json:"log_z_online"`
			LogZLow            float64  `json:"log_z_online_low"`
			LogZHigh           float64  `json:"log_z_online_high"`
			LogLikelihoodTrain float64  `json:"log_likelihood_train"`
			LogLikelihoodValid float64  `json:"log_likelihood_valid"`
		}
		for _, v := range []any{&last, &o} {
			if err := json.Unmarshal([]byte(line), v); err != nil {
				t.Fatal(err)
			}
		}
		if o.LogZ == nil {
			continue
		}
		epochs = append(epochs, last.Epoch)
		if got, want := o.LogLikelihoodTrain, -last.FreeEnergyTrain-*o.LogZ; got != want {
			t.Errorf("epoch %d: log-likelihood of training rows %v, want %v", last.Epoch, got, want)
		}
		if got, want := o.LogLikelihoodValid, -last.FreeEnergyValid-*o.LogZ; got != want {
			t.Errorf("epoch %d: log-likelihood of validation rows %v, want %v", last.Epoch, got, want)
		}
		// The interval has three standard errors, and the seed is fixed.
		if last.Epoch == 5 && (last.LogZ < o.LogZLow || last.LogZ > o.LogZHigh) {
			t.Errorf("log Z %v (%v to %v), want the exact %v", *o.LogZ, o.LogZLow, o.LogZHigh, last.LogZ)
		}
	}
	if want := []int{2, 4, 5}; !slices.Equal(epochs, want) {
		t.Errorf("log Z in epochs %v, want %v", epochs, want)
	}
}

// TestEstimated: the last decimal is the first significant one of the interval's larger side.
func TestEstimated(t *testing.T) {
	at := func(x float64) *float64 { return &x }
	for _, tc := range []struct {
		x         float64
		low, high *float64
		want      string
	}{
		{-10.12345, at(-10.12345), at(-10.12345), "-10.123"},
		{-10.12345, at(-10.5), at(-9.8), "-10.1 (-10.5 to -9.8)"},
		{-10.12345, at(-10.15), at(-10.1), "-10.12 (-10.15 to -10.10)"},
		{-110.12, at(-150), at(-90), "-110 (-150 to -90)"},
		{-10.12345, at(-10.1236), at(-10.1234), "-10.123 (-10.124 to -10.123)"},
		{-10.12345, nil, at(-9.8), "-10.1 (at most -9.8, unbounded below)"},
		{-10.12345, at(-10.5), nil, "-10.1 (at least -10.5, unbounded above)"},
		{-10.12345, nil, nil, "-10.123 (unbounded)"},
	} {
		if got := estimated(tc.x, tc.low, tc.high); got != tc.want {
			t.Errorf("got %q, want %q", got, tc.want)
		}
	}
}
