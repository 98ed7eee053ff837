package engine

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

// visits counts how often each row was run.
type visits struct{ count []atomic.Int32 }

func (v *visits) run(lo, hi int) {
	for i := lo; i < hi; i++ {
		v.count[i].Add(1)
	}
}

// TestPoolRunsEveryRowOnce starts many tiny tasks, some back to back and some after the
// workers have gone to sleep.
func TestPoolRunsEveryRowOnce(t *testing.T) {
	for threads := 1; threads <= 5; threads++ {
		p := newPool(threads)
		for round := range 2000 {
			size, grain := round%17, 1+round%5
			v := &visits{count: make([]atomic.Int32, size+1)}
			p.run(v, size, grain)
			for i := range v.count {
				want := int32(1)
				if i == size {
					want = 0
				}
				if got := v.count[i].Load(); got != want {
					t.Fatalf("%d threads, size %d, grain %d: row %d ran %d times, want %d", threads, size, grain, i, got, want)
				}
			}
			if round%500 == 0 {
				time.Sleep(5 * time.Millisecond)
			}
		}
		p.close()
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
		p.task = v // as if the start were still at work
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

// rendezvous holds every thread until all of them are in a piece of the task.
type rendezvous struct{ missing atomic.Int32 }

func (r *rendezvous) run(lo, hi int) {
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
