package ranks

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"unsafe"
)

// newSegments returns the memory of all ranks of a machine: zeros, as uint64 for the alignment of lanes.
func newSegments(ranks int) []segment {
	var segments []segment
	for range ranks {
		memory := make([]uint64, segmentSize(ranks)/8)
		segments = append(segments, segment{unsafe.Pointer(&memory[0]), ranks})
	}
	return segments
}

// TestMailbox: messages arrive as they were sent: of no numbers, of up to a chunk, and of more than all slots
// hold. Peers change from round to round.
func TestMailbox(t *testing.T) {
	const size = 4
	lengths := []int{0, 1, chunk - 1, chunk, chunk + 1, slots * chunk, 3*slots*chunk + 17}
	segments := newSegments(size)
	// message returns what a rank sends in a round.
	message := func(rank, round int) []float32 {
		r := rand.New(rand.NewPCG(uint64(rank), uint64(round)))
		x := make([]float32, lengths[r.IntN(len(lengths))])
		for i := range x {
			x[i] = r.Float32()
		}
		return x
	}
	const rounds = 60 // 20 with each peer
	var all sync.WaitGroup
	for rank := range size {
		all.Go(func() {
			m := newMailbox(rank, segments)
			for round := range rounds {
				peer := rank ^ (1 + round%(size-1)) // which has this rank as its peer, too
				want := message(peer, round)
				got := make([]float32, len(want))
				m.exchange(peer, message(rank, round), got, copyNumbers, runtime.Gosched)
				if !slices.Equal(got, want) {
					t.Errorf("round %d: rank %d received other numbers than rank %d sent", round, rank, peer)
				}
			}
		})
	}
	all.Wait()
}

// TestMailboxAdds: two ranks exchange vectors that need each slot several times, and both have the sum in place of
// their vector. Elements are i on rank 0 and 3i on rank 1.
func TestMailboxAdds(t *testing.T) {
	const size, length = 2, 5*slots*chunk + 3
	segments := newSegments(size)
	var sums [size][]float32
	var all sync.WaitGroup
	for rank := range size {
		all.Go(func() {
			m, x := newMailbox(rank, segments), make([]float32, length)
			for i := range x {
				x[i] = float32((1 + 2*rank) * i)
			}
			m.exchange(1-rank, x, x, addNumbers, runtime.Gosched)
			sums[rank] = x
		})
	}
	all.Wait()
	for rank, x := range sums {
		for i, got := range x {
			if want := float32(4 * i); got != want { // exact, as it is below 2²⁴
				t.Fatalf("rank %d, element %d: got %g, want %g", rank, i, got, want)
			}
		}
	}
}

// TestSegments: the lanes and the slots of a segment do not overlap, and end with it.
func TestSegments(t *testing.T) {
	const size = 3
	s := newSegments(size)[0]
	for peer := range size {
		s.lane(peer).sent.Store(uint64(2*peer + 1))
		s.lane(peer).taken.Store(uint64(2*peer + 2))
	}
	for n := range uint64(slots) {
		slot := s.slot(n)
		for i := range slot {
			slot[i] = float32(n + 1)
		}
	}
	for peer := range size {
		sent, taken := s.lane(peer).sent.Load(), s.lane(peer).taken.Load()
		if sent != uint64(2*peer+1) || taken != uint64(2*peer+2) {
			t.Errorf("lane %d: got counts %d and %d, want %d and %d", peer, sent, taken, 2*peer+1, 2*peer+2)
		}
	}
	for n := range uint64(slots) {
		for i, got := range s.slot(n) {
			if want := float32(n + 1); got != want {
				t.Fatalf("slot %d, number %d: got %g, want %g", n, i, got, want)
			}
		}
	}
	last := s.slot(slots - 1)
	end := uintptr(unsafe.Pointer(&last[chunk-1])) + 4 - uintptr(s.memory)
	if got, want := int(end), segmentSize(size); got != want {
		t.Errorf("the last slot ends at byte %d of the segment, want %d", got, want)
	}
}
