package engine

import (
	"runtime"
	"time"
)

// waiting is how a thread waits for others: it looks again and again, and after a while gives its
// processor away now and then, to threads of other programs, or of this one where they outnumber
// the processors. One that waits as well gives it back within a millisecond. One that computes has
// it for a time slice of several, while the thread that is waited for may long be done: then
// the processor is kept for some time, and the system shares it out.
type waiting struct {
	away time.Duration // each time that the processor was taken, lately
	keep time.Time     // it until then
}

const (
	patience = 20000                 // looks before the first time: 10 to 40 microseconds
	taken    = 10 * time.Microsecond // to be away, at least
	slice    = 2 * time.Millisecond
	keepFor  = 20 * time.Millisecond
)

// look is what a thread does that has looked i times.
func (w *waiting) look(i int) {
	switch {
	case i < patience:
	case i%50000 == 0:
		runtime.Gosched() // GOMAXPROCS may have fallen below the number of threads
	case i%1000 == 0:
		w.giveAway()
	}
}

func (w *waiting) giveAway() {
	left := time.Now()
	if left.Before(w.keep) {
		return
	}
	yield()
	back := time.Now()
	w.returned(back, back.Sub(left))
}

// returned takes note of a time without the processor.
func (w *waiting) returned(now time.Time, away time.Duration) {
	if away < taken {
		return
	}
	w.away += (away - w.away) / 8
	if w.away > slice {
		w.keep = now.Add(keepFor)
	}
}
