package main

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"harmonium/rbm"
)

// TestRefutedLogZ: AIS misses a mode of a model in which a row lies. A single row's probability is at most 1, so that
// log Z is at least the row's -F(v); eval, score and compare take this lower bound and say so.
//
// The mode is the state with all 20 visible units on, where each of the 17 hidden units has the field 20·3 - 57 = 3.
// With 19 on the field is 0 and -F is 17·ln 2 = 12, beside 52 of the mode: the other states have less than e^-35 of the
// mass. The bound is 17 cumulants in float32, each within 2⁻²⁰ of itself, so it is within 52·2⁻²⁰ < 1e-4 of log Z.
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
	logZ := 17 * math.Log1p(math.Exp(3)) // 52
	const within = 1e-4

	got := evaluatedJSON(t, "--method", "ais", "--betas", "200", "--seed", "2")
	if got["log_z_refuted"] == nil || got["log_z_high"] != nil || got["log_likelihood_low"] != nil || got["converged"] != false {
		t.Errorf("refuted log Z %v, its upper end %v, lower end of the log-likelihood %v, converged %v, want a number, none, none, false",
			got["log_z_refuted"], got["log_z_high"], got["log_likelihood_low"], got["converged"])
	}
	ais := []string{"--method", "ais", "--betas", "200", "--json"}
	var scores map[string]any
	text := mustRun(t, with([]string{"score", "m", "rows.csv", "--out", "scores.csv"}, ais...)...)
	if err := json.Unmarshal([]byte(text), &scores); err != nil {
		t.Fatal(err)
	}
	var compared struct{ Models []map[string]any }
	text = mustRun(t, with([]string{"compare", "m", "--data", "rows.csv"}, ais...)...)
	if err := json.Unmarshal([]byte(text), &compared); err != nil {
		t.Fatal(err)
	}
	if c := compared.Models[0]; c["log_z_refuted"] == nil || math.Abs(c["log_z"].(float64)-logZ) > within {
		t.Errorf("compare: log Z %v, refuted %v, want %v and a number", c["log_z"], c["log_z_refuted"], logZ)
	}
	for name, got := range map[string]map[string]any{"eval": got, "score": scores} {
		if z := got["log_z"].(float64); math.Abs(z-logZ) > within {
			t.Errorf("%s: log Z %v, want %v", name, z, logZ)
		}
		if verdict := got["verdict"].(string); !strings.HasPrefix(verdict, "not converged: AIS misses a mode of the model") {
			t.Errorf("%s: verdict %q", name, verdict)
		}
	}
}
