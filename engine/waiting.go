package engine

import (
	"runtime"
	"time"
)

// waiting is the state of a thread that waits for others. The thread checks in a loop. After a
// while it yields its processor now and then, to threads of other programs or, if the threads
// outnumber the processors, of this program.
//
// Another thread that waits as well returns the processor within a millisecond. One that computes
// keeps it for a time slice of several milliseconds, while the awaited thread may long be done.
// After such losses the thread does not yield for some time: the system then interrupts it when
// another thread is due.
type waiting struct {
	away time.Duration // moving average of the length of losses of the processor
	keep time.Time     // until then, do not yield
}

const (
	patience = 20000                 // checks before the first yield: 10 to 40 microseconds
	taken    = 10 * time.Microsecond // shortest time away that counts as a loss
	slice    = 2 * time.Millisecond  // with longer losses on average, the other thread is assumed to compute
	keepFor  = 20 * time.Millisecond // time without yields after that; chosen
)

// look is called after check number i has failed.
func (w *waiting) look(i int) {
	switch {
	case i < patience:
	case i%50000 == 0:
		runtime.Gosched() // to goroutines of this program: GOMAXPROCS may have fallen below the number of threads
	case i%1000 == 0:
		w.giveAway()
	}
}

// giveAway yields the processor to another thread of the system, unless the last losses were long.
func (w *waiting) giveAway() {
	left := time.Now()
	if left.Before(w.keep) {
		return
	}
	yield()
	back := time.Now()
	w.returned(back, back.Sub(left))
}

// returned records a time without the processor.
func (w *waiting) returned(now time.Time, away time.Duration) {
	if away < taken {
		return
	}
	w.away += (away - w.away) / 8
	if w.away > slice {
		w.keep = now.Add(keepFor)
	}
}
