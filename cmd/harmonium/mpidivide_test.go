//go:build mpi

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestMPIDividesCommands: commands that several processes divide write the bytes of one process, but for times and the
// name of the device.
func TestMPIDividesCommands(t *testing.T) {
	t.Chdir(t.TempDir())
	mustRun(t, "train", "--data", "bars-and-stripes:4", "--hidden", "8", "--updates", "20", "--eval", "never", "--out", "run")
	holes := strings.Repeat(",1,0,1,,0,0,1,,1,,1,0,0,0,1\n1,,,,,,,,,,,,,,,\n", 3)
	if err := os.WriteFile("holes.csv", []byte(holes), 0o666); err != nil {
		t.Fatal(err)
	}
	birds := "size,kind\n"
	for n := range 30 {
		birds += fmt.Sprintf("%d,%c\n", n*n%7, 'a'+n%3)
	}
	if err := os.WriteFile("birds.csv", []byte(birds), 0o666); err != nil {
		t.Fatal(err)
	}
	mustRun(t, "train", "--data", "birds.csv", "--label", "kind", "--label-units", "--schema", "auto", "--bins", "3",
		"--hidden", "4", "--updates", "20", "--eval", "never", "--out", "classes")
	mustRun(t, "train", "--data", "bars-and-stripes:4", "--hidden", "8", "--updates", "20", "--seed", "2", "--out", "other")
	times := regexp.MustCompile(`"(seconds|time|elapsed)[a-z_]*":[^,}]*`)
	for _, tc := range []struct {
		file string // written, beside standard output; empty for none
		args []string
	}{
		{"", []string{"eval", "run", "--json", "--method", "both", "--betas", "auto", "--runs", "6", "--raise", "3"}},
		{"", []string{"eval", "run", "--json", "--method", "exact"}},
		{"scores.npy", []string{"score", "run", "holes.csv", "--json", "--out", "scores.npy"}},
		{"", []string{"score", "run", "--pseudo-likelihood", "--out", "-"}},
		{"", []string{"classify", "classes", "birds.csv", "--out", "-"}},
		{"features.npy", []string{"features", "run", "--json", "--out", "features.npy"}},
		{"", []string{"compare", "run", "other", "--json", "--runs", "6", "--betas", "100", "--method", "ais"}},
		{"errors.csv", []string{"impute", "run", "holes.csv", "--exact", "6", "--errors", "errors.csv"}},
		{"samples.npy", []string{"sample", "run", "-n", "5", "--steps", "7", "--json", "--out", "samples.npy", "--device", "cpu"}},
	} {
		output := func(stdout []byte) string {
			var content []byte
			if tc.file != "" {
				var err error
				if content, err = os.ReadFile(tc.file); err != nil {
					t.Fatal(err)
				}
				os.Remove(tc.file)
			}
			// The last field of an object of sample names the device with its threads, which a rank has fewer of.
			text, _, _ := strings.Cut(times.ReplaceAllString(string(stdout), ""), `"device"`)
			return text + string(content)
		}
		want := output([]byte(mustRun(t, tc.args...)))
		for _, processes := range []int{2, 4} {
			cmd, stderr := onMPI(t, processes, tc.args...)
			if err := cmd.Run(); err != nil {
				t.Fatalf("%q on %d processes: %v; standard error:\n%s", tc.args, processes, err, stderr)
			}
			if got := output(cmd.Stdout.(*bytes.Buffer).Bytes()); got != want {
				t.Errorf("%q on %d processes: got\n%s\nwant\n%s", tc.args, processes, got, want)
			}
		}
	}
}

// TestMPIRefusesInOneLine: where processes cannot make a run together, rank 0 says why in one line.
func TestMPIRefusesInOneLine(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, cell := range map[string]string{"a.csv": "0", "b.csv": "1"} {
		if err := os.WriteFile(name, []byte(strings.Repeat("0,1\n1,0\n", 10)+"1,"+cell+"\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	mustRun(t, "train", "--data", "a.csv", "--hidden", "2", "--updates", "2", "--eval", "never", "--out", "run")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "other")
	if err := os.WriteFile(other, append(program, 0), 0o777); err != nil {
		t.Fatal(err)
	}
	train := "train --data a.csv --hidden 2 --updates 2 --out new --shards "
	for _, tc := range []struct {
		words string
		code  int
		want  string
	}{
		{"-n 3 SELF " + train + "4", exitUsage, "--shards 4, want a multiple of the 3 ranks"},
		{"-n 2 SELF " + train + "32", exitUsage, "--shards 32, want at most 16, as a batch has 21 rows"},
		{"-n 1 SELF " + train + "2 : -n 1 SELF " + strings.Replace(train, "a.csv", "b.csv", 1) + "2", exitFailure,
			"rank 1 on .* has other train rows than rank 0"},
		{"-n 1 SELF " + train + "2 : -n 1 OTHER " + train + "2", exitFailure, "rank 1 on .* runs another build than rank 0"},
		{"-n 1 SELF score run a.csv : -n 1 SELF score run b.csv", exitFailure, "rank 1 on .* has other rows than rank 0"},
		{"-n 1 SELF eval run a.csv : -n 1 SELF eval run none.csv", exitFailure, "rank 1 on .*: dataset: none.csv: no such file"},
		{"-n 1 SELF compare run --data a.csv : -n 1 SELF compare run --data b.csv", exitFailure,
			"rank 1 on .* has other flags than rank 0"},
		{"-n 1 SELF features run a.csv : -n 1 SELF features run b.csv", exitFailure, "rank 1 on .* has other rows than rank 0"},
	} {
		cmd, stdout, stderr := process(t)
		words := strings.NewReplacer("SELF", self, "OTHER", other).Replace(tc.words)
		underMPI(t, cmd, strings.Fields(words))
		cmd.Run()
		said := regexp.MustCompile("(?m)^harmonium: .*$").FindAllString(stderr.String(), -1)
		if len(said) != 1 || !regexp.MustCompile(tc.want).MatchString(said[0]) || cmd.ProcessState.ExitCode() != tc.code {
			t.Errorf("%s: exit code %d and %q, want %d and one line with %q; all:\n%s", tc.words, cmd.ProcessState.ExitCode(), said,
				tc.code, tc.want, fmt.Sprint(stdout, stderr))
		}
	}
}
