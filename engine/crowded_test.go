//go:build unix

package engine

import (
	"runtime"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// TestCrowdedPoolSleeps: the threads of a crowded pool that have no piece take no processor time and
// are not woken, and Go gets no more processors for them.
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
	used := processorTime(t)
	const runs = 1000
	for range runs {
		p.run(&visits{count: make([]atomic.Int32, 8)}, 8, 1)
	}
	time.Sleep(50 * time.Millisecond)
	// A thread that waits in a loop does so for half a millisecond before it sleeps: one alone would take
	// twice this bound.
	if used := processorTime(t) - used; used > runs*250*time.Microsecond {
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
