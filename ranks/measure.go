package ranks

import (
	"math"
	"math/bits"
	"time"
)

// Link is the speed of exchanges between two ranks whose numbers are added, as all ranks exchange at once.
type Link struct {
	Latency        time.Duration `json:"latency_nanoseconds"` // of an exchange of one number
	BytesPerSecond float64       `json:"bytes_per_second"`    // sent by each of the two in a large exchange
}

// Measure measures the links between the first and the last rank, the second and the last but one, and so on, all
// at once: where the ranks are on two machines, each pair is too, and all pairs share the link between these. All
// ranks must call it. A rank in the middle returns at once, with a zero Link. Measure takes the fastest of some
// exchanges, 5 MiB in all, since others may have waited for other programs.
func Measure(t Transport) (Link, error) {
	x, room := make([]float32, MeasuredMost), make([]float32, MeasuredMost)
	return MeasureBy(t, func(peer, size int) error {
		return exchangeAndAdd(t, peer, x[:size], x[:size], room[:size])
	})
}

// MeasuredMost is the size of the largest exchange of a measurement.
const MeasuredMost = 1 << 18

// MeasureBy is [Measure] by exchanges of another kind: exchange sends the given number of numbers to a peer and
// adds what it receives.
func MeasureBy(t Transport, exchange func(peer, numbers int) error) (Link, error) {
	peer := t.Size() - 1 - t.Rank()
	if peer == t.Rank() {
		return Link{}, nil
	}
	fastest := func(size, rounds int) (time.Duration, error) {
		least := time.Duration(math.MaxInt64)
		for range rounds {
			start := time.Now()
			if err := exchange(peer, size); err != nil {
				return 0, err
			}
			least = min(least, time.Since(start))
		}
		return max(least, 1), nil
	}
	latency, err := fastest(1, 25)
	if err != nil {
		return Link{}, err
	}
	long, err := fastest(MeasuredMost, 5)
	return Link{latency, 4 * MeasuredMost / max(long-latency, 1).Seconds()}, err
}

// SumTime predicts the time of [Sum] of n numbers over the given number of ranks: the latencies of its steps,
// and the bytes that a rank sends.
func (l Link) SumTime(n float64, size int) time.Duration {
	if size < 2 {
		return 0
	}
	steps := float64(bits.Len(uint(size - 1)))
	numbers := steps * n
	if size >= 4 && n >= scatteredFrom {
		steps, numbers = 2*steps, 2*float64(size-1)/float64(size)*n
	}
	return time.Duration(steps*float64(l.Latency) + 4*numbers/l.BytesPerSecond*float64(time.Second))
}
