package ranks_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"harmonium/ranks"
	"harmonium/ranks/rankstest"
)

// together calls f on every rank of a new group at the same time, and returns the errors by rank.
func together(size int, f func(t ranks.Transport) error) []error {
	errs := make([]error, size)
	var all sync.WaitGroup
	for _, t := range rankstest.New(size) {
		all.Go(func() { errs[t.Rank()] = f(t) })
	}
	all.Wait()
	return errs
}

// TestSumIsOneTree: all ranks have the bits of one tree over eight vectors, whether each of 1, 2, 4 or 8 ranks adds up
// its own 8, 4, 2 or 1 in a subtree.
func TestSumIsOneTree(t *testing.T) {
	for _, length := range []int{1, 33, 1<<12 + 5} { // the last is scattered over four ranks and more
		testSum(t, length)
	}
	for _, err := range together(3, func(r ranks.Transport) error { return ranks.Sum(r, nil, nil) }) {
		if err == nil || err.Error() != "ranks: a sum over 3 ranks, want a power of two" {
			t.Errorf("a sum over three ranks: got error %v", err)
		}
	}
}

// testSum compares sums over ranks with the tree over vectors of the given length.
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
				t.Errorf("%d ranks: the sum of vectors of %d numbers on rank %d differs from the tree", size, length, rank)
			}
		}
	}
}

// TestMessages gathers a message of each rank on rank 0, and broadcasts a message of rank 0, on 1 to 9 ranks.
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
			want := 0
			if r.Rank() == 0 {
				want = size
			}
			if len(all) != want {
				return fmt.Errorf("got %d messages, want %d", len(all), want)
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

// TestWatchNamesTheSilentRank: one rank reports a rank that it hears nothing of, with the progress that it told last.
// Rank 0 reports the others, and rank 1 rank 0, at least 2 seconds before the timeout: the starter of MPI needs them to
// end all processes. No other rank reports in the following second, within which a starter tells it. Time is simulated.
func TestWatchNamesTheSilentRank(t *testing.T) {
	for silent, reporter := range map[int]int{0: 1, 1: 0, 3: 0} {
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
				t.Fatalf("all ranks are alive: got a report %q", text)
			default:
			}
			rankstest.Mute(all[silent])
			start := time.Now()
			want := fmt.Sprintf("rank %d: rank %d after update %d", reporter, silent, 10+silent)
			if got := <-lost; got != want {
				t.Errorf("rank %d is silent: got %q, want %q", silent, got, want)
			}
			// Rank 0 reports after a silence of 1.9375 seconds (see LeastTimeout). Up to 5/32 seconds of it are before
			// start, as the last beat was heard then.
			if took, least, most := time.Since(start), 1780*time.Millisecond, timeout-2*time.Second; took < least || took > most {
				t.Errorf("rank %d is silent: noticed after %v, want from %v to %v", silent, took, least, most)
			}
			time.Sleep(time.Second)
			select {
			case text := <-lost:
				t.Errorf("rank %d is silent: a second report %q", silent, text)
			default:
			}
		})
	}
}

// TestARankAsksToEnd: rank 0 notices that another rank asks to end the run, and the others that rank 0 asks. Each rank
// beats and listens every second, so that 3 seconds are enough. The channel has room for the calls at each beat.
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

// TestMeasure: all ranks but the one in the middle measure a link.
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
}

// TestSumTimeOfALink: a sum takes an exchange of all numbers for each doubling of the ranks, or, if it is scattered, two
// exchanges for each, of 2·(R-1)/R of the numbers in all. An exchange takes 1 ms, and 1000 numbers take 1 ms.
func TestSumTimeOfALink(t *testing.T) {
	const ms = time.Millisecond
	link := ranks.Link{Latency: ms, BytesPerSecond: 4e6}
	for _, tc := range []struct {
		numbers float64
		size    int
		want    time.Duration
	}{
		{8000, 1, 0},
		{8000, 2, (1 + 8) * ms},
		{8000, 4, (4 + 12) * ms}, // scattered from here on: 2·2 exchanges of 2·3/4 of the numbers
		{8000, 8, (6 + 14) * ms},
		{1000, 4, 2 * (1 + 1) * ms}, // too few numbers to be scattered
		{1000, 5, 3 * (1 + 1) * ms}, // as many doublings as for 8 ranks
	} {
		if got := link.SumTime(tc.numbers, tc.size); got != tc.want {
			t.Errorf("a sum of %g numbers over %d ranks: predicted %v, want %v", tc.numbers, tc.size, got, tc.want)
		}
	}
}

// counted is the transport of a rank, and counts its exchanges and the numbers that it sends.
type counted struct {
	ranks.Transport
	exchanges, numbers int
}

func (c *counted) Exchange(peer int, send, received []float32) error {
	c.exchanges++
	c.numbers += len(send)
	return c.Transport.Exchange(peer, send, received)
}

// TestSumTimeCountsExchanges: the model of a sum has the exchanges that a rank makes, and the numbers that it sends. One
// link takes 1 ns for an exchange and nothing for numbers, and the other 1 s for each number of 4 bytes. 2¹³ numbers are
// scattered over four ranks and more, 2¹⁰ are not.
func TestSumTimeCountsExchanges(t *testing.T) {
	for _, size := range []int{2, 4, 8, 16} {
		for _, n := range []int{1 << 10, 1 << 13} {
			for rank, err := range together(size, func(r ranks.Transport) error {
				c := &counted{Transport: r}
				if err := ranks.Sum(c, make([]float32, n), make([]float32, n)); err != nil {
					return err
				}
				exchanges := int(ranks.Link{Latency: 1, BytesPerSecond: math.Inf(1)}.SumTime(float64(n), size))
				numbers := int(ranks.Link{BytesPerSecond: 4}.SumTime(float64(n), size) / time.Second)
				if exchanges != c.exchanges {
					return fmt.Errorf("the model has %d exchanges, and the rank makes %d", exchanges, c.exchanges)
				}
				if numbers != c.numbers {
					return fmt.Errorf("the model has %d numbers, and the rank sends %d", numbers, c.numbers)
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
		for _, n := range []int{0, 1, 7, 1<<12 - 1, 1 << 12, 1<<12 + 5} { // up to, at and beyond scatteredFrom
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
					want := ranks.Step{Peer: rank, Sent: s.Received, Received: s.Sent, Adds: s.Adds}
					if got := all[s.Peer][i]; got != want {
						t.Errorf("%d numbers, %d ranks, step %d: rank %d makes %+v, and its peer %+v", n, size, i, rank, s, got)
					}
				}
			}
		}
	}
	if _, err := ranks.SumSteps(0, 3, 1); err == nil {
		t.Error("got the steps of a sum over three ranks, want an error")
	}
}

// TestAbortEndsAllWaits: ranks 0 and 1 wait in Receive and Exchange for ranks that never answer, until rank 2 aborts.
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
			t.Errorf("rank %d: got error %v, want %v", rank, err, rankstest.ErrAborted)
		}
	}
}

// TestAlone: one process that MPI has started has the transport Alone, which sums over one rank and sends to nobody.
func TestAlone(t *testing.T) {
	t.Setenv("OMPI_COMM_WORLD_SIZE", "1")
	t.Setenv("OMPI_COMM_WORLD_RANK", "0")
	alone, err := ranks.Open()
	if err != nil {
		t.Fatal(err)
	}
	x := []float32{3}
	if err := ranks.Sum(alone, x, x); err != nil || x[0] != 3 {
		t.Errorf("the sum of 3 over one rank: got %v and error %v", x, err)
	}
	if got := alone.Size(); got != 1 {
		t.Errorf("got %d ranks, want 1", got)
	}
	if alone.Send(1, nil) == nil {
		t.Error("a message was sent to a rank that is not there")
	}
	if alone.Exchange(1, nil, nil) == nil {
		t.Error("numbers were exchanged with a rank that is not there")
	}
}

// TestLaunched: the environment of Open MPI says which of four processes this is. A build without MPI cannot open their
// transport. A build with MPI is not tried here, since no starter has started this test.
func TestLaunched(t *testing.T) {
	t.Setenv("OMPI_COMM_WORLD_SIZE", "4")
	t.Setenv("OMPI_COMM_WORLD_RANK", "2")
	if rank, size := ranks.Launched(); rank != 2 || size != 4 {
		t.Errorf("launched as rank %d of %d, want 2 of 4", rank, size)
	}
	if ranks.HasMPI {
		return
	}
	if _, err := ranks.Open(); err == nil {
		t.Error("a build without MPI has opened a transport of four processes, want an error")
	}
}

// TestOtherMPIIsNoticed: where mpirun belongs to another MPI than the build, it starts four processes, and the transport
// of each has one rank.
func TestOtherMPIIsNoticed(t *testing.T) {
	if err := ranks.CheckSize(rankstest.New(4)[1], 4); err != nil {
		t.Errorf("four processes of four: %v", err)
	}
	err := ranks.CheckSize(ranks.Alone{}, 4)
	want := "ranks: 4 processes were started, and one process has 1: " + ranks.ErrOtherMPI.Error()
	if err == nil || err.Error() != want {
		t.Errorf("got error %v, want %q", err, want)
	}
	if !errors.Is(err, ranks.ErrOtherMPI) {
		t.Errorf("got error %v, which does not wrap ErrOtherMPI", err)
	}
}
