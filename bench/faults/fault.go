//go:build linux

package main

import (
	"fmt"
	"syscall"
)

const size = 4 // ranks of a run

// fault is what happens to a run.
type fault struct {
	moment string
	rank   int
	signal syscall.Signal
}

var moments = []string{"start", "update", "checkpoint", "evaluation"}

// faultOf returns the fault of the i-th run. Each 32 runs in a row have all faults.
func faultOf(i int) fault {
	moment, round := i%len(moments), i/len(moments)
	f := fault{moments[moment], (round + moment) % size, syscall.SIGKILL}
	if (round/size+moment)%2 == 1 {
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
