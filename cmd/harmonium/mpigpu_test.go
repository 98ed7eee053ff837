//go:build mpi && gpu

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// onGPUs returns the command on several processes of mpirun, on a simulator of the given number of GPUs. It has a
// stand-in for NCCL 2.14.0 only if nccl.
func onGPUs(t *testing.T, processes, gpus int, nccl bool, args ...string) (cmd *exec.Cmd, stderr *bytes.Buffer) {
	t.Helper()
	build := os.Getenv("CUDASIM_BUILD")
	if build == "" {
		t.Skip("not under kernels/cudasim/run")
	}
	cmd, stderr = onMPI(t, processes, args...)
	cmd.Env = append(cmd.Env, fmt.Sprintf("CUDASIM_DEVICES=%d", gpus))
	if nccl {
		cmd.Env = append(cmd.Env, "LD_LIBRARY_PATH="+filepath.Join(build, "nccl")+":"+os.Getenv("LD_LIBRARY_PATH"))
	}
	return cmd, stderr
}

// TestMPIOnGPUsMakesTheSameRun: a run with four shards has the same files on one GPU, and on two and four, whose sums go
// by NCCL or through pinned memory. The first lines say which. Four ranks scatter sums of 4096 numbers or more, and
// there are 16·300 weights.
func TestMPIOnGPUsMakesTheSameRun(t *testing.T) {
	t.Chdir(t.TempDir())
	settings := strings.Fields("train --data bars-and-stripes:4 --algorithm pcd --center --momentum 0.5 --hidden 300 " +
		"--shards 4 --updates 8 --seed 3 --eval never --device cuda")
	mustRun(t, with(settings, "--out", "one")...)
	for _, tc := range []struct {
		processes, gpus int
		nccl            bool
		want            string
	}{
		{2, 2, true, "2 ranks by NCCL 2.14.0 and "},
		{2, 2, false, `2 ranks through pinned memory and .*, as NCCL cannot connect them: rank 0 on .*: no libnccl\.so\.2`},
		{4, 4, true, "4 ranks by NCCL 2.14.0 and "},
		{4, 2, true, "4 ranks through pinned memory and .*, as NCCL cannot connect them: ranks 0 and 2 share a GPU of "},
	} {
		folder := fmt.Sprintf("on-%d-of-%d-%v", tc.processes, tc.gpus, tc.nccl)
		cmd, stderr := onGPUs(t, tc.processes, tc.gpus, tc.nccl, with(settings, "--out", folder)...)
		if err := cmd.Run(); err != nil {
			t.Fatalf("%s: %v; standard error:\n%s", folder, err, stderr)
		}
		first := regexp.MustCompile(`(?m)^device: cuda \(CUDA simulator, .*` + tc.want)
		if out := cmd.Stdout.(*bytes.Buffer).String(); !first.MatchString(out) {
			t.Errorf("%s: the first lines do not say %q:\n%s", folder, tc.want, out)
		}
		for _, name := range []string{fileModel, fileCheckpoint, fileMetrics, fileSamples} {
			got, err := os.ReadFile(filepath.Join(folder, name))
			want, failed := os.ReadFile(filepath.Join("one", name))
			if err != nil || failed != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: %s differs from the one of one GPU (%v, %v)", folder, name, err, failed)
			}
		}
	}
}

// TestMPIOnGPUsEndsWithALostRank: where a process is stopped while the others wait for it in NCCL, the run ends within the
// timeout, and where NCCL loses the connection it ends; both with one line.
func TestMPIOnGPUsEndsWithALostRank(t *testing.T) {
	slow(t)
	t.Chdir(t.TempDir())
	settings := strings.Fields("train --data bars-and-stripes:4 --algorithm pcd --hidden 8 --shards 2 --updates " +
		"100000000 --timeout 5s --device cuda")
	for _, tc := range []struct {
		fault string
		code  int
		want  string
	}{
		{"stopped", exitLost, "^harmonium: rank 1 on .* has been silent for "},
		{"lost", exitFailure, "^harmonium: train: update [0-9]+: engine: NCCL: the connection of the GPUs .*: remote " +
			"process exited or there was a network error$"},
	} {
		cmd, stderr := onGPUs(t, 2, 2, true, with(settings, "--out", tc.fault)...)
		// kernels/cudasim/run would check the counts of these processes, whose end leaves memory on the GPU.
		cmd.Env = append(cmd.Env, "CUDASIM_COUNTS=")
		if tc.fault == "lost" {
			cmd.Env = append(cmd.Env, "CUDASIM_NCCL_LOSES=60") // after 60 exchanges, 30 of them of a measurement before the run
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		var start time.Time
		if tc.fault == "stopped" {
			waitForEpochs(t, filepath.Join(tc.fault, fileMetrics), 3, nil)
			if err := syscall.Kill(childOf(t, cmd.Process.Pid, "OMPI_COMM_WORLD_RANK=1"), syscall.SIGSTOP); err != nil {
				t.Fatal(err)
			}
			start = time.Now()
		}
		err := cmd.Wait()
		if took := time.Since(start); tc.fault == "stopped" && took > 5*time.Second {
			t.Errorf("the run ended %v after its fault, want at most the timeout of 5s", took)
		}
		said := regexp.MustCompile("(?m)^harmonium: .*$").FindAllString(stderr.String(), -1)
		if code := cmd.ProcessState.ExitCode(); code != tc.code || len(said) != 1 || !regexp.MustCompile(tc.want).MatchString(said[0]) {
			t.Errorf("%s: exit code %d (%v) and %q, want %d and one line %q; standard error:\n%s", tc.fault, code, err, said,
				tc.code, tc.want, stderr)
		}
	}
}
