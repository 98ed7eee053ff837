package engine

import (
	"math"
	"slices"
	"time"
)

// shares is how the threads of a pool share tasks of one kind and size. It follows the times
// that they take: one processor may be slower than another, be it by its make, by what it has to
// fetch or by what else runs on it, and all of them wait for the last.
type shares struct {
	group  int             // is not divided
	whole  int             // so many groups are not either, where pieces are even enough without
	weight []float64       // of each thread; they add up to 1
	end    []int           // of its piece
	took   []time.Duration // by each since the last look
	runs   int             // since then
}

// A look is due after so many runs, and moves the ends of the pieces at most so far. Pieces
// that move leave behind in one core's cache what another will need, and a single time may be
// that of a thread which was not running.
const (
	runsToLook = 16
	mostChange = 0.1                   // of a piece
	leastTime  = 10 * time.Microsecond // of the longest piece of a run, for times to mean anything
	evenEnough = 0.07                  // of a piece
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

// piece returns what a thread has of the task.
func (s *shares) piece(thread int) (lo, hi int) {
	if thread > 0 {
		lo = s.end[thread-1]
	}
	return lo, s.end[thread]
}

// cut splits [0,size) by the weights. Where there is enough for all, every thread has something
// whole: with less it would have no time that means anything, and never get more.
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

// look is called after each run, when all threads have added their times to took.
func (s *shares) look(size int) {
	if s.runs++; s.runs < runsToLook {
		return
	}
	s.runs = 0
	defer clear(s.took)
	if slices.Max(s.took) < runsToLook*leastTime || slices.Min(s.took) == 0 {
		return
	}
	var speed, sum float64 // of all threads
	for k := range s.took {
		speed += s.speed(k)
	}
	for k := range s.weight {
		change := s.speed(k)/speed/s.weight[k] - 1
		s.weight[k] *= 1 + min(max(change/2, -mostChange), mostChange)
		sum += s.weight[k]
	}
	for k := range s.weight {
		s.weight[k] /= sum
	}
	s.cut(size)
}

// speed is how much a thread got done in a second since the last look.
func (s *shares) speed(thread int) float64 {
	lo, hi := s.piece(thread)
	return float64(hi-lo) / s.took[thread].Seconds()
}
