package main

import (
	"encoding/json"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// evaluatedJSON returns what eval --json prints of the model m and two rows.
func evaluatedJSON(t *testing.T, flags ...string) map[string]any {
	t.Helper()
	args := append([]string{"eval", "m", "--data", "rows.csv", "--split", "train", "--json"}, flags...)
	var got map[string]any
	if err := json.Unmarshal([]byte(mustRun(t, args...)), &got); err != nil {
		t.Fatalf("%q: %v", args, err)
	}
	return got
}

// reportFixture saves a model without weights, of known log Z, and two rows.
func reportFixture(t *testing.T) (logZ float64) {
	t.Helper()
	t.Chdir(t.TempDir())
	writeText(t, "rows.csv", "0,0,0,0\n1,1,1,1\n")
	return independent(t, "m", []float32{0.5, 0.5, 0.5, 0.5}, nil)
}

// TestEvalReportJSON: the fields depend on the method, and all estimates agree with the known
// log Z. The variance of log w is below 0.01 here, which is checked, so that three standard errors of forty
// runs are below 3·0.1/√40 = 0.0475.
func TestEvalReportJSON(t *testing.T) {
	slow(t)
	logZ := reportFixture(t)
	reverse := strings.Fields(`reverse_log_z reverse_log_z_low reverse_log_z_high reverse_ess reverse_var_log_w
		bennett_log_z bennett_log_z_low bennett_log_z_high equilibrated burn_in`)
	for _, c := range []struct {
		flags     []string
		reverse   bool
		converged any
		verdict   string
	}{
		{nil, false, true, "exact: "},
		{[]string{"--method", "ais", "--betas", "200"}, false, nil, "not checked from above"},
		{[]string{"--method", "ais", "--betas", "200", "--runs", "2"}, false, false,
			"not converged: the effective number of runs is 1.9"},
		{[]string{"--method", "both", "--betas", "200", "--runs", "40", "--burn-in", "9"}, true, true,
			"converged: AIS and reverse AIS agree within 0.0"},
	} {
		got := evaluatedJSON(t, c.flags...)
		for _, key := range reverse {
			value, there := got[key]
			if !there || (value != nil) != c.reverse {
				t.Errorf("%q: %s is %v, want something: %v", c.flags, key, value, c.reverse)
			}
			if strings.Contains(key, "log_z") && c.reverse && math.Abs(value.(float64)-logZ) > 0.0475 {
				t.Errorf("%q: %s is %v, want %v", c.flags, key, value, logZ)
			}
			if strings.HasSuffix(key, "var_log_w") && c.reverse && !(max(value.(float64), got["var_log_w"].(float64)) < 0.01) {
				t.Errorf("%q: variances of log w %v and %v, want both below 0.01", c.flags, got["var_log_w"], value)
			}
		}
		if c.reverse && (got["burn_in"] != 9.0 || got["equilibrated"] != true) {
			t.Errorf("%q: burn-in %v, equilibrated %v, want 9 and true", c.flags, got["burn_in"], got["equilibrated"])
		}
		if verdict := got["verdict"].(string); got["converged"] != c.converged || !strings.HasPrefix(verdict, c.verdict) {
			t.Errorf("%q: converged %v, %q, want %v, %q", c.flags, got["converged"], verdict, c.converged, c.verdict)
		}
		if seconds := got["time"].(float64); !(seconds > 0) {
			t.Errorf("%q: time %v, want it above 0", c.flags, seconds)
		}
	}
}

// TestEvalReportFiles: the folder holds all schedules, of an eighth, a quarter, a half and all of the 40 steps of 41
// betas. Their estimates of log Z follow from the log-weights, and the command report draws them.
func TestEvalReportFiles(t *testing.T) {
	slow(t)
	reportFixture(t)
	for _, c := range []struct {
		flags   []string
		betas   []int
		reverse bool
	}{
		{[]string{"--method", "both", "--betas", "41", "--runs", "6"}, []int{6, 11, 21, 41}, true},
		{[]string{"--method", "ais", "--betas", "41", "--runs", "6"}, []int{6, 11, 21, 41}, false},
		{[]string{"--method", "exact"}, nil, false},
	} {
		folder := filepath.Join("deep", c.flags[1])
		evaluatedJSON(t, append(c.flags, "--report", folder)...)
		var got struct {
			LogZ      float64 `json:"log_z"`
			BaseLogZ  float64 `json:"base_log_z"`
			Verdict   string
			Schedules []schedule
		}
		if err := json.Unmarshal(readBytes(t, filepath.Join(folder, fileReport)), &got); err != nil {
			t.Fatal(err)
		}
		var betas []int
		for _, s := range got.Schedules {
			betas = append(betas, s.Betas)
			var sum float64
			for _, l := range s.AIS.LogWeights {
				sum += math.Exp(got.BaseLogZ+l) / 6
			}
			if math.Abs(math.Log(sum)-s.AIS.LogZ) > exactlyLogZ || len(s.AIS.LogWeights) != 6 {
				t.Errorf("%q: %d log-weights give log Z %v, want 6 and %v", c.flags, len(s.AIS.LogWeights), math.Log(sum), s.AIS.LogZ)
			}
			if (s.Reverse != nil) != c.reverse || (s.Bennett != nil) != c.reverse || (s.HalvesLogZ != nil) != c.reverse {
				t.Errorf("%q: %+v, want reverse runs: %v", c.flags, s, c.reverse)
			}
		}
		if !slices.Equal(betas, c.betas) || got.Verdict == "" {
			t.Errorf("%q: schedules of %v, verdict %q, want %v", c.flags, betas, got.Verdict, c.betas)
		}
		if got := mustRun(t, "report", folder); got != "report of 1 run: "+filepath.Join(folder, filePage)+"\n" {
			t.Errorf("report prints %q", got)
		}
		page := string(readBytes(t, filepath.Join(folder, filePage)))
		if drawn := strings.Contains(page, "log Z by single runs"); drawn != (len(betas) > 0) {
			t.Errorf("%q: the page draws log Z: %v, want %v", c.flags, drawn, len(betas) > 0)
		}
	}
}

// TestEvalAutomaticSchedule: the first schedule has an eighth of the 14,500 steps of the default, and is enough.
func TestEvalAutomaticSchedule(t *testing.T) {
	slow(t)
	reportFixture(t)
	got := evaluatedJSON(t, "--method", "both", "--runs", "40", "--betas", "auto", "--time-limit", "10m")
	if got["ended"] != "var log w fell below 1" || got["betas"] != 1813.0 {
		t.Errorf("ended %v with %v betas, want the first schedule of 1813 to do", got["ended"], got["betas"])
	}
}

// TestEvalRaise: the model has no weights, so that the annealed model is the model but for rounding, and both
// estimates are near the likelihood of the two rows. The variance of log w is below 0.01, so that three standard
// errors of five runs on each of two rows are below 3·0.1/√10 = 0.095, and of log Z by 100 runs below 0.03. With the
// exact log Z only the free energy of three cumulants of 0.13 in float32 is off, by less than 2⁻²⁰.
func TestEvalRaise(t *testing.T) {
	logZ := reportFixture(t)
	want := 2 + 3*math.Log1p(math.Exp(-2)) - logZ
	for method, ofLogZ := range map[string]float64{"exact": 0x1p-20, "both": 0.03} {
		flags := []string{"--method", method, "--betas", "300", "--raise", "2"}
		got := evaluatedJSON(t, flags...)["raise"].(map[string]any)
		for key, tolerance := range map[string]float64{"log_likelihood": 0.095, "log_likelihood_by_log_z": ofLogZ} {
			if x := got[key].(float64); math.Abs(x-want) > tolerance {
				t.Errorf("%q: %s is %v, want %v ± %v", flags, key, x, want, tolerance)
			}
		}
		if n := len(got["log_likelihoods"].([]any)); n != 2 || got["rows"] != 2.0 || got["runs"] != raiseRuns*1. {
			t.Errorf("%q: %d values for %v rows, %v runs", flags, n, got["rows"], got["runs"])
		}
	}
}

func TestEvalReportText(t *testing.T) {
	slow(t)
	reportFixture(t)
	out := mustRun(t, "eval", "m", "--data", "rows.csv", "--split", "train", "--method", "both", "--betas", "auto",
		"--runs", "40", "--raise", "1")
	for _, want := range []string{"by AIS: 40 runs x 1813 betas", "by reverse AIS: ESS ", "the log-likelihood by it is -",
		"by both and Bennett's acceptance ratio", "by RAISE on 1 rows x 5 runs", "betas: 1813, as var log w fell below 1",
		"\nverdict: converged: "} {
		if !strings.Contains(out, want) {
			t.Errorf("it prints:\n%swant %q", out, want)
		}
	}
}

func TestEvalReportRefuses(t *testing.T) {
	reportFixture(t)
	writeText(t, "file", "")
	for _, c := range []struct {
		code int
		text string
		args string
	}{
		{exitUsage, "--burn-in with --method ais", "--method ais --burn-in 5"},
		{exitUsage, "--burn-in with --method exact", "--method exact --burn-in 1000"},
		{exitUsage, "--burn-in 0", "--burn-in 0"},
		{exitUsage, "--time-limit 1s", "--time-limit 1s"},
		{exitUsage, "--time-limit -1s", "--time-limit -1s --betas auto"},
		{exitUsage, "--raise -1", "--raise -1"},
		{exitUsage, "--raise 3, want at most the 2 rows", "--raise 3"},
		{exitUsage, "--runs 3, want at least 4", "--method both --runs 3"},
		{exitFailure, "report: mkdir file", "--report file/x"},
	} {
		refuses(t, c.code, c.text, append([]string{"eval", "m", "--data", "rows.csv", "--split", "train"},
			strings.Fields(c.args)...)...)
	}
}
