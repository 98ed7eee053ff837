//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"
)

// TestFaults: 32 runs in a row have all faults.
func TestFaults(t *testing.T) {
	for _, first := range []int{0, 32, 5} {
		seen := map[fault]bool{}
		for i := range 32 {
			seen[faultOf(first+i)] = true
		}
		if want := len(moments) * ranks * 2; len(seen) != want {
			t.Errorf("from run %d on: %d faults, want %d", first, len(seen), want)
		}
	}
}

// TestProcesses: processes are found by a line of their environment and by their rank, and not after their end.
func TestProcesses(t *testing.T) {
	name := fmt.Sprint("test", os.Getpid())
	var all []*exec.Cmd
	for rank := range 2 {
		cmd := exec.Command("sleep", "60")
		cmd.Env = append(os.Environ(), marker(name), fmt.Sprintf("%s=%d", ranked[rank], rank))
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		all = append(all, cmd)
	}
	find := func(rank int) []process {
		found, err := processes(marker(name), rank)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	for deadline := time.Now().Add(10 * time.Second); len(find(1)) == 0 && time.Now().Before(deadline); {
		time.Sleep(poll) // until it has its environment
	}
	if found := find(1); len(found) != 1 || found[0].id != all[1].Process.Pid {
		t.Errorf("rank 1 is %v, want process %d", found, all[1].Process.Pid)
	}
	if found := find(-1); len(found) != 2 {
		t.Errorf("processes %v, want both", found)
	}
	(&harness{}).clear(name)
	for _, cmd := range all {
		if err := cmd.Wait(); err == nil {
			t.Error("a process was not killed")
		}
	}
	if found := find(-1); len(found) != 0 {
		t.Errorf("processes %v are left, want none", found)
	}
}

// TestAwaitEndedRun: a run that has ended before its process is found has escaped its fault.
func TestAwaitEndedRun(t *testing.T) {
	ended := make(chan error, 1)
	ended <- nil
	_, err := (&harness{}).await(fmt.Sprint("ended", os.Getpid()), t.TempDir(), fault{moment: "start"}, ended)
	if !errors.Is(err, errEscaped) {
		t.Errorf("got error %v, want %v", err, errEscaped)
	}
}

// TestLauncher names what is missing.
func TestLauncher(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := launcher(); err == nil {
		t.Error("there is no mpirun, but it was found")
	}
}
