package main

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm"
	"harmonium/rbm/likelihood"
)

// exactlyLogZ bounds the error of an exact log Z of the model of independent, 5.6: a few roundings, of 2⁻⁵¹ at most each.
const exactlyLogZ = 16 * 0x1p-51

// independent saves a model of four visible and three hidden units without weights,
// whose log Z is known: 4·softplus(1) + 3·softplus(-2).
func independent(t *testing.T, path string, rates []float32, known map[string]string) (logZ float64) {
	t.Helper()
	m, err := rbm.NewModel(4, 3)
	if err != nil {
		t.Fatal(err)
	}
	for i := range m.Visible.Bias {
		m.Visible.Bias[i] = 1
	}
	for j := range m.Hidden.Bias {
		m.Hidden.Bias[j] = -2
	}
	m.BaseRates, m.Provenance = rates, known
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	return 4*math.Log1p(math.E) + 3*math.Log1p(math.Exp(-2))
}

func TestEvalJSON(t *testing.T) {
	t.Chdir(t.TempDir())
	logZ := independent(t, "m", []float32{0.5, 0.5, 0.5, 0.5}, nil)
	// By AIS the variance of log w is below 0.01 here, which is checked, so that three standard errors of log Z are below
	// 3·0.1/√runs: 0.03 with the 100 runs of the default, and 0.0174 with 300.
	//
	// The mean of F over the two rows: -(0 + 4)/2 of visible biases, and the hidden units.
	writeText(t, "rows.csv", "0,0,0,0\n1,1,1,1\n")
	wantFree := -2 - 3*math.Log1p(math.Exp(-2))
	for _, c := range []struct {
		flags     []string
		method    string
		tolerance float64 // of log Z
	}{
		{nil, "exact", exactlyLogZ},
		{[]string{"--method", "exact"}, "exact", exactlyLogZ},
		{[]string{"--method", "ais", "--betas", "2000"}, "ais", 0.03},
		{[]string{"--method", "ais", "--betas", "500", "--runs", "300", "--base-data", "rows.csv", "--binarize", "threshold"},
			"ais", 0.0174},
	} {
		args := append([]string{"eval", "m", "--data", "rows.csv", "--split", "train", "--json"}, c.flags...)
		var got map[string]any
		if err := json.Unmarshal([]byte(mustRun(t, args...)), &got); err != nil {
			t.Fatalf("%q: %v", args, err)
		}
		for _, key := range strings.Fields(`method split rows binarize log_z log_z_low log_z_high mean_free_energy
			log_likelihood log_likelihood_low log_likelihood_high ess var_log_w runs betas seed data`) {
			if _, ok := got[key]; !ok {
				t.Errorf("%q: no %s", args, key)
			}
		}
		if got["method"] != c.method || got["split"] != "train" || got["rows"] != 2.0 {
			t.Errorf("%q: method %v, split %v, rows %v, want %s, train, 2", args, got["method"], got["split"], got["rows"], c.method)
		}
		free, z, ll := got["mean_free_energy"].(float64), got["log_z"].(float64), got["log_likelihood"].(float64)
		if math.Abs(free-wantFree) > 0x1p-20 { // three cumulants of 0.13 in float32, each within 2⁻²⁰ of its value
			t.Errorf("%q: mean free energy %v, want %v", args, free, wantFree)
		}
		if variance, by := got["var_log_w"].(float64); by && variance >= 0.01 {
			t.Errorf("%q: the variance of log w is %v, want it below 0.01", args, variance)
		}
		if math.Abs(z-logZ) > c.tolerance {
			t.Errorf("%q: log Z %v, want %v", args, z, logZ)
		}
		if math.Abs(ll+free+z) > 8*0x1p-50 { // a few roundings of float64 below 8
			t.Errorf("%q: log-likelihood %v, want %v", args, ll, -free-z)
		}
	}
}

func TestEvalText(t *testing.T) {
	t.Chdir(t.TempDir())
	independent(t, "m", []float32{0.5, 0.5, 0.5, 0.5}, nil)
	writeText(t, "grey.csv", "0,0,0.5,0\n1,1,1,1\n")
	for _, c := range []struct {
		flags []string
		want  []string
	}{
		{nil, []string{"train log-likelihood: -", "exact, the sum over 2^3 states",
			"rows: 2 of grey.csv (train), dynamic binarization drawn once, seed 1"}},
		{[]string{"--binarize", "static", "--seed", "5"}, []string{"static binarization drawn once, seed 5"}},
		{[]string{"--binarize", "none"}, []string{"values as they are", "train -F - log Z (of fractions, no log-likelihood): -"}},
		{[]string{"--binarize", "threshold=0.4"}, []string{"binarization threshold=0.4"}},
		{[]string{"--method", "ais", "--runs", "7", "--betas", "30"},
			[]string{"by AIS: 7 runs x 30 betas, seed 1, interval of 3 standard errors, ESS ", "var log w ", " to "}},
	} {
		args := append([]string{"eval", "m", "--data", "grey.csv", "--split", "train"}, c.flags...)
		out := mustRun(t, args...)
		for _, want := range c.want {
			if !strings.Contains(out, want) {
				t.Errorf("%q prints:\n%swant %q", args, out, want)
			}
		}
	}
}

// TestUnbounded: a bound that AIS cannot give is null in JSON and described in the text.
func TestUnbounded(t *testing.T) {
	m := &rbm.Model{Visible: rbm.Layer{Bias: make([]float32, 100)}, Hidden: rbm.Layer{Bias: make([]float32, 100)}}
	e := newEvaluation(m, &likelihood.Evaluation{
		Partition: &likelihood.Partition{Method: "ais", LogZ: 10, Low: math.Inf(-1), High: 11, Runs: 2, Betas: 3, ESS: 1},
		Rows:      1, Binarize: dataset.Binarization{Mode: dataset.None},
		Averages: likelihood.Averages{LogLikelihood: -12, Low: -13, High: math.Inf(1)},
	}, -13.5, "data", "test", 1)
	content, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"log_z_low":null`, `"log_z_high":11`, `"log_likelihood_low":-13`, `"log_likelihood_high":null`} {
		if !bytes.Contains(content, []byte(want)) {
			t.Errorf("%s lacks %s", content, want)
		}
	}
	var text strings.Builder
	e.print(&text)
	for _, want := range []string{"log Z: 10.000 (at most 11.000, unbounded below)",
		"-12.000 nats a row (at least -13.000, unbounded above)",
		"independent units: -13.500 nats a row; the model is better than independent units by 1.50 nats"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("it prints:\n%swant %q", &text, want)
		}
	}
}

func TestEvalRefuses(t *testing.T) {
	t.Chdir(t.TempDir())
	independent(t, "good", nil, map[string]string{"data": "absent.csv", "binarize": "none", "seed": "1"})
	independent(t, "nowhere", nil, nil)
	independent(t, "odd", nil, map[string]string{"data": "absent.csv", "seed": "x"})
	content := readBytes(t, "good")
	damaged := bytes.Clone(content)
	damaged[len(damaged)-1] ^= 1
	for name, bytes := range map[string][]byte{
		"damaged":   damaged,
		"truncated": content[:len(content)-3],
		"short":     content[:5],
		"empty":     {},
		"future":    bytes.Replace(content, []byte(`"format_version":"1"`), []byte(`"format_version":"9"`), 1),
	} {
		if err := os.WriteFile(name, bytes, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	writeText(t, "text", "these are not tensors, and no header of them")
	writeText(t, "rows.csv", "0,0,0,0\n1,1,1,1\n")
	writeText(t, "wide.csv", "0,0,0,0,0\n")
	writeText(t, "ragged.csv", "0,0,0,0\n0,0,0\n")
	for _, c := range []struct {
		code int
		text string
		args string
	}{
		{exitFailure, "absent: no such file", "absent"},
		{exitFailure, "damaged", "damaged"},
		{exitFailure, "sha256", "damaged"},
		{exitFailure, "truncated", "truncated"},
		{exitFailure, "short", "short"},
		{exitFailure, "empty", "empty"},
		{exitFailure, "version", "future"},
		{exitFailure, "text", "text"},
		{exitFailure, fileModel + ": no such file or directory", "."},
		{exitFailure, "absent.csv", "good"},
		{exitFailure, `seed "x"`, "odd"},
		{exitFailure, "rows of 5 values", "good --data wide.csv --split train"},
		{exitFailure, "rows of 5 values", "good --data rows.csv --split train --base-data wide.csv"},
		{exitFailure, "ragged.csv: line 2", "good --data ragged.csv"},
		{exitFailure, "absent.csv", "good --data rows.csv --test absent.csv"},
		{exitFailure, "the data that good names: dataset: absent.csv", "good"},
		{exitFailure, "absent2.csv", "good absent2.csv"},
		{exitUsage, "nowhere: the model does not name its data", "nowhere"},
		{exitUsage, "rows.csv beside --data, want one of them", "good rows.csv --data rows.csv"},
		{exitUsage, "3 arguments, want MODEL, or MODEL FILE", "good rows.csv rows.csv"},
		{exitUsage, "has no test rows", "good --data rows.csv --split test"},
		{exitUsage, "has no valid rows", "good --data rows.csv --split valid"},
		{exitUsage, "--split x, want", "good --data rows.csv --split x"},
		{exitUsage, "--runs", "good --data rows.csv --split train --runs 2000000000"},
	} {
		refuses(t, c.code, c.text, append([]string{"eval"}, strings.Fields(c.args)...)...)
	}
}

// TestBaseDataCountsItsRows: with --base-data the rates of independent units are smoothed by the number of its
// rows: 98 rows of 0 have the rate 1/100, and a row of four zeros 4 log 0.99.
func TestBaseDataCountsItsRows(t *testing.T) {
	t.Chdir(t.TempDir())
	independent(t, "m", nil, map[string]string{keyTrainingRows: "3"})
	writeText(t, "rows.csv", "0,0,0,0\n")
	writeText(t, "base.csv", strings.Repeat("0,0,0,0\n", 98))
	var got map[string]any
	text := mustRun(t, "eval", "m", "--data", "rows.csv", "--split", "train", "--base-data", "base.csv", "--json")
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	// Four cumulants log(1+e^a) of 0.01, each within 2⁻²⁰ of its value, of biases a that are rounded by 2⁻²².
	if x, want := got["independent"].(float64), 4*math.Log(0.99); math.Abs(x-want) > 4*0.01*(0x1p-20+0x1p-22) {
		t.Errorf("independent units have %v, want %v", x, want)
	}
}
