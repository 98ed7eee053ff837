package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"harmonium/rbm/train"
)

// bars are flags of a run that takes milliseconds.
var bars = []string{"train", "--data", "bars-and-stripes:3", "--hidden", "5", "--algorithm", "pcd", "--batch-size", "6"}

// with returns the flags with more flags appended.
func with(flags []string, more ...string) []string { return append(slices.Clone(flags), more...) }

// tensors returns the bytes of all tensors in a safetensors file. They follow the header,
// whose length is in the first eight bytes.
func tensors(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content[8+binary.LittleEndian.Uint64(content):]
}

// wantSameRun requires that two runs have the same models, checkpoints, pictures and metrics.
func wantSameRun(t *testing.T, got, want string) {
	t.Helper()
	for _, name := range []string{fileModel, fileCheckpoint} {
		if !bytes.Equal(tensors(t, filepath.Join(got, name)), tensors(t, filepath.Join(want, name))) {
			t.Errorf("%s: runs %s and %s have different tensors", name, got, want)
		}
	}
	for _, name := range []string{fileFilters, fileSamples} {
		if !bytes.Equal(readBytes(t, filepath.Join(got, name)), readBytes(t, filepath.Join(want, name))) {
			t.Errorf("%s differs between runs %s and %s", name, got, want)
		}
	}
	if g, w := metricRecords(t, got), metricRecords(t, want); !slices.Equal(g, w) {
		t.Errorf("%s of run %s:\n%s\nand of run %s:\n%s", fileMetrics, got, strings.Join(g, "\n"), want, strings.Join(w, "\n"))
	}
}

// readBytes returns the content of a file.
func readBytes(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// metricRecords returns the metrics of a run, a text for each record. They hold no times and do not depend on the machine.
func metricRecords(t *testing.T, folder string) []string {
	t.Helper()
	var lines []string
	for line := range strings.Lines(string(readBytes(t, filepath.Join(folder, fileMetrics)))) {
		var record map[string]any
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatalf("%s: %q: %v", folder, line, err)
		}
		lines = append(lines, fmt.Sprint(record))
	}
	return lines
}

// TestTrainLearnsBarsAndStripes: a run of seconds has nearly the best possible log-likelihood of the 32 rows, -3.379:
// 28 patterns once and two constants twice give -(28·ln 32 + 4·ln 16)/32. With these flags the seeds 1 to 16 have a mean
// of -3.489 with a deviation of 0.011. A correct change of the arithmetic leads to another run, which falls below -3.55,
// over five deviations lower, with a probability below 1e-6.
func TestTrainLearnsBarsAndStripes(t *testing.T) {
	slow(t)
	t.Chdir(t.TempDir())
	var result struct {
		Method   string
		Rows     int
		LogL     float64 `json:"log_likelihood"`
		Out      string
		Binarize string
	}
	out := mustRun(t, "train", "--data", "bars-and-stripes:4", "--hidden", "24", "--algorithm", "pcd", "--updates", "5000", "-k", "5",
		"--chains", "300", "--batch-size", "32", "--learning-rate", "0.1", "--l2", "0", "--device", "cpu", "--out", "run", "--json")
	if err := json.Unmarshal([]byte(out), &result); err != nil {
		t.Fatalf("%q: %v", out, err)
	}
	if result.Method != "exact" || result.Rows != 32 || result.Out != "run" || result.Binarize != "none" {
		t.Errorf("got %+v, want exact, 32 rows, in run, binarization none", result)
	}
	best := -(28*math.Log(32) + 4*math.Log(16)) / 32
	if result.LogL < -3.55 || result.LogL > best {
		t.Errorf("log-likelihood %v, want between -3.55 and %v", result.LogL, best)
	}
}

// TestResumeAfterSignal: a run of 50 epochs of 47 updates that each signal ends after its 15th epoch, and that is resumed
// on another number of threads, gives the same as a whole run. Checkpoints are 100 updates apart, so that the last one
// before the 705 updates of 15 epochs is of update 700 at least; the run has 2350.
func TestResumeAfterSignal(t *testing.T) {
	slow(t)
	folder := t.TempDir()
	t.Chdir(folder)
	flags := []string{"train", "--data", "bars-and-stripes:8", "--hidden", "25", "--batch-size", "10", "--valid", "0.1",
		"--epochs", "50", "--momentum", "0.5,0.9", "--momentum-epochs", "25", "--algorithm", "pcd", "--eval", "never",
		"--checkpoint-every", "100", "--device", "cpu"}
	mustRun(t, with(flags, "--out", "whole", "--threads", "2")...)
	for _, c := range []struct {
		signal syscall.Signal
		code   int
	}{
		{syscall.SIGKILL, -1},
		{syscall.SIGINT, exitInterrupted},
		{syscall.SIGTERM, exitInterrupted},
	} {
		out := c.signal.String()
		command, stdout, stderr := process(t, with(flags, "--out", out, "--threads", "1")...)
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan struct{})
		go func() {
			command.Wait()
			close(ended)
		}()
		waitForEpochs(t, filepath.Join(out, fileMetrics), 15, ended)
		if err := command.Process.Signal(c.signal); err != nil {
			t.Fatal(err)
		}
		<-ended
		if got := command.ProcessState.ExitCode(); got != c.code {
			t.Errorf("%v: exit code %d, want %d; it printed:\n%s%s", c.signal, got, c.code, stdout, stderr)
		}
		advice := "go on with: harmonium train --resume " + out + "\n"
		if c.code == exitInterrupted && !strings.HasSuffix(stderr.String(), advice) {
			t.Errorf("%v: standard error:\n%swant %q at its end", c.signal, stderr, advice)
		}
		checkpoint, err := train.LoadCheckpoint(filepath.Join(out, fileCheckpoint))
		if err != nil {
			t.Fatal(err)
		}
		if got := checkpoint.Update; got < 700 || got >= 2350 {
			t.Errorf("%v: the checkpoint is of update %d, want one in the midst of the run", c.signal, got)
		}
		mustRun(t, "train", "--resume", out, "--threads", "2", "--device", "cpu")
		wantSameRun(t, out, "whole")
	}
}

// waitForEpochs returns when a run has recorded n epochs, however long it takes them. The test
// fails if the run ends before.
func waitForEpochs(t *testing.T, path string, epochs int, ended <-chan struct{}) {
	t.Helper()
	for {
		content, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		if bytes.Count(content, []byte("\n")) >= epochs {
			return
		}
		select {
		case <-ended:
			t.Fatalf("%s: the run ended before epoch %d", path, epochs)
		case <-time.After(time.Millisecond):
		}
	}
}

// TestResumeExtends: a run of two epochs that is resumed into the third and then to the fifth equals one of five epochs,
// and resuming it at its end changes nothing.
func TestResumeExtends(t *testing.T) {
	t.Chdir(t.TempDir())
	// A constant rate does not depend on the length of the run.
	flags := with(bars, "--schedule", "constant")
	mustRun(t, with(flags, "--epochs", "5", "--out", "whole")...)
	mustRun(t, with(flags, "--epochs", "2", "--out", "parts", "--eval", "never")...)
	mustRun(t, "train", "--resume", "parts", "--updates", "7") // in the middle of the third epoch
	refuses(t, exitUsage, "the run has made 7", "train", "--resume", "parts", "--epochs", "2")
	mustRun(t, "train", "--resume", "parts/"+fileCheckpoint, "--epochs", "5", "--eval", "end")
	for _, name := range []string{fileModel, fileCheckpoint} {
		if !bytes.Equal(tensors(t, "parts/"+name), tensors(t, "whole/"+name)) {
			t.Errorf("%s: the extended and the uninterrupted run have different tensors", name)
		}
	}
	var config runConfig
	if err := json.Unmarshal(readBytes(t, "parts/"+fileConfig), &config); err != nil {
		t.Fatal(err)
	}
	if config.Training.Epochs != 5 || config.Eval != "end" {
		t.Errorf("config.json: %d epochs and eval %s, want 5 and end", config.Training.Epochs, config.Eval)
	}
	before := tensors(t, "parts/"+fileModel)
	out := mustRun(t, "train", "--resume", "parts")
	if !strings.Contains(out, "15 updates, all of them made before\n") || !strings.Contains(out, "test log-likelihood: ") {
		t.Errorf("resumed once finished, it prints:\n%s", out)
	}
	if !bytes.Equal(tensors(t, "parts/"+fileModel), before) {
		t.Error("resuming a finished run changed the model")
	}
}

// TestResumeRefuses: --resume takes a run folder or its checkpoint, and beside it only flags that change no update made.
func TestResumeRefuses(t *testing.T) {
	t.Chdir(t.TempDir())
	mustRun(t, with(bars, "--epochs", "1", "--out", "run")...)
	refuses(t, exitFailure, "absent: no such file", "train", "--resume", "absent")
	refuses(t, exitUsage, fileCheckpoint, "train", "--resume", "run/"+fileModel)
	refuses(t, exitUsage, "--epochs and --updates", "train", "--resume", "run", "--epochs", "3", "--updates", "3")
	refuses(t, exitUsage, "--epochs 0, want", "train", "--resume", "run", "--epochs", "0")
	for _, flag := range []string{
		"--binarize=none", "--hidden=3", "--algorithm=cd", "-k=2", "--chains=3", "--temperatures=3", "--batch-size=3",
		"--schedule=cosine", "--hold=0.1", "--fast-rate=1", "--optimizer=adam", "--momentum=0.5", "--momentum-epochs=1",
		"--l1=1", "--l2=1", "--sparsity=0.1", "--sparsity-cost=1", "--center=false", "--seed=2", "--out=x", "--force",
	} {
		name, _, _ := strings.Cut(flag, "=")
		if name == "-k" {
			name = "--gibbs-steps"
		}
		refuses(t, exitUsage, name+" beside --resume", "train", "--resume", "run", flag)
	}
	if err := os.Mkdir("empty", 0o777); err != nil {
		t.Fatal(err)
	}
	refuses(t, exitFailure, "empty has no "+fileCheckpoint, "train", "--resume", "empty")
	writeText(t, "empty/"+fileConfig, "{}") // a run that was killed before its first checkpoint
	refuses(t, exitFailure, "empty is not empty, and holds no run that could go on; --force", with(bars, "--out", "empty")...)
}

// TestResumeOpensTheSameFiles: a resumed run finds its data from another folder, or where flags say that they have moved,
// and refuses data that have changed.
func TestResumeOpensTheSameFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	writeText(t, "rows.csv", "0,1\n1,0\n1,1\n0,0\n")
	writeText(t, "test.csv", "1,1\n")
	flags := []string{"train", "--data", "rows.csv", "--test", "test.csv", "--valid", "0.25", "--hidden", "2", "--seed", "7"}
	mustRun(t, with(flags, "--epochs", "4", "--schedule", "constant", "--out", "whole")...)
	mustRun(t, with(flags, "--epochs", "2", "--schedule", "constant", "--out", "parts")...)
	t.Chdir("parts")
	mustRun(t, "train", "--resume", ".", "--epochs", "4")
	t.Chdir("..")
	wantSameModel(t, "parts", "whole")
	if out := mustRun(t, "eval", "parts/"+fileModel, "--split", "valid"); !strings.Contains(out, "rows: 1 of ") {
		t.Errorf("eval does not find the validation row again:\n%s", out)
	}
	for _, name := range []string{"rows.csv", "test.csv"} {
		same := string(readBytes(t, name))
		writeText(t, name, strings.Replace(same, "1", "0", 1))
		refuses(t, exitFailure, "SHA-256", "train", "--resume", "parts", "--epochs", "5")
		refuses(t, exitFailure, "rows have changed since the run: SHA-256 ", "eval", "parts")
		mustRun(t, "eval", "parts", "--data", "rows.csv", "--test", "test.csv") // as they are
		writeText(t, name, same)
	}
	for _, name := range []string{"rows.csv", "test.csv"} {
		if err := os.Rename(name, "moved-"+name); err != nil {
			t.Fatal(err)
		}
	}
	refuses(t, exitFailure, "rows.csv: no such file", "train", "--resume", "parts", "--epochs", "5")
	writeText(t, "other.csv", "0,0\n")
	refuses(t, exitFailure, "the test rows have SHA-256 ",
		"train", "--resume", "parts", "--epochs", "5", "--data", "moved-rows.csv", "--test", "other.csv")
	mustRun(t, "train", "--resume", "parts", "--epochs", "5", "--data", "moved-rows.csv", "--test", "moved-test.csv")
	mustRun(t, "train", "--resume", "parts", "--epochs", "6") // from where they are
}

// wantSameModel requires that two runs have models of the same tensors.
func wantSameModel(t *testing.T, got, want string) {
	t.Helper()
	if !bytes.Equal(tensors(t, filepath.Join(got, fileModel)), tensors(t, filepath.Join(want, fileModel))) {
		t.Errorf("runs %s and %s have different models", got, want)
	}
}

// writeText writes a file.
func writeText(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestTrainKeepsWhatIsThere: a new run needs --force to write into a folder with a run, replaces only a run's files, and
// leaves all files if it is refused.
func TestTrainKeepsWhatIsThere(t *testing.T) {
	t.Chdir(t.TempDir())
	mustRun(t, with(bars, "--epochs", "2", "--out", "run")...)
	writeText(t, "run/notes.txt", "mine")
	before := readBytes(t, "run/"+fileCheckpoint)
	refuses(t, exitFailure, "--resume", with(bars, "--out", "run")...)
	refuses(t, exitFailure, "absent", "train", "--data", "absent", "--out", "run", "--force")
	refuses(t, exitUsage, "--hidden 0, want", with(bars, "--hidden", "0", "--out", "run", "--force")...)
	if !bytes.Equal(readBytes(t, "run/"+fileCheckpoint), before) {
		t.Error("a refused command changed the checkpoint")
	}
	mustRun(t, with(bars, "--epochs", "1", "--out", "run", "--force", "--eval", "never")...)
	if got := string(readBytes(t, "run/notes.txt")); got != "mine" {
		t.Errorf("--force made the notes %q", got)
	}
	if lines := metricRecords(t, "run"); len(lines) != 1 {
		t.Errorf("--force left %d epochs in the metrics, want 1", len(lines))
	}
	refuses(t, exitFailure, "run/notes.txt", with(bars, "--out", "run/notes.txt")...)
	refuses(t, exitFailure, "run/notes.txt", with(bars, "--out", "run/notes.txt/x")...)
}

// TestTrainStopsAtNaN: a learning rate of 1e38 overflows float32. The run ends with the update and the element, suggests
// half the rate, and leaves a checkpoint from before.
func TestTrainStopsAtNaN(t *testing.T) {
	t.Chdir(t.TempDir())
	flags := with(bars, "--epochs", "9", "--learning-rate", "1e38", "--out", "run", "--schedule", "constant",
		"--checkpoint-every", "1")
	code, _, stderr := executeLines(flags...)
	last := stderr[len(stderr)-1]
	advice := "a lower learning rate may help: harmonium train --resume run --learning-rate 5e+37"
	if code != exitFailure {
		t.Errorf("exit code %d, want 1", code)
	}
	if !strings.Contains(last, "harmonium: train: update ") || !strings.Contains(last, "element [") || !strings.HasSuffix(last, advice) {
		t.Errorf("last line %q, want the update, the element and %q", last, advice)
	}
	if _, err := train.LoadCheckpoint("run/" + fileCheckpoint); err != nil {
		t.Errorf("the last good checkpoint: %v", err)
	}
}

// TestTrainReportsFullDisk: a run that cannot write config.json says so and leaves the checkpoint.
func TestTrainReportsFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full here")
	}
	t.Chdir(t.TempDir())
	mustRun(t, with(bars, "--epochs", "2", "--out", "run")...)
	before := readBytes(t, "run/"+fileCheckpoint)
	if err := os.Remove("run/" + fileConfig); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/full", "run/"+fileConfig); err != nil {
		t.Fatal(err)
	}
	refuses(t, exitFailure, "config.json: no space left on device", "train", "--resume", "run", "--epochs", "3")
	if !bytes.Equal(readBytes(t, "run/"+fileCheckpoint), before) {
		t.Error("the checkpoint has changed")
	}
}

// TestTrainEvaluatesOnRequest: --eval decides in which epochs the metrics have an evaluation.
func TestTrainEvaluatesOnRequest(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, c := range []struct {
		eval string
		want []bool // whether an epoch has a likelihood
	}{
		{"never", []bool{false, false, false, false, false}},
		{"end", []bool{false, false, false, false, true}},
		{"2", []bool{false, true, false, true, true}},
	} {
		mustRun(t, with(bars, "--epochs", "5", "--eval", c.eval, "--out", c.eval)...)
		var got []bool
		for _, line := range metricRecords(t, c.eval) {
			got = append(got, strings.Contains(line, "log_likelihood_high:"))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("--eval %s: epochs with a likelihood %v, want %v", c.eval, got, c.want)
		}
	}
}

// TestTrainWarns: a warning of the run is a line of its own, and is in the metrics. The learning rate 10000 is so high
// that trajectory tempering warns, and 0.05 is not.
func TestTrainWarns(t *testing.T) {
	slow(t)
	out := filepath.Join(t.TempDir(), "run")
	for rate, want := range map[string]bool{"0.05": false, "10000": true} {
		code, _, lines := executeLines("train", "--data", "bars-and-stripes:3", "--hidden", "6", "--algorithm", "ptt",
			"--batch-size", "7", "--learning-rate", rate, "--schedule", "constant", "--updates", "60", "--eval", "never",
			"--guard", "off", "--out", out+rate)
		stderr := strings.Join(lines, "\n")
		if code != 0 {
			t.Fatalf("learning rate %s: exit code %d, want 0; standard error:\n%s", rate, code, stderr)
		}
		const warning = "the run may stall"
		if got := strings.Contains(stderr, "warning: the learning rate was reduced to"); got != want {
			t.Errorf("learning rate %s: a warning is %v, want %v:\n%s", rate, got, want, stderr)
		}
		if got := bytes.Contains(readBytes(t, filepath.Join(out+rate, fileMetrics)), []byte(warning)); got != want {
			t.Errorf("learning rate %s: a warning in %s is %v, want %v", rate, fileMetrics, got, want)
		}
	}
}

// TestTrainThinsMetrics: after the hundredth epoch a run trains on at least 40 rows for each row that it monitors. It
// monitors all of 16 rows, so that it records only every fortieth epoch, and the last. Neither --online-every nor --guard makes estimates, whose
// epochs would be recorded too.
func TestTrainThinsMetrics(t *testing.T) {
	t.Chdir(t.TempDir())
	mustRun(t, with(bars, "--chains", "6", "--epochs", "170", "--eval", "never", "--guard", "off", "--online-every", "1000",
		"--out", "run")...)
	var got, want []string
	for _, line := range metricRecords(t, "run") {
		_, rest, _ := strings.Cut(line, "epoch:")
		epoch, _, _ := strings.Cut(rest, " ")
		got = append(got, epoch)
	}
	for epoch := 1; epoch <= 100; epoch++ {
		want = append(want, fmt.Sprint(epoch))
	}
	if want = append(want, "120", "160", "170"); !slices.Equal(got, want) {
		t.Errorf("recorded epochs %v, want %v", got, want)
	}
}

// TestTrainNamesTheSplit: a run without test rows is evaluated on validation rows, else on training rows, and names them.
func TestTrainNamesTheSplit(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, file := range []string{"rows.csv", "others.csv"} {
		writeText(t, file, "0,1\n1,0\n1,1\n0,0\n")
	}
	flags := []string{"train", "--data", "rows.csv", "--hidden", "2", "--epochs", "1"}
	for _, c := range []struct {
		flags []string
		want  string
	}{
		{nil, "train log-likelihood: "},
		{[]string{"--valid", "0.5"}, "valid log-likelihood: "},
		{[]string{"--valid", "0.5", "--test", "others.csv"}, "test log-likelihood: "},
	} {
		if out := mustRun(t, with(flags, with(c.flags, "--out", t.TempDir())...)...); !strings.Contains(out, c.want) {
			t.Errorf("%q prints:\n%swant %q", c.flags, out, c.want)
		}
	}
}

// TestMomentum: the flag takes one momentum for all epochs, or an initial and a final one, and prints what it was given.
func TestMomentum(t *testing.T) {
	for _, c := range []struct {
		text           string
		initial, final float64
		printed        string
	}{
		{"0", 0, 0, "0"},
		{"0.5", 0.5, 0.5, "0.5"},
		{"0.5,0.9", 0.5, 0.9, "0.5,0.9"},
	} {
		var initial, final float64
		m := momentum{&initial, &final}
		if err := m.Set(c.text); err != nil || initial != c.initial || final != c.final || m.String() != c.printed {
			t.Errorf("%q: %v, %v as %q, %v, want %v, %v as %q", c.text, initial, final, m, err, c.initial, c.final, c.printed)
		}
	}
}
