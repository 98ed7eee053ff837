package engine

import (
	"runtime"
	"sync"
	"time"
)

// processors is the default number of threads of a host: the GOMAXPROCS at the start of the
// program.
var processors = runtime.GOMAXPROCS(0)

// Processors returns the number of processors of this program: the GOMAXPROCS at its start. A host with
// more threads than that runs them in turn.
func Processors() int { return processors }

var raising sync.Mutex // held while GOMAXPROCS is raised

// keepOneIdle raises GOMAXPROCS to one more than the number of computing threads. If a goroutine
// is in a C call for more than 20 microseconds and no processor is idle, Go takes its processor
// away and wakes a thread to look for work (retake in runtime/proc.go). That thread and Go's
// monitor thread would then compete with the computing threads.
func keepOneIdle(threads int) {
	raising.Lock()
	defer raising.Unlock()
	if runtime.GOMAXPROCS(0) <= threads {
		runtime.GOMAXPROCS(threads + 1)
	}
}

// turn is the time since a goroutine last passed through Go's scheduler. After 10 milliseconds
// without such a pass Go interrupts the goroutine, and takes its processor away whenever it is in C, even
// if another one is idle. A pass takes about 30 microseconds, since it wakes a thread.
type turn struct{ began time.Time }

const turnTime = 8 * time.Millisecond // just below the 10 of Go

// pass calls the scheduler once per turnTime.
func (t *turn) pass() {
	if now := time.Now(); now.Sub(t.began) > turnTime {
		runtime.Gosched()
		t.began = now
	}
}
