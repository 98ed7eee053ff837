package engine

import (
	"fmt"
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

// TestPoolRunsEveryRowOnce starts many tiny jobs on pools of both kinds. Some are loose and some are run by the caller
// alone. Some follow each other at once, and some start after the workers have gone to sleep.
func TestPoolRunsEveryRowOnce(t *testing.T) {
	rounds := 1000
	if testing.Short() {
		rounds = 250
	}
	for _, pools := range []struct {
		start   func(threads int) *pool
		threads []int
	}{{newPool, []int{1, 2, 3, 4, 5}}, {newCrowdedPool, []int{2, 5, 64}}} {
		for _, threads := range pools.threads {
			p := pools.start(threads)
			for round := range rounds {
				jobs := tinyJobs(round)
				p.runAll(jobs)
				for _, j := range jobs {
					for i := range j.size {
						if got := j.task.(*visits).count[i].Load(); got != 1 {
							t.Fatalf("%d threads, crowded %v, %+v: row %d ran %d times, want 1",
								threads, p.done != nil, j, i, got)
						}
					}
				}
				if round%250 == 0 {
					time.Sleep(5 * time.Millisecond) // workers sleep after about half a millisecond (see spins)
				}
			}
			p.close()
		}
	}
}

// tinyJobs returns the jobs of a round: one to four, of fewer than 150 rows and perhaps of none. The
// multipliers vary sizes from job to job and from round to round; chosen.
func tinyJobs(round int) []job {
	var jobs []job
	for i := range 1 + round%4 {
		size := (round*7 + i*i*31) % 150
		jobs = append(jobs, job{
			task: &visits{count: make([]atomic.Int32, size)},
			size: size, group: 1 + (round+i)%8, whole: 1 + round%3, loose: (round/4+i)%2 == 0,
		})
	}
	return jobs
}

// blocked is a task in which one thread waits until all rows of another task have been run.
type blocked struct {
	thread int
	until  *visits
}

func (b *blocked) run(thread, _, _ int) {
	for i := range b.until.count {
		for thread == b.thread && b.until.count[i].Load() == 0 {
			runtime.Gosched()
		}
	}
}

// TestLooseJobsWaitForNobody: the other threads run all of a loose job while one thread waits for its end in a piece
// of another job. The test would not end if chunks of the loose job were bound to threads.
func TestLooseJobsWaitForNobody(t *testing.T) {
	p := newPool(3)
	defer p.close()
	for thread := range 3 {
		v := &visits{count: make([]atomic.Int32, 100)}
		p.runAll([]job{
			{task: v, size: 100, group: 1, whole: 1, loose: true},
			{task: &blocked{thread, v}, size: 3, group: 1, whole: 1}, // a piece for each thread
		})
	}
}

// TestPoolRunsNoTaskTwice: a worker may have run its piece and gone to sleep again before the start of the
// same task sends it a wake. It must then go back to sleep, although the jobs still have a piece for it.
func TestPoolRunsNoTaskTwice(t *testing.T) {
	p := newPool(2)
	defer p.close()
	v := &visits{count: make([]atomic.Int32, 8)}
	p.run(v, len(v.count), 4)
	pieces := p.sharesOf(taskKind{v, len(v.count), 4, 1})
	w := p.workers[0]
	for range 10 {
		for !w.parked.Load() {
			time.Sleep(time.Millisecond)
		}
		p.jobs = []job{{task: v, size: len(v.count), group: 4, whole: 1, pieces: pieces}} // p.started does not change
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

// uneven is work that takes thread 1 four times as long as threads 0 and 2: 40 µs a row, not 10. It records the
// sizes of the pieces.
type uneven struct{ rows [3]int }

func (u *uneven) run(thread, lo, hi int) {
	u.rows[thread] = hi - lo
	row := 10 * time.Microsecond
	if thread == 1 {
		row *= 4
	}
	time.Sleep(time.Duration(hi-lo) * row)
}

// TestPoolGivesASlowThreadLess: of 900 rows, pieces of 400, 100 and 400 take 4 ms each. Threads that wake late
// by other times shift the ends: if thread 1 has r rows, 40r µs and its delay are as long as 10(900-r)/2 µs and
// the delay of the others, so that r = 100 + (difference of the delays)/45 µs. The test allows a difference of
// 2.25 ms. An equal share would be 300 rows.
func TestPoolGivesASlowThreadLess(t *testing.T) {
	p := newPool(3)
	defer p.close()
	u := &uneven{}
	// An adjustment changes the ratio of two pieces by 0.9/1.1 at most, so that 1/4 takes 7, and later ones halve
	// the rest. 30 are plenty.
	for range 30 * runsToAdjust {
		p.run(u, 900, 1)
	}
	if sum := u.rows[0] + u.rows[1] + u.rows[2]; sum != 900 {
		t.Errorf("the pieces %v have %d rows, want 900", u.rows, sum)
	}
	if got := u.rows[1]; got < 50 || got > 150 {
		t.Errorf("the pieces have %v rows, want 50 to 150 for thread 1", u.rows)
	}
}

// TestSharesRecover: a thread that was a thousand times slower for a while has a half again once it is as
// fast as the other. The ends of pieces are between elements, or between groups of 100.
func TestSharesRecover(t *testing.T) {
	for _, group := range []int{1, 100} {
		const size = 800
		s := newShares(2, size, group, 1)
		// adjust makes the runs up to an adjustment, with the given time of thread 1 for an element.
		adjust := func(element time.Duration) {
			for range runsToAdjust {
				for k, element := range []time.Duration{time.Microsecond, element} {
					lo, hi := s.piece(k)
					s.took[k] += time.Duration(hi-lo) * element
				}
				s.ran(size)
			}
		}
		// The ratio of the pieces changes by 0.9/1.1 at most, so that a factor of 1000 takes 35 adjustments.
		for range 200 {
			adjust(time.Millisecond)
		}
		if lo, hi := s.piece(1); hi-lo != group {
			t.Errorf("groups of %d: a thread that is a thousand times slower has %d rows, want one group", group, hi-lo)
		}
		for range 200 {
			adjust(time.Microsecond)
		}
		if lo, hi := s.piece(1); hi-lo != size/2 {
			t.Errorf("groups of %d: threads of equal speed: thread 1 has %d rows, want half of %d", group, hi-lo, size)
		}
	}
}

// TestSharesAreCutBetweenGroups: for any weights, pieces follow each other and end between groups of 64.
func TestSharesAreCutBetweenGroups(t *testing.T) {
	for _, weights := range [][]float64{{0.5, 0.5}, {0.001, 0.999}, {0.2, 0.7, 0.1}, {1, 0, 0}} {
		for _, size := range []int{1, 63, 64, 65, 784, 1000} { // up to one group, two, and many with a remainder
			s := newShares(len(weights), size, 64, 1)
			copy(s.weight, weights)
			s.cut(size)
			at := 0
			for k := range weights {
				lo, hi := s.piece(k)
				name := fmt.Sprintf("weights %v of %d elements: piece %d from %d to %d", weights, size, k, lo, hi)
				if lo != at || hi < lo {
					t.Errorf("%s does not follow the one before, which ends at %d", name, at)
				}
				if hi%64 != 0 && hi != size {
					t.Errorf("%s ends within a group", name)
				}
				at = hi
			}
			if at != size {
				t.Errorf("%v of %d: the pieces end at %d", weights, size, at)
			}
		}
	}
}

// TestSharesKeepPanelsWhole: a piece ends with a panel, unless that shifts its end by more than 7 % of an equal
// piece (evenEnough): 29 elements for two threads, 19 for three, 14 for four. There are 8 panels of 100 elements,
// followed by one of 30. Each thread has at least as many elements as a panel.
func TestSharesKeepPanelsWhole(t *testing.T) {
	for _, tc := range []struct {
		weights []float64
		want    []int // ends of the pieces
	}{
		{[]float64{0.5, 0.5}, []int{400, 830}},                       // by the weights 415
		{[]float64{0.53, 0.47}, []int{440, 830}},                     // 439.9: neither 400 nor 500 is near enough
		{[]float64{0.58, 0.42}, []int{500, 830}},                     // 481.4
		{[]float64{0.001, 0.999}, []int{100, 830}},                   // 0.8, which is less than a panel
		{[]float64{0.999, 0.001}, []int{730, 830}},                   // 829.2 leaves thread 1 less than a panel
		{[]float64{0.45, 0.001, 0.549}, []int{374, 474, 830}},        // 373.5 and 374.3
		{[]float64{0.98, 0.01, 0.01}, []int{630, 730, 830}},          // 813.4 and 821.7
		{[]float64{0.2, 0.3, 0.25, 0.25}, []int{166, 415, 623, 830}}, // 166, 415 and 622.5: no panel ends near enough
	} {
		s := newShares(len(tc.weights), 830, 1, 100)
		copy(s.weight, tc.weights)
		s.cut(830)
		if !slices.Equal(s.end, tc.want) {
			t.Errorf("weights %v: pieces end at %v, want %v", tc.weights, s.end, tc.want)
		}
	}
}

// rendezvous is a task in which every thread waits until all threads are in a piece of it.
type rendezvous struct{ missing atomic.Int32 }

func (r *rendezvous) run(_, lo, hi int) {
	r.missing.Add(-1)
	for r.missing.Load() > 0 {
		runtime.Gosched()
	}
}

// TestPoolRunsPiecesAtTheSameTime: three threads each run one piece. The test would not end if one thread took two.
func TestPoolRunsPiecesAtTheSameTime(t *testing.T) {
	p := newPool(3)
	defer p.close()
	for range 20 {
		r := &rendezvous{}
		r.missing.Store(3)
		p.run(r, 3, 1)
	}
}

// TestCloseEndsTheWorkers closes devices that have run a task or none, while their workers check for new jobs or, after
// 2 ms, sleep (see spins).
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

// TestPoolLeavesGoAProcessor: GOMAXPROCS is larger than the number of threads of a pool. A host that is opened
// later still has one thread for each processor that the program had at its start.
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
