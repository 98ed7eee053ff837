package main

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"harmonium/rbm"
)

// TestRefutedLogZ: AIS misses a mode of a model that a row lies in. eval, score and compare take the lower
// bound by the rows and say so. The mode is the state with all visible units on, where each of the 17 hidden units has the
// field 3; the other states have less than e^-35 of the mass, and float32
// cumulants change log Z by less than 2^-19 of itself.
func TestRefutedLogZ(t *testing.T) {
	t.Chdir(t.TempDir())
	m, err := rbm.NewModel(20, 17)
	if err != nil {
		t.Fatal(err)
	}
	for i := range m.Weights {
		m.Weights[i] = 3
	}
	for j := range m.Hidden.Bias {
		m.Hidden.Bias[j] = -57
	}
	for range m.Visible.Len() {
		m.BaseRates = append(m.BaseRates, 0.2)
	}
	if err := m.Save("m"); err != nil {
		t.Fatal(err)
	}
	row := func(digit string) string { return strings.Repeat(digit+",", 19) + digit + "\n" }
	writeText(t, "rows.csv", row("0")+row("1")+row("0"))
	logZ := 17 * math.Log1p(math.Exp(3))

	got := evaluatedJSON(t, "--method", "ais", "--betas", "200", "--seed", "2")
	if got["log_z_refuted"] == nil || got["log_z_high"] != nil || got["log_likelihood_low"] != nil || got["converged"] != false {
		t.Errorf("refuted log Z %v, its upper end %v, lower end of the log-likelihood %v, converged %v, want a number, none, none, false",
			got["log_z_refuted"], got["log_z_high"], got["log_likelihood_low"], got["converged"])
	}
	var scores map[string]any
	if err := json.Unmarshal([]byte(mustRun(t, "score", "m", "rows.csv", "--method", "ais", "--betas", "200", "--out", "scores.csv", "--json")), &scores); err != nil {
		t.Fatal(err)
	}
	var compared struct{ Models []map[string]any }
	if err := json.Unmarshal([]byte(mustRun(t, "compare", "m", "--data", "rows.csv", "--method", "ais", "--betas", "200", "--json")), &compared); err != nil {
		t.Fatal(err)
	}
	if c := compared.Models[0]; c["log_z_refuted"] == nil || math.Abs(c["log_z"].(float64)-logZ) > 1e-4 {
		t.Errorf("compare: log Z %v, refuted %v, want %v and a number", c["log_z"], c["log_z_refuted"], logZ)
	}
	for name, got := range map[string]map[string]any{"eval": got, "score": scores} {
		if z := got["log_z"].(float64); math.Abs(z-logZ) > 1e-4 {
			t.Errorf("%s: log Z %v, want %v", name, z, logZ)
		}
		if verdict := got["verdict"].(string); !strings.HasPrefix(verdict, "not converged: AIS misses a mode of the model") {
			t.Errorf("%s: verdict %q", name, verdict)
		}
	}
}
