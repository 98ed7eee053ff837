package engine

import (
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

// visits counts how often each row was run.
type visits struct{ count []atomic.Int32 }

func (v *visits) run(_, lo, hi int) {
	for i := lo; i < hi; i++ {
		v.count[i].Add(1)
	}
}

// TestPoolRunsEveryRowOnce starts many tiny jobs, of which some are loose and some for the caller
// alone, some back to back and some after the workers have gone to sleep.
func TestPoolRunsEveryRowOnce(t *testing.T) {
	for threads := 1; threads <= 5; threads++ {
		p := newPool(threads)
		for round := range 1000 {
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

// TestLooseJobsWaitForNobody: what any thread may do is done while one is held up in a piece of
// its own.
func TestLooseJobsWaitForNobody(t *testing.T) {
	p := newPool(3)
	defer p.close()
	for thread := range 3 {
		v := &visits{count: make([]atomic.Int32, 100)}
		p.runAll([]job{{task: v, size: 100, group: 1, whole: 1, loose: true}, {task: &heldUp{thread, v}, size: 3, group: 1, whole: 1}})
	}
}

// TestPoolRunsNoTaskTwice: a worker that has done its share and sleeps by the time that
// the start of the same task comes to wake it goes back to sleep.
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
		p.jobs = []job{{task: v, size: len(v.count), group: 4, whole: 1}} // as if the start were still at work
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

// uneven is work of which one thread does a quarter of what the others do in the same time.
type uneven struct{ rows [3]int }

func (u *uneven) run(thread, lo, hi int) {
	u.rows[thread] = hi - lo
	row := 10 * time.Microsecond
	if thread == 1 {
		row *= 4
	}
	time.Sleep(time.Duration(hi-lo) * row)
}

// TestPoolGivesASlowThreadLess: of 900 rows 400, 100 and 400 take the same time. A thread that
// is woken late takes longer, which is worth a few rows.
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
		t.Errorf("the pieces are of %v rows, want some 100 for the slow thread", u.rows)
	}
}

// TestSharesRecover: a thread that has been next to still for a while has its part again when it
// is as fast as the other, be it of elements or of a few whole groups.
func TestSharesRecover(t *testing.T) {
	for _, group := range []int{1, 100} {
		const size = 800
		s := newShares(2, size, group, 1)
		look := func(row time.Duration) { // that of thread 1
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
			t.Errorf("groups of %d: threads of equal speed: one has %d rows, want half of %d", group, hi-lo, size)
		}
	}
}

// TestSharesAreCutBetweenGroups whatever the weights are.
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

// TestSharesKeepPanelsWhole unless a piece would be off by more than 7 %: 8 panels of 100 elements,
// and a narrow one after them.
func TestSharesKeepPanelsWhole(t *testing.T) {
	for _, tc := range []struct {
		weights []float64
		want    []int // ends
	}{
		{[]float64{0.5, 0.5}, []int{400, 830}},                       // of 415
		{[]float64{0.53, 0.47}, []int{440, 830}},                     // as 500 is too much
		{[]float64{0.58, 0.42}, []int{500, 830}},                     // of 481
		{[]float64{0.001, 0.999}, []int{100, 830}},                   // one panel at least
		{[]float64{0.999, 0.001}, []int{730, 830}},                   //
		{[]float64{0.45, 0.001, 0.549}, []int{374, 474, 830}},        // of 373.5, 374.3
		{[]float64{0.98, 0.01, 0.01}, []int{630, 730, 830}},          //
		{[]float64{0.2, 0.3, 0.25, 0.25}, []int{166, 415, 623, 830}}, // 400 is too little
	} {
		s := newShares(len(tc.weights), 830, 1, 100)
		copy(s.weight, tc.weights)
		s.cut(830)
		if !slices.Equal(s.end, tc.want) {
			t.Errorf("weights %v: pieces end at %v, want %v", tc.weights, s.end, tc.want)
		}
	}
}

// rendezvous holds every thread until all of them are in a piece of the task.
type rendezvous struct{ missing atomic.Int32 }

func (r *rendezvous) run(_, lo, hi int) {
	r.missing.Add(-1)
	for r.missing.Load() > 0 {
		runtime.Gosched()
	}
}

// TestPoolRunsPiecesAtTheSameTime would not end if a thread took two pieces.
func TestPoolRunsPiecesAtTheSameTime(t *testing.T) {
	p := newPool(3)
	defer p.close()
	for range 20 {
		r := &rendezvous{}
		r.missing.Store(3)
		p.run(r, 3, 1)
	}
}

// TestCloseEndsTheWorkers closes devices that are busy spinning, asleep and unused.
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

// TestPoolLeavesGoAProcessor: Go has more processors than the pool has threads, and a host
// that is opened later still has as many threads as there were processors at the start.
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
