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

// All numbers are chosen. Checks go on for checksToYield before the first yield, 10 to 40 microseconds. After that the
// thread yields to other threads of the system every checksOfYield, and to goroutines of this program every
// checksOfSchedule: GOMAXPROCS may have fallen below the number of threads.
const (
	checksToYield    = 20000
	checksOfYield    = 1000
	checksOfSchedule = 50000

	leastLoss   = 10 * time.Microsecond // shortest time away that counts as a loss
	longestWait = 2 * time.Millisecond  // with longer losses on average, the other thread is assumed to compute
	keepFor     = 20 * time.Millisecond // time without yields after that
)

// checked is called after check number i has failed.
func (w *waiting) checked(i int) {
	switch {
	case i < checksToYield:
	case i%checksOfSchedule == 0:
		runtime.Gosched()
	case i%checksOfYield == 0:
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
	if away < leastLoss {
		return
	}
	w.away += (away - w.away) / 8 // over about eight losses; chosen
	if w.away > longestWait {
		w.keep = now.Add(keepFor)
	}
}
