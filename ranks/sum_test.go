package ranks_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"harmonium/ranks"
	"harmonium/ranks/rankstest"
)

// together calls f on every rank of a group and returns the errors.
func together(size int, f func(t ranks.Transport) error) []error {
	errs := make([]error, size)
	var all sync.WaitGroup
	for _, t := range rankstest.New(size) {
		all.Go(func() { errs[t.Rank()] = f(t) })
	}
	all.Wait()
	return errs
}

// TestSumIsOneTree: all ranks have the bits of the tree over all terms, for any number of ranks that
// holds a whole subtree each.
func TestSumIsOneTree(t *testing.T) {
	for _, length := range []int{1, 33, 1<<12 + 5} { // the last is scattered
		testSum(t, length)
	}
}

func testSum(t *testing.T, length int) {
	const terms = 8
	random := rand.New(rand.NewPCG(1, 2))
	x := make([][]float32, terms)
	for i := range x {
		x[i] = make([]float32, length)
		for j := range x[i] {
			x[i][j] = float32(random.NormFloat64())
		}
	}
	var tree func(lo, n int) []float32
	tree = func(lo, n int) []float32 {
		if n == 1 {
			return slices.Clone(x[lo])
		}
		left, right := tree(lo, n/2), tree(lo+n/2, n/2)
		for j := range left {
			left[j] += right[j]
		}
		return left
	}
	want := tree(0, terms)
	for size := 1; size <= terms; size *= 2 {
		got := make([][]float32, size)
		for _, err := range together(size, func(r ranks.Transport) error {
			own := terms / size
			got[r.Rank()] = tree(r.Rank()*own, own)
			return ranks.Sum(r, got[r.Rank()], make([]float32, length))
		}) {
			if err != nil {
				t.Fatal(err)
			}
		}
		for rank := range got {
			if !slices.Equal(got[rank], want) {
				t.Errorf("%d ranks: rank %d has another sum of %d numbers", size, rank, length)
			}
		}
	}
	for _, err := range together(3, func(r ranks.Transport) error { return ranks.Sum(r, nil, nil) }) {
		if err == nil || err.Error() != "ranks: a sum over 3 ranks, want a power of two" {
			t.Errorf("a sum over three ranks: error %v", err)
		}
	}
}

// TestMessages gathers and broadcasts a message on any number of ranks.
func TestMessages(t *testing.T) {
	for size := 1; size <= 9; size++ {
		for rank, err := range together(size, func(r ranks.Transport) error {
			all, err := ranks.Gather(r, fmt.Appendf(nil, "from %d", r.Rank()))
			if err != nil {
				return err
			}
			for from, message := range all {
				if want := fmt.Sprint("from ", from); string(message) != want {
					return fmt.Errorf("got %q, want %q", message, want)
				}
			}
			if (r.Rank() == 0) != (len(all) == size) {
				return fmt.Errorf("%d messages of %d", len(all), size)
			}
			got, err := ranks.Broadcast(r, bytes.Repeat([]byte{byte(r.Rank() + 1)}, 3))
			if err == nil && !bytes.Equal(got, []byte{1, 1, 1}) {
				err = fmt.Errorf("the broadcast is %v", got)
			}
			return err
		}) {
			if err != nil {
				t.Errorf("%d ranks: rank %d: %v", size, rank, err)
			}
		}
	}
}

// TestWatchNamesTheSilentRank: the ranks that hear nothing of a rank say so, with what it told last.
// Rank 0 speaks about the others, and rank 1 about rank 0, 2 seconds before the timeout, which the starter of MPI
// needs to end all. No other rank speaks in the second after which it hears that one has. Time is simulated.
func TestWatchNamesTheSilentRank(t *testing.T) {
	for silent, speaker := range map[int]int{0: 1, 1: 0, 3: 0} {
		synctest.Test(t, func(t *testing.T) {
			const timeout = ranks.LeastTimeout
			all := rankstest.New(4)
			lost := make(chan string, len(all))
			for _, r := range all {
				w := ranks.Watch(r, timeout, func(e *ranks.Lost) {
					lost <- fmt.Sprintf("rank %d: rank %d after update %d", r.Rank(), e.Rank, e.Progress)
				}, func() { t.Error("a rank has asked to end the run") })
				defer w.Close()
				w.Note(10 + r.Rank())
			}
			time.Sleep(10 * timeout)
			select {
			case text := <-lost:
				t.Fatalf("while all are alive: %s", text)
			default:
			}
			rankstest.Mute(all[silent])
			start := time.Now()
			want := fmt.Sprintf("rank %d: rank %d after update %d", speaker, silent, 10+silent)
			if got := <-lost; got != want {
				t.Errorf("rank %d is silent: got %q, want %q", silent, got, want)
			}
			if took, least, most := time.Since(start), time.Second, timeout-2*time.Second; took < least || took > most {
				t.Errorf("rank %d is silent: noticed after %v, want from %v to %v", silent, took, least, most)
			}
			time.Sleep(900 * time.Millisecond)
			select {
			case text := <-lost:
				t.Errorf("rank %d is silent: %s says so too", silent, text)
			default:
			}
		})
	}
}

// TestARankAsksToEnd: rank 0 notices that another rank asks to end the run, and the others that rank 0 asks.
func TestARankAsksToEnd(t *testing.T) {
	for asking, want := range map[int][]int{2: {0}, 0: {1, 2}} {
		synctest.Test(t, func(t *testing.T) {
			asked := make(chan int, 100)
			for _, r := range rankstest.New(3) {
				w := ranks.Watch(r, time.Minute, func(e *ranks.Lost) { t.Error(e) }, func() { asked <- r.Rank() })
				defer w.Close()
				if r.Rank() == asking {
					w.Ask()
				}
			}
			start := time.Now()
			time.Sleep(3 * time.Second)
			var got []int
			for len(asked) > 0 {
				got = append(got, <-asked)
			}
			slices.Sort(got)
			if got = slices.Compact(got); !slices.Equal(got, want) {
				t.Errorf("rank %d asks: ranks %v were asked within %v, want %v", asking, got, time.Since(start), want)
			}
		})
	}
}

// TestMeasure: all ranks but the one in the middle measure a link. A sum takes an exchange for each doubling of the
// ranks, or if it is scattered two exchanges, of 2·(R-1)/R of the numbers in all.
func TestMeasure(t *testing.T) {
	for rank, err := range together(3, func(r ranks.Transport) error {
		link, err := ranks.Measure(r)
		if ends := r.Rank() != 1; err == nil && (ends != (link.Latency > 0) || ends != (link.BytesPerSecond > 0)) {
			err = fmt.Errorf("a link of %v and %v bytes/s", link.Latency, link.BytesPerSecond)
		}
		return err
	}) {
		if err != nil {
			t.Errorf("rank %d: %v", rank, err)
		}
	}
	link := ranks.Link{Latency: time.Millisecond, BytesPerSecond: 4e6}
	for _, tc := range []struct {
		numbers float64
		size    int
		want    time.Duration
	}{
		{8000, 1, 0}, {8000, 2, 9 * time.Millisecond}, {8000, 4, 16 * time.Millisecond}, {8000, 8, 20 * time.Millisecond},
		{1000, 4, 4 * time.Millisecond}, {1000, 5, 6 * time.Millisecond},
	} {
		if got := link.SumTime(tc.numbers, tc.size); got != tc.want {
			t.Errorf("a sum of %g numbers over %d ranks: predicted %v, want %v", tc.numbers, tc.size, got, tc.want)
		}
	}
}

// counted counts the exchanges of a rank, and the numbers that it sends.
type counted struct {
	ranks.Transport
	exchanges, numbers int
}

func (c *counted) Exchange(peer int, send, received []float32) error {
	c.exchanges++
	c.numbers += len(send)
	return c.Transport.Exchange(peer, send, received)
}

// TestSumTime: the model of a sum counts the exchanges and the numbers that ranks send.
func TestSumTime(t *testing.T) {
	for _, size := range []int{2, 4, 8, 16} {
		for _, n := range []int{1 << 10, 1 << 13} {
			for rank, err := range together(size, func(r ranks.Transport) error {
				c := &counted{Transport: r}
				if err := ranks.Sum(c, make([]float32, n), make([]float32, n)); err != nil {
					return err
				}
				latency := ranks.Link{Latency: 1, BytesPerSecond: 1e300}.SumTime(float64(n), size)
				sending := ranks.Link{BytesPerSecond: 4}.SumTime(float64(n), size)
				if int(latency) != c.exchanges || sending != time.Duration(c.numbers)*time.Second {
					return fmt.Errorf("%d exchanges of %d numbers, but the model has %d of %v", c.exchanges, c.numbers, latency, sending)
				}
				return nil
			}) {
				if err != nil {
					t.Errorf("%d numbers, %d ranks: rank %d: %v", n, size, rank, err)
				}
			}
		}
	}
}

// TestSumStepsMatch: in each step the peers of a sum send each other what the other one receives.
func TestSumStepsMatch(t *testing.T) {
	for _, size := range []int{1, 2, 4, 8} {
		for _, n := range []int{0, 1, 7, 1<<12 - 1, 1 << 12, 1<<12 + 5} {
			var all [][]ranks.Step
			for rank := range size {
				steps, err := ranks.SumSteps(rank, size, n)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, steps)
			}
			for rank, steps := range all {
				for i, s := range steps {
					if other := all[s.Peer][i]; other.Peer != rank || other.Sent != s.Received || other.Received != s.Sent || other.Adds != s.Adds {
						t.Errorf("%d numbers, %d ranks, step %d: rank %d makes %+v, and its peer %+v", n, size, i, rank, s, other)
					}
				}
			}
		}
	}
	if _, err := ranks.SumSteps(0, 3, 1); err == nil {
		t.Error("a sum over three ranks is no error")
	}
}

// TestAbortEndsAllWaits: a rank that waits for another gets an error when one aborts.
func TestAbortEndsAllWaits(t *testing.T) {
	errs := together(3, func(r ranks.Transport) error {
		switch r.Rank() {
		case 0:
			_, err := r.Receive(1)
			return err
		case 1:
			return r.Exchange(2, []float32{1}, make([]float32, 1))
		}
		r.Abort(5)
		if code, aborted := rankstest.AbortCode(r); code != 5 || !aborted {
			return fmt.Errorf("code %d, aborted %v", code, aborted)
		}
		return rankstest.ErrAborted
	})
	for rank, err := range errs {
		if !errors.Is(err, rankstest.ErrAborted) {
			t.Errorf("rank %d: error %v", rank, err)
		}
	}
}

func TestAloneHasNoOthers(t *testing.T) {
	t.Setenv("OMPI_COMM_WORLD_SIZE", "1")
	t.Setenv("OMPI_COMM_WORLD_RANK", "0")
	alone, err := ranks.Open()
	if err != nil {
		t.Fatal(err)
	}
	x := []float32{3}
	if err := ranks.Sum(alone, x, x); err != nil || x[0] != 3 || alone.Size() != 1 {
		t.Errorf("a sum of one rank: %v, %v", x, err)
	}
	if alone.Send(1, nil) == nil || alone.Exchange(1, nil, nil) == nil {
		t.Error("a message to nobody was sent")
	}
	t.Setenv("OMPI_COMM_WORLD_SIZE", "4")
	t.Setenv("OMPI_COMM_WORLD_RANK", "2")
	if rank, size := ranks.Launched(); rank != 2 || size != 4 {
		t.Errorf("launched as rank %d of %d, want 2 of 4", rank, size)
	}
	if ranks.HasMPI {
		return // which nobody has started
	}
	if _, err := ranks.Open(); err == nil {
		t.Error("four processes without MPI are no error")
	}
}

// TestOtherMPIIsNoticed: where mpirun belongs to another MPI, each of its processes is alone.
func TestOtherMPIIsNoticed(t *testing.T) {
	if err := ranks.CheckSize(rankstest.New(4)[1], 4); err != nil {
		t.Errorf("four processes of four: %v", err)
	}
	err := ranks.CheckSize(ranks.Alone{}, 4)
	if want := "ranks: 4 processes were started, and one process has 1: "; !errors.Is(err, ranks.ErrOtherMPI) || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got error %v, want one that begins with %q", err, want)
	}
}
