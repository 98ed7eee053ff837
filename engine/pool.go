package engine

import (
	"sync/atomic"
	"time"
)

// task is work over a range of rows or elements. It is split into at most one piece per thread,
// and pieces may run at the same time.
type task interface{ run(thread, lo, hi int) }

// pool runs tasks on a fixed number of threads: its workers and the caller. Starting a task
// allocates nothing. One goroutine at a time may use a pool.
type pool struct {
	workers []*worker
	turn    turn
	waiting waiting // of the caller
	shares  map[taskKind]*shares

	jobs       []job         // the jobs that run now
	one        [1]job        // storage for a single job
	loose      bool          // some of the jobs are loose
	unfinished atomic.Int32  // number of workers that have not finished the jobs
	taken      atomic.Int32  // number of chunks of loose jobs already taken
	started    atomic.Uint32 // number of starts so far
	closed     atomic.Bool
	done       chan struct{} // one value when the jobs are finished; nil unless the pool is crowded
}

// job is a task over [0,size). A piece holds whole groups of `group` elements and, where that
// costs little balance, multiples of `whole` groups (see [shares]). A loose job leaves nothing useful
// in the cache of a core, so it has no pieces that are bound to threads: threads take chunks of it
// after their pieces of the other jobs, and a delayed thread takes fewer.
type job struct {
	task               task
	size, group, whole int
	loose              bool
	pieces             *shares // nil if the job is loose, or if the caller does all of it
}

const chunksOfThread = 8 // chunks of a loose job per thread; chosen

// chunk returns the size of a chunk of a loose job, in whole groups.
func (j *job) chunk(threads int) int {
	groups := (j.size + j.group - 1) / j.group
	return (groups + threads*chunksOfThread - 1) / (threads * chunksOfThread) * j.group
}

// worker is a goroutine of a pool. In a crowded pool it is never parked, but sleeps in wake between two starts.
type worker struct {
	parked  atomic.Bool   // it sleeps, or is about to sleep, until a value arrives in wake
	wake    chan struct{} // a start sends a value to a parked worker
	waiting waiting
}

// taskKind identifies a task that runs again and again: it has the same address each time.
type taskKind struct {
	task               task
	size, group, whole int
}

// spins is the number of checks for new jobs after which a worker goes to sleep. They take about half
// a millisecond, longer than the work of the caller between two launches of a plan.
const spins = 500000

// newPool returns a pool whose threads each have a processor. A thread that waits checks in a loop.
func newPool(threads int) *pool {
	keepOneIdle(threads)
	return startPool(&pool{}, threads)
}

// newCrowdedPool returns a pool with more threads than there are processors: at most `crowd` for each.
// A thread that waits sleeps, since in a loop it would take the processor of a thread that it waits
// for. Threads without a piece are not woken.
func newCrowdedPool(threads int) *pool {
	return startPool(&pool{done: make(chan struct{}, 1)}, min(threads, crowd*processors))
}

// crowd is the largest number of threads that take turns on a processor; chosen.
const crowd = 8

func startPool(p *pool, threads int) *pool {
	p.shares = map[taskKind]*shares{}
	for range threads - 1 {
		w := &worker{wake: make(chan struct{}, 1)}
		p.workers = append(p.workers, w)
		go p.work(w, len(p.workers))
	}
	return p
}

// run splits [0,size) into one piece of whole groups per thread. It returns when all pieces have
// run.
func (p *pool) run(t task, size, group int) {
	p.one[0] = job{task: t, size: size, group: group, whole: 1}
	p.runAll(p.one[:])
}

// runAll runs independent jobs. A thread goes on to the next job without waiting for the other
// threads.
func (p *pool) runAll(jobs []job) {
	shared := false // workers have a part in the jobs
	p.loose = false
	for i := range jobs {
		switch j := &jobs[i]; {
		case j.size <= j.group || len(p.workers) == 0: // the caller does all of it
			j.loose = false
		case j.loose:
			p.loose, shared = true, true
		default:
			j.pieces, shared = p.sharesOf(taskKind{j.task, j.size, j.group, j.whole}), true
		}
	}
	p.jobs = jobs
	p.taken.Store(0)
	switch {
	case shared && p.done != nil:
		shared = p.startNeeded()
	case shared:
		p.unfinished.Store(int32(len(p.workers)))
		p.start()
	}
	p.turn.pass()
	p.share(0)
	if shared {
		p.awaitWorkers()
	}
	for _, j := range jobs {
		if j.pieces != nil {
			j.pieces.ran(j.size)
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

// start announces new jobs to the workers, and wakes those that sleep.
func (p *pool) start() {
	p.started.Add(1)
	for _, w := range p.workers {
		if w.parked.CompareAndSwap(true, false) {
			w.wake <- struct{}{}
		}
	}
}

// startNeeded starts the workers of a crowded pool that have something to do, and reports whether
// there are any.
func (p *pool) startNeeded() bool {
	needed := 0
	for k := range p.workers {
		if p.needed(k + 1) {
			needed++
		}
	}
	p.unfinished.Store(int32(needed)) // before the first worker can finish
	for k, left := 0, needed; left > 0; k++ {
		if p.needed(k + 1) {
			p.workers[k].wake <- struct{}{}
			left--
		}
	}
	return needed > 0
}

// needed reports whether a thread has a piece of a job, or whether a loose job has a chunk for it if each
// thread takes one.
func (p *pool) needed(thread int) bool {
	for i := range p.jobs {
		switch j := &p.jobs[i]; {
		case j.loose:
			if thread*j.chunk(len(p.workers)+1) < j.size {
				return true
			}
		case j.pieces != nil:
			if lo, hi := j.pieces.piece(thread); lo < hi {
				return true
			}
		}
	}
	return false
}

// awaitWorkers waits until all workers that were started have finished.
func (p *pool) awaitWorkers() {
	if p.done != nil {
		<-p.done
		return
	}
	for i := 0; p.unfinished.Load() > 0; i++ {
		p.waiting.checked(i)
	}
}

// share runs the pieces of one thread. Pieces hardly change from run to run, so a thread finds in
// its cache what it wrote in an earlier task.
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

// work is the loop of a worker: p.workers[k] is thread k+1, and thread 0 is the caller.
func (p *pool) work(w *worker, thread int) {
	var seen uint32
	var turn turn
	for {
		if p.done != nil {
			<-w.wake
		} else {
			turn.pass()
			seen = p.await(w, seen)
		}
		if p.closed.Load() {
			return
		}
		p.share(thread)
		if p.unfinished.Add(-1) == 0 && p.done != nil {
			p.done <- struct{}{}
		}
	}
}

// await waits until the number of starts differs from seen, and returns it.
func (p *pool) await(w *worker, seen uint32) uint32 {
	for {
		for i := range spins {
			if now := p.started.Load(); now != seen {
				return now
			}
			w.waiting.checked(i)
		}
		w.parked.Store(true)
		if now := p.started.Load(); now != seen && w.parked.CompareAndSwap(true, false) {
			return now
		}
		<-w.wake // it may be late, from a start whose jobs this worker has already done: then it waits again
	}
}

func (p *pool) close() {
	p.closed.Store(true)
	if p.done == nil {
		p.start()
		return
	}
	for _, w := range p.workers {
		w.wake <- struct{}{}
	}
}
