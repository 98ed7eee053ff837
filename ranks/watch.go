package ranks

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// LeastTimeout is the shortest timeout of a [Watch]. With it, rank 0 reports a rank after a silence of 1.94 seconds:
	// the timeout less endTime, abortGap and two beats.
	LeastTimeout = 5 * time.Second

	// beatsPerTimeout is the least number of beats that a rank sends within the timeout; chosen: two beats are
	// taken off the patience (see peers).
	beatsPerTimeout = 32

	// longestBeat is the longest time between two beats, and so until a rank hears that it is asked to end.
	longestBeat = time.Second

	// gap is the time between two turns (see [Patience]), in which mpirun ends a rank after one before it has reported a
	// loss: Open MPI asks the other processes to end a second after one has ended. The rest is chosen.
	gap = 1250 * time.Millisecond

	// abortGap is the time between the turns of ranks 0 and 1. It is shorter than gap: after the Abort by which rank 0
	// ends the run, mpirun passes on no line of another rank, so that rank 1 need not be ended by then. Chosen.
	abortGap = 750 * time.Millisecond

	// endTime is the time that a starter of MPI may need to end the other processes after one has ended the run:
	// Open MPI needs little more than a second, and more on a busy machine.
	endTime = 2 * time.Second
)

// Patience returns how long the rank of the given number, its turn, waits for a silent one before it ends the run. Rank 1
// leaves endTime of the timeout, in which all processes end. Rank 0 waits shorter by gap, and each further rank longer by
// gap than the one before. A [Watch] corrects this for its beats, and for rank 0 (see peers).
func Patience(timeout time.Duration, turn int) time.Duration {
	return timeout - endTime + time.Duration(turn-1)*gap
}

// A Lost error says that a rank has been silent for too long.
type Lost struct {
	Rank     int
	Progress int64 // that the rank told last
	Silence  time.Duration
}

func (e *Lost) Error() string {
	return fmt.Sprintf("rank %d has been silent for %v", e.Rank, e.Silence.Round(100*time.Millisecond))
}

// Watcher watches the ranks of a run, see [Watch].
type Watcher struct {
	transport Transport
	timeout   time.Duration
	progress  atomic.Int64 // of this rank
	ask       atomic.Bool  // this rank asks to end the run
	lost      func(*Lost)
	asked     func()
	stop      chan struct{}
	stopped   sync.WaitGroup
}

// Watch calls asked on rank 0 when another rank asks to end the run ([Watcher.Ask]), and on the others when
// rank 0 asks, at each beat. It calls lost once when a rank has sent no sign of life for so long that the run must
// be ended now to be over within the timeout, which is at least [LeastTimeout]: the process of that rank has stopped,
// or its machine or the network is gone. lost is to end the run by Abort. Rank 0 watches all others, and they watch
// rank 0. They lose patience one after the other (see [Patience]), so that one rank reports. Close ends the watch.
func Watch(t Transport, timeout time.Duration, lost func(*Lost), asked func()) *Watcher {
	w := &Watcher{transport: t, timeout: timeout, lost: lost, asked: asked, stop: make(chan struct{})}
	if t.Size() > 1 {
		w.stopped.Go(w.watch)
	}
	return w
}

// Note records how far this rank is, for the message about it if it is lost.
func (w *Watcher) Note(progress int) { w.progress.Store(int64(progress)) }

// Ask asks rank 0 to end the run, and on rank 0 all others.
func (w *Watcher) Ask() { w.ask.Store(true) }

// Close ends the watch.
func (w *Watcher) Close() {
	close(w.stop)
	w.stopped.Wait()
}

// watch beats and listens until the watch ends, an error occurs or a rank is lost.
func (w *Watcher) watch() {
	every := min(w.timeout/beatsPerTimeout, longestBeat)
	peers, patience := w.peers(every)
	heard := map[int]time.Time{}
	told := map[int]int64{}
	for _, peer := range peers {
		heard[peer] = time.Now()
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	last := time.Now()
	for {
		select {
		case <-w.stop:
			return
		case <-tick.C:
		}
		// An error of the transport is not reported here: the goroutine that exchanges numbers gets it too.
		if w.beat(peers) != nil {
			return
		}
		beats, err := w.transport.Heard()
		if err != nil {
			return
		}
		now := time.Now()
		for _, b := range beats {
			progress := b.Progress
			if progress < 0 { // see beat
				progress = ^progress
				w.asked()
			}
			heard[b.Rank], told[b.Rank] = now, progress
		}
		// A process that was itself stopped, for half the patience or more (chosen), has heard nobody meanwhile.
		if now.Sub(last) > patience/2 {
			for peer := range heard {
				heard[peer] = now
			}
		}
		last = now
		for _, peer := range peers {
			if silence := now.Sub(heard[peer]); silence > patience {
				w.lost(&Lost{peer, told[peer], silence})
				return
			}
		}
	}
}

// peers returns the ranks that this rank watches, and its patience with them, given the time between two beats. The
// patience is shorter by two beats: a rank may stop up to one beat after its last one was heard, and a silence is
// noticed up to one beat late.
func (w *Watcher) peers(every time.Duration) (peers []int, patience time.Duration) {
	own := w.transport.Rank()
	patience = Patience(w.timeout, own) - 2*every
	if own > 0 {
		return []int{0}, patience
	}
	for rank := 1; rank < w.transport.Size(); rank++ {
		peers = append(peers, rank)
	}
	return peers, patience + gap - abortGap // abortGap before the turn of rank 1, not gap
}

// beat sends a beat to the peers: the progress of this rank or, to ask for the end of the run, its complement,
// which is negative.
func (w *Watcher) beat(peers []int) error {
	for _, peer := range peers {
		progress := w.progress.Load()
		if w.ask.Load() {
			progress = ^progress
		}
		if err := w.transport.Beat(peer, progress); err != nil {
			return err
		}
	}
	return nil
}
