package engine

import (
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

// visits counts the runs of each row.
type visits struct{ count []atomic.Int32 }

func (v *visits) run(_, lo, hi int) {
	for i := lo; i < hi; i++ {
		v.count[i].Add(1)
	}
}

// TestPoolRunsEveryRowOnce starts many tiny jobs. Some are loose and some are run by the caller
// alone. Some follow each other at once, and some start after the workers have gone to sleep.
func TestPoolRunsEveryRowOnce(t *testing.T) {
	rounds := 1000
	if testing.Short() {
		rounds = 250
	}
	for _, threads := range []int{1, 2, 3, 4, 5, -2, -5, -64} { // negative in a crowded pool
		start := newPool
		if threads < 0 {
			start = newCrowdedPool
		}
		p := start(max(threads, -threads))
		for round := range rounds {
			var jobs []job
			for i := range 1 + round%4 {
				size := (round*7 + i*i*31) % 150
				v := &visits{count: make([]atomic.Int32, size)}
				jobs = append(jobs, job{task: v, size: size, group: 1 + (round+i)%8, whole: 1 + round%3, loose: (round/4+i)%2 == 0})
			}
			p.runAll(jobs)
			for _, j := range jobs {
				for i := range j.size {
					if got := j.task.(*visits).count[i].Load(); got != 1 {
						t.Fatalf("%d threads, %+v: row %d ran %d times, want 1", threads, j, i, got)
					}
				}
			}
			if round%250 == 0 {
				time.Sleep(5 * time.Millisecond)
			}
		}
		p.close()
	}
}

// heldUp keeps a thread in its piece until all rows of another task have been run.
type heldUp struct {
	thread int
	until  *visits
}

func (h *heldUp) run(thread, _, _ int) {
	for i := range h.until.count {
		for thread == h.thread && h.until.count[i].Load() == 0 {
			runtime.Gosched()
		}
	}
}

// TestLooseJobsWaitForNobody: loose jobs are completed while one thread is held up in a piece of
// its own.
func TestLooseJobsWaitForNobody(t *testing.T) {
	p := newPool(3)
	defer p.close()
	for thread := range 3 {
		v := &visits{count: make([]atomic.Int32, 100)}
		p.runAll([]job{{task: v, size: 100, group: 1, whole: 1, loose: true}, {task: &heldUp{thread, v}, size: 3, group: 1, whole: 1}})
	}
}

// TestPoolRunsNoTaskTwice: a worker may have done its share and gone to sleep before the start of
// the same task wakes it. It must go back to sleep.
func TestPoolRunsNoTaskTwice(t *testing.T) {
	p := newPool(2)
	defer p.close()
	v := &visits{count: make([]atomic.Int32, 8)}
	p.run(v, len(v.count), 4)
	w := p.workers[0]
	for range 10 {
		for !w.parked.Load() {
			time.Sleep(time.Millisecond)
		}
		p.jobs = []job{{task: v, size: len(v.count), group: 4, whole: 1}} // as if the start were still in progress
		if w.parked.CompareAndSwap(true, false) {
			w.wake <- struct{}{}
		}
	}
	for !w.parked.Load() {
		time.Sleep(time.Millisecond)
	}
	for i := range v.count {
		if got := v.count[i].Load(); got != 1 {
			t.Errorf("row %d ran %d times, want 1", i, got)
		}
	}
	if got := p.unfinished.Load(); got != 0 {
		t.Errorf("%d workers are unfinished, want 0", got)
	}
}

// uneven is work that takes one thread four times as long as the others.
type uneven struct{ rows [3]int }

func (u *uneven) run(thread, lo, hi int) {
	u.rows[thread] = hi - lo
	row := 10 * time.Microsecond
	if thread == 1 {
		row *= 4
	}
	time.Sleep(time.Duration(hi-lo) * row)
}

// TestPoolGivesASlowThreadLess: of 900 rows, 400, 100 and 400 take the same time. A thread that
// wakes late takes a little longer, which shifts a few rows; an equal share would be 300.
func TestPoolGivesASlowThreadLess(t *testing.T) {
	p := newPool(3)
	defer p.close()
	u := &uneven{}
	for range 30 * runsToLook {
		p.run(u, 900, 1)
	}
	if sum := u.rows[0] + u.rows[1] + u.rows[2]; sum != 900 {
		t.Errorf("the pieces %v have %d rows, want 900", u.rows, sum)
	}
	if got := u.rows[1]; got < 50 || got > 150 {
		t.Errorf("the pieces have %v rows, want about 100 for the slow thread", u.rows)
	}
}

// TestSharesRecover: a thread that was very slow for a while gets its share back once it is as
// fast as the other. The share is in elements or in a few whole groups.
func TestSharesRecover(t *testing.T) {
	for _, group := range []int{1, 100} {
		const size = 800
		s := newShares(2, size, group, 1)
		look := func(row time.Duration) { // row is the time of thread 1
			for range runsToLook {
				for k, row := range []time.Duration{time.Microsecond, row} {
					lo, hi := s.piece(k)
					s.took[k] += time.Duration(hi-lo) * row
				}
				s.look(size)
			}
		}
		for range 200 {
			look(time.Millisecond)
		}
		if lo, hi := s.piece(1); hi-lo != group {
			t.Errorf("groups of %d: a thread that is a thousand times slower has %d rows, want one group", group, hi-lo)
		}
		for range 200 {
			look(time.Microsecond)
		}
		if lo, hi := s.piece(1); hi-lo != size/2 {
			t.Errorf("groups of %d: threads of equal speed: thread 1 has %d rows, want half of %d", group, hi-lo, size)
		}
	}
}

// TestSharesAreCutBetweenGroups, for any weights.
func TestSharesAreCutBetweenGroups(t *testing.T) {
	for _, weights := range [][]float64{{0.5, 0.5}, {0.001, 0.999}, {0.2, 0.7, 0.1}, {1, 0, 0}} {
		for _, size := range []int{1, 63, 64, 65, 784, 1000} {
			s := newShares(len(weights), size, 64, 1)
			copy(s.weight, weights)
			s.cut(size)
			at := 0
			for k := range weights {
				lo, hi := s.piece(k)
				if lo != at || hi < lo || hi%64 != 0 && hi != size {
					t.Errorf("%v of %d: piece %d is from %d to %d, want it to begin at %d and end between groups", weights, size, k, lo, hi, at)
				}
				at = hi
			}
			if at != size {
				t.Errorf("%v of %d: the pieces end at %d", weights, size, at)
			}
		}
	}
}

// TestSharesKeepPanelsWhole, unless a piece would be off by more than 7 %. There are 8 panels of
// 100 elements, followed by a narrow one.
func TestSharesKeepPanelsWhole(t *testing.T) {
	for _, tc := range []struct {
		weights []float64
		want    []int // ends of the pieces
	}{
		{[]float64{0.5, 0.5}, []int{400, 830}},                       // ideal: 415
		{[]float64{0.53, 0.47}, []int{440, 830}},                     // ideal 440; 500 would be too much
		{[]float64{0.58, 0.42}, []int{500, 830}},                     // ideal: 481
		{[]float64{0.001, 0.999}, []int{100, 830}},                   // at least one panel
		{[]float64{0.999, 0.001}, []int{730, 830}},                   //
		{[]float64{0.45, 0.001, 0.549}, []int{374, 474, 830}},        // ideal: 373.5, 374.3
		{[]float64{0.98, 0.01, 0.01}, []int{630, 730, 830}},          //
		{[]float64{0.2, 0.3, 0.25, 0.25}, []int{166, 415, 623, 830}}, // 400 would be too little
	} {
		s := newShares(len(tc.weights), 830, 1, 100)
		copy(s.weight, tc.weights)
		s.cut(830)
		if !slices.Equal(s.end, tc.want) {
			t.Errorf("weights %v: pieces end at %v, want %v", tc.weights, s.end, tc.want)
		}
	}
}

// rendezvous holds every thread until all threads are in a piece of the task.
type rendezvous struct{ missing atomic.Int32 }

func (r *rendezvous) run(_, lo, hi int) {
	r.missing.Add(-1)
	for r.missing.Load() > 0 {
		runtime.Gosched()
	}
}

// TestPoolRunsPiecesAtTheSameTime would not end if one thread took two pieces.
func TestPoolRunsPiecesAtTheSameTime(t *testing.T) {
	p := newPool(3)
	defer p.close()
	for range 20 {
		r := &rendezvous{}
		r.missing.Store(3)
		p.run(r, 3, 1)
	}
}

// TestCloseEndsTheWorkers closes devices that are spinning, asleep and unused.
func TestCloseEndsTheWorkers(t *testing.T) {
	before := runtime.NumGoroutine()
	for i := range 10 {
		d, err := Open("cpu", 4)
		if err != nil {
			t.Fatal(err)
		}
		if i%3 > 0 {
			d.(*host).pool.run(&visits{count: make([]atomic.Int32, 8)}, 8, 1)
		}
		if i%2 > 0 {
			time.Sleep(2 * time.Millisecond)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, want %d as before", runtime.NumGoroutine(), before)
		}
		time.Sleep(time.Millisecond)
	}
}

// TestPoolLeavesGoAProcessor: Go has more processors than the pool has threads. A host opened
// later still has one thread per processor that Go had at the start.
func TestPoolLeavesGoAProcessor(t *testing.T) {
	threads := runtime.GOMAXPROCS(0) // an earlier pool may have raised it
	p := newPool(threads)
	defer p.close()
	if got := runtime.GOMAXPROCS(0); got <= threads {
		t.Errorf("GOMAXPROCS is %d beside %d threads", got, threads)
	}
	d, err := Open("cpu", 0)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if got := d.(*host).threads(); got != processors {
		t.Errorf("got %d threads, want the %d processors", got, processors)
	}
}
