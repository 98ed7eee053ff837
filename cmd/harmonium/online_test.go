package main

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestTrainFollowsTheLikelihood: a run that computes log Z every second epoch has it in the metrics of these epochs and
// of the end, and a resumed run has the same. With 5 hidden units log Z is exact, as in the evaluation at the end.
func TestTrainFollowsTheLikelihood(t *testing.T) {
	slow(t)
	t.Chdir(t.TempDir())
	// The guard would judge the first part at its end and record an estimate in epoch 1.
	flags := with(bars, "--valid", "0.5", "--schedule", "constant", "--online-every", "2", "--guard", "off")
	code, _, lines := executeLines(with(flags, "--epochs", "5", "--out", "whole")...)
	if code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	for _, want := range []string{"log-likelihood train -", ", valid -"} {
		if text := strings.Join(lines, "\n"); !strings.Contains(text, want) {
			t.Errorf("it prints\n%s\nwant %q", text, want)
		}
	}
	mustRun(t, with(flags, "--epochs", "1", "--out", "parts", "--eval", "never")...)
	mustRun(t, "train", "--resume", "parts", "--epochs", "5", "--eval", "end")
	wantSameRun(t, "parts", "whole")

	var epochs []int
	for line := range strings.Lines(string(readBytes(t, filepath.Join("whole", fileMetrics)))) {
		var r struct {
			Epoch              int
			FreeEnergyTrain    float64  `json:"free_energy_train"`
			FreeEnergyValid    float64  `json:"free_energy_valid"`
			LogZ               *float64 `json:"log_z_online"`
			LogZLow            float64  `json:"log_z_online_low"`
			LogZHigh           float64  `json:"log_z_online_high"`
			LogLikelihoodTrain float64  `json:"log_likelihood_train"`
			LogLikelihoodValid float64  `json:"log_likelihood_valid"`
			EvaluatedLogZ      *float64 `json:"log_z"`
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		if r.LogZ == nil {
			continue
		}
		epochs = append(epochs, r.Epoch)
		if got, want := r.LogLikelihoodTrain, -r.FreeEnergyTrain-*r.LogZ; got != want {
			t.Errorf("epoch %d: log-likelihood of training rows %v, want %v", r.Epoch, got, want)
		}
		if got, want := r.LogLikelihoodValid, -r.FreeEnergyValid-*r.LogZ; got != want {
			t.Errorf("epoch %d: log-likelihood of validation rows %v, want %v", r.Epoch, got, want)
		}
		if r.LogZLow != *r.LogZ || r.LogZHigh != *r.LogZ {
			t.Errorf("epoch %d: log Z from %v to %v, want the exact %v alone", r.Epoch, r.LogZLow, r.LogZHigh, *r.LogZ)
		}
		if r.Epoch == 5 && (r.EvaluatedLogZ == nil || *r.EvaluatedLogZ != *r.LogZ) {
			t.Errorf("log Z %v, want %v as of the evaluation", *r.LogZ, r.EvaluatedLogZ)
		}
	}
	if want := []int{2, 4, 5}; !slices.Equal(epochs, want) {
		t.Errorf("log Z in epochs %v, want %v", epochs, want)
	}
}

// TestEstimated: an estimate has the decimals up to the first significant one of the larger distance to a bound, at most
// three, and an exact value or one without bounds has three.
func TestEstimated(t *testing.T) {
	at := func(x float64) *float64 { return &x }
	for _, tc := range []struct {
		x         float64
		low, high *float64
		want      string
	}{
		{-10.12345, at(-10.12345), at(-10.12345), "-10.123"},                    // exact
		{-10.12345, at(-10.5), at(-9.8), "-10.1 (-10.5 to -9.8)"},               // 0.38 away
		{-10.12345, at(-10.15), at(-10.1), "-10.12 (-10.15 to -10.10)"},         // 0.027 away
		{-110.12, at(-150), at(-90), "-110 (-150 to -90)"},                      // 40 away, with no fewer decimals than 0
		{-10.12345, at(-10.1236), at(-10.1234), "-10.123 (-10.124 to -10.123)"}, // 0.00015 away, with no more than 3
		{-10.12345, nil, at(-9.8), "-10.1 (at most -9.8, unbounded below)"},
		{-10.12345, at(-10.5), nil, "-10.1 (at least -10.5, unbounded above)"},
		{-10.12345, nil, nil, "-10.123 (unbounded)"},
	} {
		if got := estimated(tc.x, tc.low, tc.high); got != tc.want {
			t.Errorf("%v: got %q, want %q", tc.x, got, tc.want)
		}
	}
}
