package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestReportError: an error is one line on standard error, and decides on the exit code.
func TestReportError(t *testing.T) {
	for _, c := range []struct {
		err  error
		code int
		text string
	}{
		{nil, 0, ""},
		{errors.New("one\ntwo"), 1, "harmonium: one two\n"},
		{usagef("--x %d", 3), 2, "harmonium: --x 3\n"},
		{fmt.Errorf("wrapped: %w", usagef("bad")), 2, "harmonium: wrapped: bad\n"},
		{fmt.Errorf("eval: %w", context.Canceled), 130, "harmonium: eval: interrupted\n"},
	} {
		var b strings.Builder
		if code := reportError(&b, c.err); code != c.code || b.String() != c.text {
			t.Errorf("reportError(%v) = %d and %q, want %d and %q", c.err, code, b.String(), c.code, c.text)
		}
	}
}

// TestHelp: every command has a help, and harmonium alone lists the commands.
func TestHelp(t *testing.T) {
	for _, command := range newRootCommand().Commands() {
		name := command.Name()
		if help := mustRun(t, name, "--help"); !strings.Contains(help, "Usage:") {
			t.Errorf("%s --help has no usage:\n%s", name, help)
		}
	}
	if got := mustRun(t); !strings.Contains(got, "train") {
		t.Errorf("without arguments: no train command in the help:\n%s", got)
	}
	if got := mustRun(t, "--version"); !strings.HasPrefix(got, "harmonium version ") {
		t.Errorf("--version prints %q", got)
	}
}

// TestUsage: mistakes in a call are refused with exit code 2 and a line that names the flag or the command, and leave no
// file.
func TestUsage(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, c := range []struct {
		args string
		text string
	}{
		{"bogus", `unknown command "bogus"`},
		{"--bogus", "unknown flag: --bogus"},
		{"train --bogus", "unknown flag: --bogus"},
		{"train x", "train: 1 arguments, want none"},
		{"train --hidden", "flag needs an argument: --hidden"},
		{"train --hidden x", "--hidden x, want a whole number"},
		{"train --hidden 0", "harmonium: --hidden 0, want at least 1"},
		{"train --hidden 3000000", "--hidden: weights of 784 x 3000000 values, want at most 2147483647"},
		{"train --algorithm x", "--algorithm x, want"},
		{"train --algorithm cd --chains 3", "--chains 3, want"},
		{"train --chains -1", "--chains -1, want"},
		{"train --shards 0", "--shards 0, want"},
		{"train --shards 12", "--shards 12, want a power of two"},
		{"train --chains 3000000", "--chains: chains of 3000000 x 784 values, want at most 2147483647"},
		{"train --temperatures 3", "--temperatures 3, want"},
		{"train --algorithm pt --temperatures 1", "--temperatures 1, want"},
		{"train --updates 99999999999999999999", "--updates 99999999999999999999, want a whole number of 64 bits"},
		{"eval m --time-limit x", "--time-limit x, want a duration"},
		{"train -k x", "--gibbs-steps x, want a whole number"},
		{"train -k 0", "--gibbs-steps 0, want"},
		{"train --batch-size 0", "--batch-size 0, want"},
		{"train --epochs 0", "--epochs 0, want"},
		{"train --updates -1", "--updates -1, want"},
		{"train --epochs 1 --updates 1", "--epochs and --updates"},
		{"train --learning-rate 0", "--learning-rate 0, want"},
		{"train --learning-rate NaN", "--learning-rate NaN, want"},
		{"train --learning-rate Inf", "--learning-rate +Inf, want"},
		{"train --schedule x", "--schedule x, want"},
		{"train --hold 1", "--hold 1, want"},
		{"train --schedule inverse --hold 0", "--hold 0, want"},
		{"train --optimizer x", "--optimizer x, want"},
		{"train --optimizer nesterov", "--momentum 0, want"},
		{"train --fast-rate 0.1", "--fast-rate 0.1, want"},
		{"train --algorithm fpcd --fast-rate -1", "--fast-rate -1, want"},
		{"train --momentum x", "--momentum x, want INITIAL or"},
		{"train --momentum 0.5,", "--momentum 0.5,, want INITIAL or"},
		{"train --momentum 1", "--momentum 1, want"},
		{"train --momentum 0.5,-1", "--momentum -1, want"},
		{"train --momentum-epochs -1", "--momentum-epochs -1, want"},
		{"train --l1 -1", "--l1 -1, want"},
		{"train --l2 Inf", "--l2 +Inf, want"},
		{"train --sparsity 1", "--sparsity 1, want"},
		{"train --sparsity-cost 1", "--sparsity-cost 1, want"},
		{"train --center=x", "--center x, want true or false"},
		{"train --seed -1", "--seed -1, want a whole number of at least 0"},
		{"train --binarize x", "--binarize x, want"},
		{"train --binarize threshold=2", "--binarize threshold=2, want"},
		{"train --valid 1", "--valid 1"},
		{"train --valid NaN", "--valid NaN"},
		{"train --device x", "--device x"},
		{"train --threads -1 --data absent", "--threads -1"},
		{"train --checkpoint-every -1", "--checkpoint-every -1"},
		{"train --online-every -1", "--online-every -1"},
		{"train --patience -1 --valid 0.1", "--patience -1"},
		{"train --patience 3", "--patience 3 without --valid"},
		{"train --resume run --l2 0.1", "--l2 beside --resume"},
		{"train --resume run --init m", "--init beside --resume"},
		{"train --resume run --config c", "--config beside --resume"},
		{"train --recipe features --config c", "--config and --recipe"},
		{"train --time-limit -1s", "--time-limit -1s, want"},
		{"train --resume run --recipe features", "--recipe beside --resume"},
		{"train --recipe x", "--recipe x, want mnist-quick, mnist-fast, mnist-best, features or small-exact"},
		{"train --recipe features --sparsity 2", "--sparsity 2, want"},
		{"train --eval x", "--eval x"},
		{"train --eval 0", "--eval 0"},
		{"eval", "eval: 0 arguments, want MODEL"},
		{"eval a b c", "eval: 3 arguments, want MODEL, or MODEL FILE"},
		{"features a b c", "features: 3 arguments, want MODEL, or MODEL FILE"},
		{"compare", "compare: 0 arguments, want RUN|MODEL..."},
		{"train --seeds 2 --eval never", "--seeds 2 beside --eval never"},
		{"train --seeds 2 --resume run", "--seeds beside --resume"},
		{"train --seeds -1", "--seeds -1, want at least 1"},
		{"eval m --method x", "--method x"},
		{"eval m --runs 1", "--runs 1"},
		{"eval m --betas 1", "--betas 1"},
		{"eval m --betas x", "--betas x"},
		{"eval m --device x", "--device x"},
		{"eval m --threads -1", "--threads -1"},
		{"sample m --threads -1", "--threads -1"},
	} {
		refuses(t, exitUsage, c.text, strings.Fields(c.args)...)
	}
	if entries, _ := os.ReadDir("."); len(entries) > 0 {
		t.Errorf("usage mistakes left %v behind", entries)
	}
}

// fullWriter fails once it has taken as many writes as room.
type fullWriter struct{ room int }

func (f *fullWriter) Write(p []byte) (int, error) {
	if f.room == 0 {
		return 0, errors.New("no room")
	}
	f.room--
	return len(p), nil
}

// TestFullOutput: a command whose standard output takes no write fails and says so; one write is all that it makes.
func TestFullOutput(t *testing.T) {
	for room := range 2 {
		var stderr strings.Builder
		code := run(context.Background(), []string{"--version"}, &fullWriter{room}, &stderr)
		want, line := exitFailure, "harmonium: standard output: no room\n"
		if room > 0 {
			want, line = 0, ""
		}
		if code != want || stderr.String() != line {
			t.Errorf("room for %d writes: exit code %d and %q, want %d and %q", room, code, stderr.String(), want, line)
		}
	}
}
