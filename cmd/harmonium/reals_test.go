package main

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// TestMeasurements: a table of words and numbers trains with Gaussian units, and its samples and filled
// cells are numbers of the table.
func TestMeasurements(t *testing.T) {
	t.Chdir(t.TempDir())
	writeText(t, "plants.csv", plantTable())
	mustRun(t, "train", "--data", "plants.csv", "--label", "kind", "--label-units", "--test", "0.2", "--hidden", "8",
		"--updates", "1500", "--learning-rate", "0.2", "--algorithm", "pcd", "--eval", "never", "--device", "cpu", "--threads", "1",
		"--out", "run")
	var mean float64
	rows := records(t, mustRun(t, "sample", "run", "-n", "200", "--steps", "50", "--seed", "3", "--out", "-"))[1:]
	for _, cells := range rows {
		height, err := strconv.ParseFloat(cells[2], 64)
		if err != nil {
			t.Fatalf("a sampled height: %v", err)
		}
		mean += height / float64(len(rows))
	}
	// The heights of a class have means of 0.8, 10.3 and 200.3, so 70.5 in all, with a deviation of 92. Six standard
	// errors of 200 draws are allowed, which chance alone exceeds with a probability below 1e-8.
	if math.Abs(mean-70.5) > 6*92/math.Sqrt(200) {
		t.Errorf("mean of the sampled heights: %v", mean)
	}
	writeText(t, "holes.csv", "kind,leaf,height,wet,site\noak,lobed,,TRUE,A 1\nmoss,none at all,,,A 1\n")
	filled := records(t, mustRun(t, "impute", "run", "holes.csv", "--device", "cpu"))[1:]
	oak, _ := strconv.ParseFloat(filled[0][2], 64)
	moss, _ := strconv.ParseFloat(filled[1][2], 64)
	// The ranges are chosen: a width of 100 around the heights of oak, 200, and of moss and fern, 0.8 and 10.3. They are
	// far apart, so that a filled cell follows the class of its row.
	if !(oak > 150 && oak < 250 && moss > -40 && moss < 60) {
		t.Errorf("filled cells: %v", filled)
	}
	refuses(t, exitFailure, "want none with real states", "score", "run", "--pseudo-likelihood", "--out", "-")
	// The table also has units without real states: gaussian hidden units beside them have no distribution.
	refuses(t, exitUsage, "--hidden-units gaussian", "train", "--data", "plants.csv", "--hidden-units", "gaussian", "--out", "no")
	refuses(t, exitUsage, "--sigma", "train", "--data", "bars-and-stripes:3", "--sigma", "fixed", "--out", "no")
}

// TestNumbersAsTheyAre: --visible gaussian takes the numbers of a file or of grey levels as they are, and standardises
// large ones; the commands then read and write the numbers of the file.
func TestNumbersAsTheyAre(t *testing.T) {
	t.Chdir(t.TempDir())
	var table strings.Builder
	r := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		x := r.NormFloat64()
		fmt.Fprintf(&table, "%.3f,%.3f,%.3f\n", x, 2*x+r.NormFloat64(), 5+r.NormFloat64())
	}
	writeText(t, "numbers.csv", table.String())
	args := []string{"train", "--data", "numbers.csv", "--visible", "gaussian", "--hidden", "3", "--updates", "30",
		"--device", "cpu", "--threads", "1"}
	if lines := mustRun(t, append(args, "--out", "run")...); !strings.Contains(lines, "values as they are") {
		t.Errorf("standard output:\n%s", lines)
	}
	if score := mustRun(t, "score", "run", "numbers.csv", "--device", "cpu"); strings.Count(score, "\n") != 51 {
		t.Errorf("scores:\n%s", score)
	}
	writeText(t, "holes.csv", "1.25,,5\n,0.5,\n")
	filled := records(t, mustRun(t, "impute", "run", "holes.csv", "--device", "cpu"))
	if filled[0][0] != "1.25" || filled[0][2] != "5" || filled[1][1] != "0.5" {
		t.Errorf("filled cells: %v", filled)
	}
	clamped := records(t, mustRun(t, "sample", "run", "-n", "2", "--clamp", "holes.csv", "--out", "-", "--device", "cpu"))
	if clamped[0][0] != "1.25" || clamped[1][1] != "0.5" {
		t.Errorf("clamped cells: %v", clamped)
	}
	both := append(args, "--hidden-units", "gaussian")
	mustRun(t, append(both, "--out", "both")...)
	text := mustRun(t, "eval", "both", "--device", "cpu")
	if !strings.Contains(text, ", exact, the determinant of a normal distribution") {
		t.Errorf("evaluation:\n%s", text)
	}
	refuses(t, exitFailure, "annealing of real states in both layers", "eval", "both", "--method", "ais", "--device", "cpu")
	refuses(t, exitUsage, "--algorithm pt, want pcd or cd", append(both, "--algorithm", "pt", "--out", "no")...)
	writeText(t, "large.csv", strings.ReplaceAll(table.String(), ".", "")) // in thousandths, some as 0123
	refuses(t, exitUsage, "standardise them, as the schema of a table does; --schema auto",
		"train", "--data", "large.csv", "--visible", "gaussian:3", "--out", "no")
	large := []string{"train", "--data", "large.csv", "--visible", "gaussian", "--hidden", "3", "--updates", "30",
		"--device", "cpu", "--out", "large"}
	if lines := mustRun(t, large...); !strings.Contains(lines, "3 columns, a table") || strings.Count(lines, "gaussian, mean") != 3 {
		t.Errorf("standard output:\n%s", lines)
	}
	var mean float64
	for _, cells := range records(t, mustRun(t, "sample", "large", "-n", "100", "--steps", "50", "--out", "-", "--device", "cpu")) {
		x, _ := strconv.ParseFloat(cells[2], 64)
		mean += x / 100
	}
	// The third column has a mean of 5000 and a deviation of 1000, and so have its samples, nearly. A deviation, ten
	// standard errors of 100 samples, is allowed, as the model is trained for 30 updates only. Numbers that are not
	// written back as they were standardised have a mean of about 0.
	if mean < 4000 || mean > 6000 {
		t.Errorf("mean of the third column of samples: %v, want about 5000", mean)
	}
	refuses(t, exitUsage, "--visible gaussian:2", "train", "--data", "numbers.csv", "--visible", "gaussian:2", "--out", "no")
	refuses(t, exitUsage, "binarization dynamic", append(args, "--binarize", "dynamic", "--out", "no")...)
	mustRun(t, "train", "--data", "bars-and-stripes:3", "--visible", "gaussian", "--hidden", "3", "--updates", "30",
		"--device", "cpu", "--out", "bars")
}

// TestHiddenReals: hidden units with real states train, and the commands that read a model take them.
func TestHiddenReals(t *testing.T) {
	t.Chdir(t.TempDir())
	units := "gaussian:1,relu:2,drelu:2"
	mustRun(t, with(bars, "--hidden-units", units, "--hidden", "5", "--epochs", "4", "--eval", "never",
		"--device", "cpu", "--threads", "1", "--out", "run")...)
	type evaluation struct {
		LogZ float64 `json:"log_z"`
		Low  float64 `json:"log_z_low"`
		High float64 `json:"log_z_high"`
	}
	evaluated := func(args ...string) (e evaluation) {
		t.Helper()
		if err := json.Unmarshal([]byte(mustRun(t, append([]string{"eval", "--json", "--device", "cpu"}, args...)...)), &e); err != nil {
			t.Fatal(err)
		}
		return e
	}
	exact, ais := evaluated("run", "--method", "exact"), evaluated("run", "--method", "ais", "--betas", "100")
	// The interval has three standard errors, which 3 of 1000 seeds miss, and the seed is fixed.
	if !(ais.Low <= exact.LogZ && exact.LogZ <= ais.High) {
		t.Errorf("log Z by AIS is in %v to %v, want %v", ais.Low, ais.High, exact.LogZ)
	}
	if ais.High-ais.Low > 1 { // nat: the page of a run takes an interval up to this for converged
		t.Errorf("log Z by AIS is in %v to %v, an interval of more than 1", ais.Low, ais.High)
	}
	mustRun(t, "convert", "run", "model.npz")
	mustRun(t, "convert", "model.npz", "model.safetensors")
	again := evaluated("model.safetensors", "--data", "bars-and-stripes:3", "--method", "exact")
	if again.LogZ != exact.LogZ {
		t.Errorf("log Z after two conversions is %v, want %v", again.LogZ, exact.LogZ)
	}
	if text := mustRun(t, "inspect", "run"); !strings.Contains(text, units) {
		t.Errorf("inspect does not name the units:\n%s", text)
	}
	mustRun(t, "features", "run", "--out", "features.csv", "--device", "cpu")
	mustRun(t, "sample", "run", "-n", "3", "--steps", "2", "--out", "samples.csv", "--device", "cpu")
	mustRun(t, "score", "run", "--pseudo-likelihood", "--device", "cpu")
	mustRun(t, "compare", "run", "model.npz", "--data", "bars-and-stripes:3", "--device", "cpu")
	writeText(t, "holes.csv", "1,1,1,0,,0,1,,1\n")
	mustRun(t, "impute", "run", "holes.csv", "--device", "cpu")
	mustRun(t, "report", "run", "--device", "cpu")
	refuses(t, exitFailure, "the last model has relu hidden units, want kinds that visible units can have",
		"train", "--init-stack", "run", "--data", "bars-and-stripes:3", "--out", "no")
}
