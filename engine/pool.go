package engine

import (
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
	waiting waiting // of the caller
	shares  map[taskKind]*shares

	jobs       []job         // at work
	one        [1]job        // where it is only one
	loose      bool          // some of them are
	unfinished atomic.Int32  // workers still busy with them
	taken      atomic.Int32  // chunks of loose jobs that threads have taken
	started    atomic.Uint32 // how often jobs were started so far
	closed     atomic.Bool
}

// job is a task over [0,size), to be split between groups of so many, and rather where so many of
// these are whole (see [shares]). Of a loose one, which leaves nothing behind in a core's cache
// that matters, threads take chunks when they are done with their pieces of the others: whoever
// was held up takes fewer.
type job struct {
	task               task
	size, group, whole int
	loose              bool
	pieces             *shares // or nil where it is loose or the caller does all of it
}

const chunksOfThread = 8 // of a loose job

// chunk returns how much of a loose job is taken at a time: whole groups.
func (j *job) chunk(threads int) int {
	groups := (j.size + j.group - 1) / j.group
	return (groups + threads*chunksOfThread - 1) / (threads * chunksOfThread) * j.group
}

type worker struct {
	parked  atomic.Bool
	wake    chan struct{}
	waiting waiting
}

// taskKind is what runs again and again: a task has the same address each time.
type taskKind struct {
	task               task
	size, group, whole int
}

// A worker goes to sleep after so many looks for jobs: half a millisecond, longer than what one
// thread does between two launches of a plan.
const spins = 500000

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
	p.one[0] = job{task: t, size: size, group: group, whole: 1}
	p.runAll(p.one[:])
}

// runAll runs jobs that do not depend on each other: a thread goes on to the next one without
// waiting for the others.
func (p *pool) runAll(jobs []job) {
	shared := false
	p.loose = false
	for i := range jobs {
		switch j := &jobs[i]; {
		case j.size <= j.group || len(p.workers) == 0:
			j.loose = false
		case j.loose:
			p.loose, shared = true, true
		default:
			j.pieces, shared = p.sharesOf(taskKind{j.task, j.size, j.group, j.whole}), true
		}
	}
	p.jobs = jobs
	p.taken.Store(0)
	if shared {
		p.unfinished.Store(int32(len(p.workers)))
		p.start()
	}
	p.turn.pass()
	p.share(0)
	for i := 0; shared && p.unfinished.Load() > 0; i++ {
		p.waiting.look(i)
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
		s = newShares(len(p.workers)+1, k.size, k.group, k.whole)
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
	for i := range p.jobs {
		j := &p.jobs[i]
		if j.loose {
			continue
		}
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
	for p.loose && p.takeChunk(thread) {
	}
}

// takeChunk runs the next chunk of the loose jobs, and reports whether there was one.
func (p *pool) takeChunk(thread int) bool {
	at := int(p.taken.Add(1)) - 1
	for i := range p.jobs {
		j := &p.jobs[i]
		if !j.loose {
			continue
		}
		size := j.chunk(len(p.workers) + 1)
		chunks := (j.size + size - 1) / size
		if at < chunks {
			j.task.run(thread, at*size, min((at+1)*size, j.size))
			return true
		}
		at -= chunks
	}
	return false
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
			w.waiting.look(i)
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
