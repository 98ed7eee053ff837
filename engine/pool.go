package engine

import (
	"runtime"
	"sync/atomic"
	"time"
)

// task is work over a range of rows or elements, in pieces that may run at the same time, one
// for each thread at most.
type task interface{ run(thread, lo, hi int) }

// pool runs tasks on a fixed number of threads: its workers and the caller. Starting
// a task allocates nothing. A pool is used by one goroutine at a time.
type pool struct {
	workers []*worker
	turn    turn
	shares  map[taskKind]*shares

	jobs       []job         // at work
	one        [1]job        // where it is only one
	unfinished atomic.Int32  // workers still busy with them
	started    atomic.Uint32 // how often jobs were started so far
	closed     atomic.Bool
}

// job is a task over [0,size), to be split between groups of so many.
type job struct {
	task        task
	size, group int
	pieces      *shares // or nil where the caller does all of it
}

type worker struct {
	parked atomic.Bool
	wake   chan struct{}
}

// taskKind is what runs again and again: a task has the same address each time.
type taskKind struct {
	task        task
	size, group int
}

// A thread that waits looks again and again. After patience, some 10 to 40 microseconds, it makes
// room now and then, for threads of other programs, or of this one where they outnumber
// the processors. A worker goes to sleep after spins: half a millisecond, longer than
// what one thread does between two launches of a plan.
const (
	patience = 20000
	spins    = 500000
)

// makeRoom is what a thread does that has looked i times.
func makeRoom(i int) {
	switch {
	case i < patience:
	case i%50000 == 0:
		runtime.Gosched() // GOMAXPROCS may have fallen below the number of threads
	case i%1000 == 0:
		yield()
	}
}

func newPool(threads int) *pool {
	p := &pool{shares: map[taskKind]*shares{}}
	keepOneIdle(threads)
	for range threads - 1 {
		w := &worker{wake: make(chan struct{}, 1)}
		p.workers = append(p.workers, w)
		go p.work(w, len(p.workers))
	}
	return p
}

// run splits [0,size) into a piece for each thread, between groups of so many, and returns when
// all have run.
func (p *pool) run(t task, size, group int) {
	p.one[0] = job{task: t, size: size, group: group}
	p.runAll(p.one[:])
}

// runAll runs jobs that do not depend on each other: a thread goes on to the next one without
// waiting for the others.
func (p *pool) runAll(jobs []job) {
	p.turn.pass()
	shared := false
	for i := range jobs {
		if j := &jobs[i]; j.size > j.group && len(p.workers) > 0 {
			j.pieces, shared = p.sharesOf(taskKind{j.task, j.size, j.group}), true
		}
	}
	p.jobs = jobs
	if shared {
		p.unfinished.Store(int32(len(p.workers)))
		p.start()
	}
	p.share(0)
	for i := 0; shared && p.unfinished.Load() > 0; i++ {
		makeRoom(i)
	}
	for _, j := range jobs {
		if j.pieces != nil {
			j.pieces.look(j.size)
		}
	}
	p.jobs = nil
}

func (p *pool) sharesOf(k taskKind) *shares {
	s := p.shares[k]
	if s == nil {
		s = newShares(len(p.workers)+1, k.size, k.group)
		p.shares[k] = s
	}
	return s
}

// start lets the workers see new jobs, and wakes those that sleep.
func (p *pool) start() {
	p.started.Add(1)
	for _, w := range p.workers {
		if w.parked.CompareAndSwap(true, false) {
			w.wake <- struct{}{}
		}
	}
}

// share runs the pieces of one thread. They are much the same each time, so that what a thread
// has written in one task is near it in the next.
func (p *pool) share(thread int) {
	for _, j := range p.jobs {
		if j.pieces == nil {
			if thread == 0 && j.size > 0 {
				j.task.run(0, 0, j.size)
			}
			continue
		}
		if lo, hi := j.pieces.piece(thread); lo < hi {
			began := time.Now()
			j.task.run(thread, lo, hi)
			j.pieces.took[thread] += time.Since(began)
		}
	}
}

func (p *pool) work(w *worker, thread int) {
	var seen uint32
	var turn turn
	for {
		turn.pass()
		seen = p.await(w, seen)
		if p.closed.Load() {
			return
		}
		p.share(thread)
		p.unfinished.Add(-1)
	}
}

// await returns how often jobs were started once it is no longer seen.
func (p *pool) await(w *worker, seen uint32) uint32 {
	for {
		for i := range spins {
			if now := p.started.Load(); now != seen {
				return now
			}
			makeRoom(i)
		}
		w.parked.Store(true)
		if now := p.started.Load(); now != seen && w.parked.CompareAndSwap(true, false) {
			return now
		}
		<-w.wake // perhaps for jobs that were done before their start came to wake anybody
	}
}

func (p *pool) close() {
	p.closed.Store(true)
	p.start()
}
