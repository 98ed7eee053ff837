//go:build linux

package main

import (
	"fmt"
	"syscall"
)

const ranks = 4 // number of processes of a run with a fault

// fault is a signal that one process of a run gets at a moment.
type fault struct {
	moment string         // one of moments
	rank   int            // of the process, from 0
	signal syscall.Signal // SIGKILL, or SIGSTOP: the process lives and is silent
}

// moments are the parts of a run in which a fault happens. Method reached recognizes them.
var moments = []string{"start", "update", "checkpoint", "evaluation"}

// faultOf returns the fault of run i, counted from 0. Any 32 runs in a row have each fault once: 4 moments,
// 4 ranks and 2 signals.
func faultOf(i int) fault {
	moment, round := i%len(moments), i/len(moments)
	f := fault{moments[moment], (round + moment) % ranks, syscall.SIGKILL}
	if (round/ranks+moment)%2 == 1 {
		f.signal = syscall.SIGSTOP
	}
	return f
}

func (f fault) String() string {
	name := "SIGKILL"
	if f.signal == syscall.SIGSTOP {
		name = "SIGSTOP"
	}
	return fmt.Sprintf("%s to rank %d, %s", name, f.rank, f.moment)
}
