//go:build mpi

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// onMPI returns the command on several processes of mpirun, as underMPI does, and its standard error.
func onMPI(t *testing.T, processes int, args ...string) (cmd *exec.Cmd, stderr *bytes.Buffer) {
	t.Helper()
	cmd, _, stderr = process(t, args...)
	underMPI(t, cmd, with([]string{"-n", fmt.Sprint(processes), cmd.Path}, args...))
	return cmd, stderr
}

// underMPI replaces the words of a command by mpirun with the given words. It skips the test where there is no mpirun.
// Open MPI needs flags to start more processes than there are cores, and as root.
func underMPI(t *testing.T, cmd *exec.Cmd, words []string) {
	t.Helper()
	mpirun, err := exec.LookPath("mpirun")
	if err != nil {
		t.Skip("there is no mpirun")
	}
	var own []string
	if text, err := exec.Command(mpirun, "--version").Output(); err == nil && strings.Contains(string(text), "Open MPI") {
		own = []string{"--oversubscribe", "--allow-run-as-root"}
	}
	cmd.Path, cmd.Args = mpirun, append(with([]string{mpirun}, own...), words...)
}

// TestMPIMakesTheSameRun: a run of one process, and one that begins on four, goes on on two and ends on four,
// have the same files.
func TestMPIMakesTheSameRun(t *testing.T) {
	t.Chdir(t.TempDir())
	settings := []string{"--data", "bars-and-stripes:4", "--valid", "0.2", "--hidden", "8", "--shards", "4", "--seed", "3",
		"--eval", "never"}
	mustRun(t, with(with([]string{"train"}, settings...), "--updates", "200", "--out", "whole")...)
	for _, stage := range []struct {
		processes int
		args      []string
	}{
		{4, with(with([]string{"train"}, settings...), "--updates", "200", "--time-limit", "1ms", "--out", "parts")},
		{2, []string{"train", "--resume", "parts", "--time-limit", "1ms"}},
		{4, []string{"train", "--resume", "parts"}},
	} {
		cmd, stderr := onMPI(t, stage.processes, stage.args...)
		if err := cmd.Run(); err != nil {
			t.Fatalf("%d processes: %v; standard error:\n%s", stage.processes, err, stderr)
		}
	}
	for _, name := range []string{fileModel, fileCheckpoint, fileMetrics, fileSamples} {
		got, err := os.ReadFile(filepath.Join("parts", name))
		want, failed := os.ReadFile(filepath.Join("whole", name))
		if err != nil || failed != nil || !bytes.Equal(got, want) {
			t.Errorf("%s differs between one process and several (%v, %v)", name, err, failed)
		}
	}
}

// TestMPIMakesTheSameRuns: runs of every algorithm and optimizer, with weights, missing cells, couplings and units of
// several kinds, write the same model, checkpoint, metrics and samples in one process and in four, and some in two.
func TestMPIMakesTheSameRuns(t *testing.T) {
	slow(t)
	t.Chdir(t.TempDir())
	var table strings.Builder
	table.WriteString("a,b,c,d,e,f,w\n") // six columns of states, some of them missing, and weights from 1 to 3
	for n := range 40 {
		for i := range 6 {
			if (n+i)%9 > 0 {
				fmt.Fprint(&table, (n*n+3*i*n)%7&1)
			}
			table.WriteString(",")
		}
		fmt.Fprintf(&table, "%d\n", 1+n%3)
	}
	if err := os.WriteFile("table.csv", []byte(table.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	for i, flags := range []string{
		"--data bars-and-stripes:4 --algorithm cd --optimizer adam --learning-rate 0.01 --center=false --sparsity 0.1",
		"--data table.csv --weight-column w --algorithm fpcd --optimizer nesterov --momentum 0.5,0.9 --chains 8",
		"--data table.csv --weight-column w --algorithm pt --temperatures 3 --hidden-units categorical/4:1,spin:4",
		"--data bars-and-stripes:4 --algorithm ptt --visible spin",
		"--data penguins --algorithm pcd --binarize none",
		"--data bars-and-stripes:4 --lateral --hidden 0 --algorithm pcd",
	} {
		settings := append(strings.Fields("train --updates 200 --shards 4 --batch-size 8 --seed 5 --eval never"),
			strings.Fields(flags)...)
		if !strings.Contains(flags, "--hidden 0") {
			settings = append(settings, "--hidden", "8")
		}
		whole := fmt.Sprint("whole", i)
		mustRun(t, with(settings, "--out", whole)...)
		for _, processes := range []int{2, 4} {
			if processes == 2 && i%3 > 0 { // TestRanksMakeTheSameRun of package train makes such runs on two ranks
				continue
			}
			folder := fmt.Sprint("parts", i, "-", processes)
			cmd, stderr := onMPI(t, processes, with(settings, "--out", folder)...)
			if err := cmd.Run(); err != nil {
				t.Fatalf("%s: %d processes: %v; standard error:\n%s", flags, processes, err, stderr)
			}
			for _, name := range []string{fileModel, fileCheckpoint, fileMetrics, fileSamples} {
				got, err := os.ReadFile(filepath.Join(folder, name))
				want, failed := os.ReadFile(filepath.Join(whole, name))
				if err != nil || failed != nil || !bytes.Equal(got, want) {
					t.Errorf("%s: %s differs between one process and %d (%v, %v)", flags, name, processes, err, failed)
				}
			}
		}
	}
}

// TestMPIPredicts: the first line of a run in several processes predicts an update, and the result has what was
// predicted and what was measured. doctor predicts updates for numbers of processes that can train together.
func TestMPIPredicts(t *testing.T) {
	t.Chdir(t.TempDir())
	cmd, stderr := onMPI(t, 2, "train", "--data", "bars-and-stripes:4", "--hidden", "8", "--shards", "2", "--updates", "20",
		"--eval", "never", "--json", "--out", "run")
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v; standard error:\n%s", err, stderr)
	}
	if !strings.HasPrefix(stderr.String(), "2 ranks: an update should take ") {
		t.Errorf("standard error does not begin with a prediction:\n%s", stderr)
	}
	var result trainResult
	if err := json.Unmarshal(cmd.Stdout.(*bytes.Buffer).Bytes(), &result); err != nil {
		t.Fatal(err)
	}
	if e := result.Exchange; e == nil || e.Ranks != 2 || e.Predicted <= 0 || e.Predicted >= 1 || e.Measured <= 0 || e.Measured >= 1 {
		t.Errorf("exchanges of %+v, want shares of two ranks", e)
	}
	for processes, sizes := range map[int]int{2: len(examined), 3: 0} { // three cannot train together: no power of two
		cmd, stderr := onMPI(t, processes, "doctor", "--json")
		if err := cmd.Run(); err != nil {
			t.Fatalf("%v; standard error:\n%s", err, stderr)
		}
		var d diagnosis
		if err := json.Unmarshal(cmd.Stdout.(*bytes.Buffer).Bytes(), &d); err != nil {
			t.Fatal(err)
		}
		if d.Ranks == nil || d.Ranks.Size != processes || len(d.Ranks.Sizes) != sizes || d.Ranks.Latency <= 0 {
			t.Errorf("%d processes: got %+v, want predictions for %d sizes", processes, d.Ranks, sizes)
		}
	}
}

// TestMPIEndsWithALostRank: a process that is stopped ends the run within the timeout, with a line that
// names it and an exit code of its own.
func TestMPIEndsWithALostRank(t *testing.T) {
	slow(t)
	t.Chdir(t.TempDir())
	cmd, stderr := onMPI(t, 2, "train", "--data", "bars-and-stripes:4", "--hidden", "8", "--shards", "2", "--updates", "100000000",
		"--timeout", "5s", "--out", "run")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	waitForEpochs(t, filepath.Join("run", fileMetrics), 3, nil)
	stopped := childOf(t, cmd.Process.Pid, "OMPI_COMM_WORLD_RANK=1")
	if err := syscall.Kill(stopped, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	err := cmd.Wait()
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("the run ended %v after its fault, want at most the timeout of 5s", took)
	}
	if code := cmd.ProcessState.ExitCode(); code != exitLost || !strings.Contains(stderr.String(), "harmonium: rank 1 on ") {
		t.Errorf("exit code %d (%v), want %d and a line that names rank 1; standard error:\n%s", code, err, exitLost, stderr)
	}
}

// childOf returns the process below a parent that has a line in its environment.
func childOf(t *testing.T, parent int, line string) int {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Skip("there is no /proc")
	}
	for _, e := range entries {
		var pid int
		if _, err := fmt.Sscan(e.Name(), &pid); err != nil {
			continue
		}
		environment, err := os.ReadFile(filepath.Join("/proc", e.Name(), "environ"))
		stat, failed := os.ReadFile(filepath.Join("/proc", e.Name(), "stat"))
		if err != nil || failed != nil || !bytes.Contains(environment, []byte(line+"\x00")) {
			continue
		}
		if fields := strings.Fields(string(stat)); len(fields) > 3 && fields[3] == fmt.Sprint(parent) {
			return pid
		}
	}
	t.Fatalf("no process below %d has %s", parent, line)
	return 0
}
