package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"harmonium/rbm"
	"harmonium/rbm/train"
)

// TestTrainInit: a run begins with the parameters of a model, of an NPZ file too, and says so. With a
// tiny learning rate it ends near them: each of its three updates moves a weight by the rate times a
// gradient of at most 1. A resumed run still names the first model.
func TestTrainInit(t *testing.T) {
	t.Chdir(t.TempDir())
	saveModel(t, ".", ramp)
	mustRun(t, "convert", fileModel, "m.npz")
	want, err := rbm.LoadModel(fileModel)
	if err != nil {
		t.Fatal(err)
	}
	writeText(t, "rows.csv", "1,0,1,0\n0,1,0,1\n1,1,0,0\n")
	const rate = 1e-5
	for _, from := range []string{fileModel, "m.npz"} {
		out := mustRun(t, "train", "--data", "rows.csv", "--init", from, "--out", "out", "--force", "--learning-rate", "0.00001",
			"--updates", "3", "--l2", "0", "--device", "cpu", "--threads", "1")
		if !strings.Contains(out, "\nbegins with the parameters of "+from+"\n") || !strings.Contains(out, "model: 4x4") {
			t.Errorf("training from %s prints\n%s", from, out)
		}
		got, err := rbm.LoadModel(filepath.Join("out", fileModel))
		if err != nil {
			t.Fatal(err)
		}
		for i, w := range got.Weights {
			if d := w - want.Weights[i]; d > 4*rate || d < -4*rate { // the fourth is for rounding
				t.Errorf("from %s: weight %d is %v, want %v", from, i, w, want.Weights[i])
			}
		}
		if path := got.Provenance[keyInit]; path != absolute(from) {
			t.Errorf("from %s: the provenance has %q", from, path)
		}
	}
	mustRun(t, "train", "--resume", "out", "--updates", "5", "--device", "cpu", "--threads", "1")
	if got, err := rbm.LoadModel(filepath.Join("out", fileModel)); err != nil || got.Provenance[keyInit] != absolute("m.npz") {
		t.Errorf("resumed: %v, %v", got.Provenance, err)
	}
	refuses(t, exitUsage, "--hidden 5, want 4 as in the model", "train", "--data", "rows.csv", "--init", "m.npz",
		"--hidden", "5", "--out", "no")
	refuses(t, exitUsage, "--algorithm ptt, want another one", "train", "--data", "rows.csv", "--init", "m.npz",
		"--algorithm", "ptt", "--out", "no")
	refuses(t, exitFailure, "absent: no such file", "train", "--data", "rows.csv", "--init", "absent", "--out", "no")
}

// TestTrainInitOfCouplings: a run that begins with a model of couplings alone has couplings and no hidden units too.
func TestTrainInitOfCouplings(t *testing.T) {
	t.Chdir(t.TempDir())
	writeText(t, "rows.csv", "1,0,1,0\n0,1,0,1\n1,1,0,0\n")
	few := []string{"train", "--data", "rows.csv", "--updates", "3", "--eval", "never", "--device", "cpu", "--threads", "1"}
	mustRun(t, append(few, "--lateral", "--out", "first")...)
	if out := mustRun(t, append(few, "--init", "first", "--out", "second")...); !strings.Contains(out, "model: 4x0") {
		t.Errorf("the run prints\n%s", out)
	}
	if m, err := openModel("second"); err != nil || !m.Coupled() {
		t.Errorf("the model has no couplings, or %v", err)
	}
}

// TestTrainConfig: a run with the configuration of another makes the same model, flags beside it win, and damage to
// it is an error of one line.
func TestTrainConfig(t *testing.T) {
	t.Chdir(t.TempDir())
	mustRun(t, with(bars, "--epochs", "2", "--l2", "0", "--momentum", "0.5,0.8", "--center=false", "--valid", "0.2", "--seed", "3",
		"--guard", "off", "--out", "a", "--device", "cpu", "--threads", "1")...)
	mustRun(t, "train", "--config", "a", "--out", "b", "--device", "cpu", "--threads", "1")
	wantSameRun(t, "b", "a")
	mustRun(t, "train", "--config", "a/"+fileConfig, "--updates", "1", "--hidden", "7", "--eval", "never", "--out", "c",
		"--device", "cpu", "--threads", "1")
	var a, c runConfig
	for path, config := range map[string]*runConfig{"a": &a, "c": &c} {
		if err := json.Unmarshal(readBytes(t, filepath.Join(path, fileConfig)), config); err != nil {
			t.Fatal(err)
		}
	}
	a.Training.Updates, a.Training.Epochs, a.Training.Hidden, a.Eval, a.Model = 1, 0, 7, "never", "9x7"
	if c.Training != a.Training || c.Eval != a.Eval || c.Model != a.Model {
		t.Errorf("flags beside the configuration make %+v, want %+v", c, a)
	}
	content := readBytes(t, "a/"+fileConfig)
	for old, damage := range map[string]struct{ new, want string }{
		`"l2"`:                 {`"l3"`, `unknown field "l3"`},
		`"algorithm": "pcd"`:   {`"algorithm": "abc"`, "algorithm abc: want "},
		`"learning_rate": 0.1`: {`"learning_rate": -1`, "--learning-rate -1, want"},
		`"seed": 3`:            {`"seed": "x"`, "cannot unmarshal string"},
		`"binarize": "none"`:   {`"binarize": "cut"`, "--binarize cut, want"},
		`"data": {`:            {`"data": {"scale": "x",`, "scale x: want a number"},
		"\n}":                  {"\n}}", "text behind the object"},
	} {
		if !bytes.Contains(content, []byte(old)) {
			t.Fatalf("no %s in\n%s", old, content)
		}
		if err := os.WriteFile("bad.json", bytes.ReplaceAll(content, []byte(old), []byte(damage.new)), 0o600); err != nil {
			t.Fatal(err)
		}
		code, _, lines := executeLines("train", "--config", "bad.json", "--out", "no")
		if code == 0 || len(lines) != 1 || !strings.Contains(lines[0], damage.want) {
			t.Errorf("%s: exit code %d, %q, want one line with %q", damage.new, code, lines, damage.want)
		}
	}
}

// TestConfigOfOtherData: beside --data the files and the array of a configuration are left out, and
// the shares of its rows are kept.
func TestConfigOfOtherData(t *testing.T) {
	t.Chdir(t.TempDir())
	writeText(t, "a.npz", "")
	writeText(t, "config.json", `{"data":{"data":"a.npz","key":"x","test":"0.25","valid":"v.csv","label":"a.npz:y","drop":"id"}}`)
	f := &trainFlags{config: train.DefaultConfig()}
	flags := newTrainCommandOf(f).Flags()
	f.configFile = "config.json"
	if err := flags.Set("data", "b.csv"); err != nil {
		t.Fatal(err)
	}
	if err := f.takeConfig(flags); err != nil {
		t.Fatal(err)
	}
	d := f.data
	if d.spec != "b.csv" || d.key != "" || d.test != "0.25" || d.valid != "" || d.columns.Label != "" || d.columns.Drop != "id" {
		t.Errorf("the flags are %+v", d)
	}
}

// TestTimeLimit ends the training, not the run: the model is evaluated, and resuming goes on to the
// same end as without a limit.
func TestTimeLimit(t *testing.T) {
	t.Chdir(t.TempDir())
	flags := with(bars, "--updates", "20", "--device", "cpu", "--threads", "1")
	mustRun(t, with(flags, "--out", "whole")...)
	out := mustRun(t, with(flags, "--out", "in parts", "--time-limit", "1ns")...)
	for _, want := range []string{"the time limit of 1ns ended the training after update 0 of 20; go on with: harmonium " +
		"train --resume 'in parts'\n", "test log-likelihood: "} {
		if !strings.Contains(out, want) {
			t.Errorf("it prints\n%swant %q", out, want)
		}
	}
	mustRun(t, "train", "--resume", "in parts", "--device", "cpu", "--threads", "1")
	wantSameRun(t, "in parts", "whole")
}

// TestResumeChanges: the learning rate, the patience and the cadence of estimates of a resumed run
// may change, and patience counts from there. With its tiny rate the model hardly changes, so that patience ends the run
// long before its 200 epochs.
func TestResumeChanges(t *testing.T) {
	t.Chdir(t.TempDir())
	mustRun(t, with(bars, "--valid", "0.2", "--epochs", "4", "--online-every", "1", "--eval", "never", "--out", "run",
		"--device", "cpu", "--threads", "1")...)
	made := updatesMade(mustOpen(t, "run").Model)
	out := mustRun(t, "train", "--resume", "run", "--epochs", "200", "--patience", "2", "--online-every", "2",
		"--learning-rate", "0.000001", "--eval", "never", "--device", "cpu", "--threads", "1")
	m := mustOpen(t, "run")
	if m.Provenance["learning_rate"] != "0.000001" || m.Provenance[keyPatience] != "2" || m.Provenance[keyOnlineEvery] != "2" ||
		m.Provenance[keyPatienceFrom] == "" {
		t.Errorf("provenance %v", m.Provenance)
	}
	best, err := rbm.LoadModel("run/" + fileBest)
	if err != nil || updatesMade(best) < made || !strings.Contains(out, "best model: after update ") {
		t.Errorf("the best model is of update %d, %v, want one from update %d on; it prints\n%s", updatesMade(best), err, made, out)
	}
	ended, last := updatesMade(m.Model), 200*made/4 // made are the updates of 4 of 200 epochs
	if ended <= made || ended >= last {
		t.Errorf("the run ended after update %d, want that between %d and %d", ended, made, last)
	}
	out = mustRun(t, "train", "--resume", "run", "--eval", "never", "--device", "cpu", "--threads", "1")
	if want := "nothing is left to train: patience ended the run after update "; !strings.Contains(out, want) {
		t.Errorf("it prints\n%swant %q", out, want)
	}
}

// mustOpen opens the model of an argument.
func mustOpen(t *testing.T, argument string) modelArgument {
	t.Helper()
	m, err := openModel(argument)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
