package engine

import (
	"runtime"
	"sync"
	"time"
)

// processors is how many threads a host has that is not told: as many as Go ran at once
// when the program began.
var processors = runtime.GOMAXPROCS(0)

var raising sync.Mutex

// keepOneIdle raises GOMAXPROCS to one more than there are threads that compute. Go takes
// the processor of a goroutine that is in a call of C for more than 20 microseconds,
// unless another one is idle, and wakes a thread to look for work on it (retake in
// runtime/proc.go): that thread, and the one that watches, would take turns with those
// that compute.
func keepOneIdle(threads int) {
	raising.Lock()
	defer raising.Unlock()
	if runtime.GOMAXPROCS(0) <= threads {
		runtime.GOMAXPROCS(threads + 1)
	}
}

// turn is the time since a goroutine went through Go's scheduler. One that has not done so
// for 10 milliseconds is interrupted, and its processor taken whenever it is in C, be
// another one idle or not. The way through takes some 30 microseconds, as it wakes a thread.
type turn struct{ began time.Time }

const turnTime = 8 * time.Millisecond

// pass lets the scheduler in once in a turnTime.
func (t *turn) pass() {
	if now := time.Now(); now.Sub(t.began) > turnTime {
		runtime.Gosched()
		t.began = now
	}
}
