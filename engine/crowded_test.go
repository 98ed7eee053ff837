//go:build unix

package engine

import (
	"runtime"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// TestCrowdedPoolSleeps: the threads of a pool with more threads than processors take no processor time
// while they have no piece, and do not raise GOMAXPROCS.
func TestCrowdedPoolSleeps(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	d, err := Open("cpu", MaxThreads)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if got := runtime.GOMAXPROCS(0); got != before {
		t.Errorf("GOMAXPROCS is %d with %d threads, want %d as before", got, MaxThreads, before)
	}
	p := d.(*host).pool
	if got, want := len(p.workers)+1, min(MaxThreads, crowd*processors); got != want {
		t.Errorf("%d threads, want %d for %d processors", got, want, processors)
	}
	start := processorTime(t)
	const runs = 1000 // chosen; the bound grows with it
	for range runs {
		p.run(&visits{count: make([]atomic.Int32, 8)}, 8, 1)
	}
	time.Sleep(50 * time.Millisecond) // until the threads of the last run sleep, even on a busy machine
	// A thread that waited in a loop would do so for about half a millisecond (see spins) before it slept. One such
	// thread a run would take twice this bound.
	if used := processorTime(t) - start; used > runs*250*time.Microsecond {
		t.Errorf("%d runs of 8 pieces took %v of processor time", runs, used)
	}
}

// processorTime returns the processor time that this program has used.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		t.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}
