package main

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm"
)

// TestStack: a model with hidden units of two kinds, a second one above it and a third one above both are a stack, which
// the parts use.
func TestStack(t *testing.T) {
	t.Chdir(t.TempDir())
	common := []string{"--eval", "never", "--threads", "1", "--out"}
	above := func(below string, flags ...string) []string {
		return with(with([]string{"train", "--init-stack", below, "--algorithm", "pcd"}, flags...), common...)
	}
	mustRun(t, append(with(with(bars, "--hidden-units", "spin:2,bernoulli:3", "--epochs", "3"), common...), "first")...)
	mustRun(t, append(above("first", "--hidden", "4", "--hidden-units", "categorical/4", "--epochs", "2"), "second")...)
	mustRun(t, append(above("second", "--hidden", "3", "--schedule", "constant", "--epochs", "3"), "third")...)
	t.Run("commands", testStackCommands)
	t.Run("runs", testStackRuns)
	t.Run("refused", testStackRefused)
}

// testStackCommands: eval estimates the lower bound of the log-likelihood of the first model's rows, which is enumerated
// here, and the other commands that take a stack take its data as their rows.
func testStackCommands(t *testing.T) {
	var s rbm.Stack
	for _, file := range []string{"third/layer-1.safetensors", "third/layer-2.safetensors", "third/" + fileModel} {
		m, err := rbm.LoadModel(file)
		if err != nil {
			t.Fatal(err)
		}
		s = append(s, m)
	}
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(readBytes(t, "third/layer-1.safetensors"), readBytes(t, "first/"+fileModel)) {
		t.Error("layer-1.safetensors is not the first model")
	}
	set, err := dataset.Open("bars-and-stripes:3", dataset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := rowsOf(set, firstSplit(set))
	if err != nil {
		t.Fatal(err)
	}
	var bound, exact float64 // means over the rows of the lower bound and of log p(v)
	logZ, err := s.Top().LogPartition(context.Background(), rbm.PartitionConfig{})
	if err != nil {
		t.Fatal(err)
	}
	v := make([]float32, rows.V)
	for n := range rows.N {
		rows.Row(v, n)
		bound += s.Bound(v, logZ) / float64(rows.N)
		exact += s.LogProbability(v, logZ) / float64(rows.N)
	}
	var e evaluation
	if err := json.Unmarshal([]byte(mustRun(t, "eval", "third", "--draws", "50", "--json")), &e); err != nil {
		t.Fatal(err)
	}
	// The estimates by the seeds 1 to 16 have a standard deviation of 0.0055: the noise of 50 draws of each of 16 rows. The
	// error exceeds 0.03, over five of these, with a probability below 1e-6.
	if math.Abs(e.LogLikelihood-bound) > 0.03 {
		t.Errorf("bound by eval: got %v, want %v within 0.03", e.LogLikelihood, bound)
	}
	if bound > exact {
		t.Errorf("enumerated bound %v, want at most the log-likelihood %v", bound, exact)
	}
	if e.Stack == nil || e.Stack.Models != "9-5-4-3" || e.Stack.Draws != 50 || e.Rows != rows.N {
		t.Errorf("got %+v of %d rows, want 50 draws under 9-5-4-3 of %d rows", e.Stack, e.Rows, rows.N)
	}
	text := mustRun(t, "eval", "second")
	for _, want := range []string{"test log-likelihood bounded from below: ", "the stack 9-5-4: "} {
		if !strings.Contains(text, want) {
			t.Errorf("eval:\n%swant %q", text, want)
		}
	}
	text = mustRun(t, "sample", "third", "-n", "3", "--steps", "2", "--init", "data", "--out", "-")
	if strings.Count(text, "\n") != 3 || strings.Count(text, ",") != 3*8 {
		t.Errorf("got\n%s\nwant 3 samples of 9 columns", text)
	}
	mustRun(t, "sample", "second", "-n", "4", "--steps", "2")
	if text := mustRun(t, "features", "second", "--out", "-"); strings.Count(text, ",") != rows.N*3 { // four columns
		t.Errorf("features:\n%s", text)
	}
	if text := mustRun(t, "inspect", "third"); !strings.Contains(text, "the last model of the stack 9-5-4-3\n") {
		t.Errorf("inspect:\n%s", text)
	}
	refuses(t, exitFailure, "third/model.safetensors is the last model of a stack, which only eval, sample, features, inspect "+
		"and train --init-stack take; the first model is third/layer-1.safetensors", "score", "third")
	refuses(t, exitFailure, "model 2 of the stack has hidden units categorical/4:1, want units of two states", "features", "third")
	refuses(t, exitUsage, "--class, want it only for a single model", "sample", "third", "--class", "1")
	refuses(t, exitUsage, "--raise, want it only for a single model", "eval", "third", "--raise", "2")
	refuses(t, exitUsage, "--draws, want it only for a stack", "eval", "first", "--draws", "2")
}

// testStackRuns: a run by the config.json of a stack's run, and resumed after its first epoch, has the same tensors.
func testStackRuns(t *testing.T) {
	mustRun(t, "train", "--config", "third", "--epochs", "1", "--threads", "1", "--out", "part")
	mustRun(t, "train", "--resume", "part", "--epochs", "3", "--threads", "1")
	if !bytes.Equal(tensors(t, "part/"+fileCheckpoint), tensors(t, "third/"+fileCheckpoint)) {
		t.Error("run part has other tensors than run third")
	}
}

// testStackRefused: models that do not fit above each other are refused, and so is a stack with a model that is missing
// or has changed. A last model without base rates has no likelihood by AIS, but an exact one.
func testStackRefused(t *testing.T) {
	last, err := rbm.LoadModel("third/" + fileModel)
	if err != nil {
		t.Fatal(err)
	}
	last.BaseRates = nil
	if err := last.Save("third/bare.safetensors"); err != nil {
		t.Fatal(err)
	}
	mustRun(t, "eval", "third/bare.safetensors")
	refuses(t, exitFailure, "the last model of the stack has no base rates of its rows, where AIS starts",
		"eval", "third/bare.safetensors", "--method", "ais")
	refuses(t, exitFailure, "model 2 of the stack has 9 visible columns, want 5",
		"train", "--init-stack", "first", "--init-stack", "first")
	refuses(t, exitUsage, "--init beside --init-stack, want one of them", "train", "--init-stack", "first", "--init", "first")
	refuses(t, exitFailure, "rows of 4 values for a model of 9 visible units",
		"train", "--init-stack", "first", "--data", "bars-and-stripes:2", "--out", "none")
	file := "second/layer-1.safetensors"
	content := readBytes(t, file)
	content[len(content)-1] ^= 1
	if err := os.WriteFile(file, content, 0o666); err != nil {
		t.Fatal(err)
	}
	refuses(t, exitFailure, file+" has the SHA-256 ", "eval", "second")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	refuses(t, exitFailure, "it is the last model of a stack, whose others lie beside it: open "+file, "eval", "second")
}
