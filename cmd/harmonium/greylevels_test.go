package main

import (
	"encoding/json"
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// greyTable returns rows of 9 grey levels. In each row the even columns are bright and the odd ones dark, or the other
// way round. Dark levels are below a third of most, and bright ones as far below most.
func greyTable(rows, most int) string {
	r := rand.New(rand.NewPCG(1, 2))
	var text strings.Builder
	for range rows {
		bright := r.IntN(2)
		for j := range 9 {
			level := r.IntN(most / 3)
			if j%2 == bright {
				level = most - level
			}
			fmt.Fprintf(&text, "%d,", level)
		}
		text.WriteString("\n")
	}
	return strings.ReplaceAll(text.String(), ",\n", "\n")
}

// greyEvaluation is what eval --json has of grey levels.
type greyEvaluation struct {
	LogLikelihood float64 `json:"log_likelihood"`
	Independent   float64 `json:"independent"`
	Grey          *struct {
		Levels          float64
		NoiseSeed       *uint64 `json:"noise_seed"`
		Bits            float64 `json:"bits_per_dimension"`
		Low             float64 `json:"bits_per_dimension_low"`
		High            float64 `json:"bits_per_dimension_high"`
		IndependentBits float64 `json:"independent_bits_per_dimension"`
	}
}

func greyEval(t *testing.T, args ...string) (e greyEvaluation) {
	t.Helper()
	text := mustRun(t, append([]string{"eval", "--json", "--device", "cpu", "--threads", "1"}, args...)...)
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		t.Fatal(err)
	}
	if e.Grey == nil {
		t.Fatalf("no bits per dimension:\n%s", text)
	}
	return e
}

// sameBits bounds the difference of two computations of less than 8 bits per dimension: a few roundings, of 2⁻⁵¹ at most
// each.
const sameBits = 8 * 0x1p-51

var greyRun = []string{"train", "--hidden", "4", "--updates", "300", "--algorithm", "pcd", "--eval", "never", "--device", "cpu",
	"--threads", "1"}

// TestRecallGrey: impossible values of the flags in the provenance of a model are errors that name them.
func TestRecallGrey(t *testing.T) {
	for _, c := range []struct {
		known map[string]string
		want  string // text of the error
	}{
		{map[string]string{}, ""},
		{map[string]string{keyLevels: "4"}, ""},
		{map[string]string{keyLevels: "four"}, `levels is "four", want 2 to`},
		{map[string]string{keyLevels: "1"}, `levels is "1", want 2 to`},
		{map[string]string{keyDequantize: "true", keyNoiseSeed: "3"}, ""},
		{map[string]string{keyDequantize: "true"}, `noise_seed is "", want a number`},
	} {
		_, err := recallGrey(c.known)
		if (err != nil) != (c.want != "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: got error %v, want %q", c.known, err, c.want)
		}
	}
}

// TestLevelsRun: --levels makes categorical units of grey levels, which every command gives back as grey values. Each
// row of greyTable is bright in the even columns and dark in the others, or the other way round: one bit for the nine
// columns, which the model should find, at least 0.1 of a bit per dimension better than independent units (chosen:
// about the ninth part of one bit). Independent units have at most the 2 bits of four levels.
func TestLevelsRun(t *testing.T) {
	slow(t)
	t.Chdir(t.TempDir())
	writeText(t, "rows.csv", greyTable(200, 255))
	out := mustRun(t, with(greyRun, "--data", "rows.csv", "--test", "0.2", "--levels", "4", "--out", "run")...)
	for _, want := range []string{
		"of 9 columns, values 0 to 255", "in 4 levels, binarization none; model: 36x4, visible units categorical/4",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("first line:\n%swant %q", out, want)
		}
	}
	e := greyEval(t, "run", "--split", "train")
	if g := e.Grey; g.Levels != 4 || g.NoiseSeed != nil || math.Abs(g.Bits+e.LogLikelihood/9/math.Ln2) > sameBits ||
		!(g.Bits < g.IndependentBits-0.1) || g.IndependentBits > 2 {
		t.Errorf("%+v of log-likelihood %v", *g, e.LogLikelihood)
	}
	// Other files are cut as in training. The file has the training rows and a quarter as many others of the same kind: a
	// nat is chosen as a bound, which rows that are cut in another way would exceed.
	if all := greyEval(t, "run", "rows.csv"); math.Abs(all.LogLikelihood-e.LogLikelihood) > 1 || all.Grey.Levels != 4 {
		t.Errorf("log-likelihood %v of the file, %v of the training rows", all.LogLikelihood, e.LogLikelihood)
	}
	steps := []string{"0", "0.33333334", "0.6666667", "1"}
	counts := [2]int{} // of samples whose first column is bright, and dark
	for _, cells := range records(t, mustRun(t, "sample", "run", "-n", "40", "--out", "-", "--device", "cpu")) {
		if len(cells) != 9 || slices.ContainsFunc(cells, func(c string) bool { return !slices.Contains(steps, c) }) {
			t.Fatalf("sample %v", cells)
		}
		if cells[0] > "0.5" {
			counts[0]++
		} else {
			counts[1]++
		}
	}
	if min(counts[0], counts[1]) < 5 { // 40 coins have fewer than 5 of one side with a probability below 1e-6
		t.Errorf("%v samples are bright and dark in a column, want at least 5 of each", counts)
	}
	writeText(t, "holes.csv", "255,,200,40,255,,240,0,250\n0,255,,210,10,255,0,200,0\n")
	// The hole of a dark cell: of its levels a quarter are in step 1, a third in grey, and the rest in step 0, so that the
	// mean is near 0.08. In a bright cell it would be near 0.92. Each 0.3 is chosen between.
	filled := records(t, mustRun(t, "impute", "run", "holes.csv", "--device", "cpu"))
	if len(filled[0]) != 9 || filled[0][1] > "0.3" || filled[1][2] > "0.3" || filled[0][2] != "1" {
		t.Errorf("filled %v", filled)
	}
	clamped := records(t, mustRun(t, "sample", "run", "-n", "2", "--clamp", "holes.csv", "--out", "-", "--device", "cpu"))
	if clamped[0][0] != "1" || clamped[1][0] != "0" {
		t.Errorf("samples %v, want 1 and 0 in the first, clamped cells", clamped)
	}
	for _, file := range []string{"samples.png", "filters.png"} {
		size := readPNG(t, "run/"+file).Bounds().Size() // pictures are zoomed to 48 pixels, with frames of 2
		if n := map[string]int{"samples.png": 10, "filters.png": 2}[file]; size != image.Pt(n*(48+2)+2, n*(48+2)+2) {
			t.Errorf("%s is %v, want %d pictures of 3 by 3 pixels a line", file, size, n)
		}
	}
	mustRun(t, "train", "--resume", "run", "--updates", "310", "--device", "cpu", "--threads", "1")
	mustRun(t, "train", "--init-stack", "run", "--hidden", "4", "--updates", "10", "--out", "stack", "--device", "cpu")
	if cells := records(t, mustRun(t, "sample", "stack", "-n", "1", "--out", "-", "--device", "cpu"))[0]; len(cells) != 9 {
		t.Errorf("sample of a stack %v", cells)
	}
	data := with(greyRun, "--data", "rows.csv", "--out", "no", "--levels")
	refuses(t, exitUsage, "--levels 1, want 2 to 1024", with(data, "1")...)
	refuses(t, exitUsage, "--visible gaussian beside --levels 4, whose units are categorical/4", with(data, "4",
		"--visible", "gaussian")...)
	refuses(t, exitUsage, "--binarize dynamic beside --levels", with(data, "4", "--binarize", "dynamic")...)
	refuses(t, exitUsage, "--levels beside --bins", with(data, "4", "--bins", "3")...)
	refuses(t, exitFailure, "from 0 to 255, want 0 to 100", with(data, "4", "--scale", "100")...)
	refuses(t, exitUsage, "--errors of grey levels, want none", "impute", "run", "holes.csv", "--errors", "errors.csv",
		"--out", "filled.csv")
}

// TestDequantizeRun: bits per dimension of a density do not depend on what grey levels are divided by, and the noise
// is the same in each command.
func TestDequantizeRun(t *testing.T) {
	slow(t)
	t.Chdir(t.TempDir())
	writeText(t, "rows.csv", greyTable(200, 15))
	train := with(greyRun, "--data", "rows.csv", "--visible", "gaussian", "--dequantize", "--seed", "3")
	mustRun(t, with(train, "--scale", "15", "--out", "scaled")...)
	mustRun(t, with(train, "--out", "plain")...)
	scaled, plain := greyEval(t, "scaled"), greyEval(t, "plain")
	for scale, e := range map[float64]greyEvaluation{15: scaled, 1: plain} {
		bits := func(nats float64) float64 { return (math.Log(scale) - nats/9) / math.Ln2 }
		g := e.Grey
		if g.Levels != scale+1 || *g.NoiseSeed != 3 || math.Abs(g.Bits-bits(e.LogLikelihood)) > sameBits ||
			math.Abs(g.IndependentBits-bits(e.Independent)) > sameBits {
			t.Errorf("divided by %v: %+v of log-likelihoods %v and %v", scale, *g, e.LogLikelihood, e.Independent)
		}
	}
	// Values below 16 and means are rounded to float32 by 2⁻²¹ at most, here with standard deviations of about 5, and
	// variances by their share of 2⁻²⁴: the log-density of a column is off by less than 2⁻²⁰ nats.
	if math.Abs(scaled.Grey.IndependentBits-plain.Grey.IndependentBits) > 2*0x1p-20/math.Ln2 {
		t.Errorf("independent units have %v and %v bits", scaled.Grey.IndependentBits, plain.Grey.IndependentBits)
	}
	if scaled.Grey.Bits > scaled.Grey.IndependentBits {
		t.Errorf("the model has %v bits, independent units %v", scaled.Grey.Bits, scaled.Grey.IndependentBits)
	}
	if other := greyEval(t, "scaled", "--seed", "9"); other.LogLikelihood != scaled.LogLikelihood { // log Z is exact
		t.Errorf("log-likelihood %v with another seed, want %v: the noise is the run's", other.LogLikelihood, scaled.LogLikelihood)
	}
	writeText(t, "other.csv", greyTable(3, 15))
	flags := []string{"scaled", "--split", "train", "--valid", "other.csv", "--seed", "9"}
	if e := greyEval(t, flags...); e.LogLikelihood != scaled.LogLikelihood {
		t.Errorf("log-likelihood %v beside other validation rows, want %v: the noise is the run's", e.LogLikelihood, scaled.LogLikelihood)
	}
	mustRun(t, "train", "--config", "scaled", "--seed", "4", "--updates", "10", "--out", "again", "--device", "cpu")
	if e := greyEval(t, "again"); *e.Grey.NoiseSeed != 4 {
		t.Errorf("noise of seed %v, want 4", *e.Grey.NoiseSeed)
	}
	refuses(t, exitUsage, "--dequantize needs --visible gaussian", with(greyRun, "--data", "mnist",
		"--dequantize", "--out", "no")...)
	refuses(t, exitUsage, "--levels beside --dequantize", with(train, "--levels", "4", "--out", "no")...)
	writeText(t, "halves.csv", "0.5,1\n2,3\n")
	refuses(t, exitFailure, "0.5, want an integer",
		with(greyRun, "--data", "halves.csv", "--visible", "gaussian", "--dequantize", "--out", "no")...)
}
