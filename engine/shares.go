package engine

import (
	"math"
	"slices"
	"time"
)

// shares is the split of tasks of one kind and size among the threads of a pool. It adapts to the
// measured times, since all threads wait for the slowest one, and processors differ: by their
// make, by the memory they fetch, and by other programs.
type shares struct {
	group  int             // a piece ends at a multiple of this number of elements
	whole  int             // and at a multiple of this number of groups, if that is even enough
	weight []float64       // share of each thread; the sum is 1
	end    []int           // end of the piece of each thread
	took   []time.Duration // time of each thread since the last adjustment
	runs   int             // number of runs since the last adjustment
}

// Every runsToAdjust runs the ends of the pieces are adjusted, by at most mostChange. The changes
// are small because moving an end leaves data in the cache of the wrong core, and because a
// single time may include a period in which the thread did not run. All numbers are chosen.
const (
	runsToAdjust = 16
	mostChange   = 0.1                   // as a fraction of a piece
	leastTime    = 10 * time.Microsecond // shorter times of the longest piece, on average, are ignored
	evenEnough   = 0.07                  // largest shift of an end to a multiple of whole, as a fraction of a piece
)

func newShares(threads, size, group, whole int) *shares {
	s := &shares{
		group: group, whole: whole,
		weight: make([]float64, threads), end: make([]int, threads), took: make([]time.Duration, threads),
	}
	for k := range s.weight {
		s.weight[k] = 1 / float64(threads)
	}
	s.cut(size)
	return s
}

// piece returns the range of a thread.
func (s *shares) piece(thread int) (lo, hi int) {
	if thread > 0 {
		lo = s.end[thread-1]
	}
	return lo, s.end[thread]
}

// cut splits [0,size) by the weights. If there are enough groups, every thread gets at least `whole`
// groups, else at least one if there are enough for that. With less, the time of a thread would mean
// nothing, and its share could never grow.
func (s *shares) cut(size int) {
	threads, groups, least := len(s.weight), (size+s.group-1)/s.group, s.whole
	if groups < threads*least {
		least = 1
	}
	var sum float64
	var end int // in groups
	for k, w := range s.weight {
		sum += w
		ideal, begin := sum*float64(size)/float64(s.group), end
		end = s.whole * int(ideal/float64(s.whole)+0.5)
		if math.Abs(float64(end)-ideal) > evenEnough*float64(groups)/float64(threads) {
			end = int(ideal + 0.5)
		}
		if groups >= threads*least {
			end = min(max(end, begin+least), groups-(threads-1-k)*least)
		}
		s.end[k] = min(size, s.group*end)
	}
	s.end[threads-1] = size
}

// ran counts a run and adjusts the split when it is due. It is called after each run, when all
// threads have added their times to took.
func (s *shares) ran(size int) {
	if s.runs++; s.runs < runsToAdjust {
		return
	}
	s.runs = 0
	defer clear(s.took)
	if slices.Max(s.took) < runsToAdjust*leastTime || slices.Min(s.took) == 0 { // 0: a thread without a piece
		return
	}
	var speed, sum float64 // of all threads
	for k := range s.took {
		speed += s.speed(k)
	}
	for k := range s.weight {
		change := s.speed(k)/speed/s.weight[k] - 1
		s.weight[k] *= 1 + min(max(change/2, -mostChange), mostChange) // half way, as times vary
		sum += s.weight[k]
	}
	for k := range s.weight {
		s.weight[k] /= sum
	}
	s.cut(size)
}

// speed returns the work per second of a thread since the last adjustment.
func (s *shares) speed(thread int) float64 {
	lo, hi := s.piece(thread)
	return float64(hi-lo) / s.took[thread].Seconds()
}
