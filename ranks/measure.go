package ranks

import (
	"math"
	"math/bits"
	"time"
)

// Link is the speed of exchanges between two ranks that add what they receive, while all other pairs exchange too.
type Link struct {
	Latency        time.Duration `json:"latency_nanoseconds"` // of an exchange of one number
	BytesPerSecond float64       `json:"bytes_per_second"`    // sent by each of the two in a large exchange
}

// Measure measures the links between the first and the last rank, the second and the last but one, and so on, all
// at once. Where the first half of the ranks is on one machine and the second on another, each pair then uses the
// network, and all pairs share it. All ranks must call Measure. A rank in the middle returns at once, with a zero Link.
// Measure takes the fastest of several exchanges, since others may have waited for other programs.
func Measure(t Transport) (Link, error) {
	x, room := make([]float32, MeasuredMost), make([]float32, MeasuredMost)
	return MeasureBy(t, func(peer, size int) error {
		return exchangeAndAdd(t, peer, x[:size], x[:size], room[:size])
	})
}

// MeasuredMost is the number of numbers in the largest exchange of a measurement, of 1 MiB. There are longExchanges
// of them, after shortExchanges of one number. All three are chosen: the measurement takes milliseconds on the links
// of one machine, and the time of a long exchange is many latencies.
const (
	MeasuredMost   = 1 << 18
	shortExchanges = 25
	longExchanges  = 5
)

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
		return max(least, 1), nil // a clock may show 0
	}
	latency, err := fastest(1, shortExchanges)
	if err != nil {
		return Link{}, err
	}
	long, err := fastest(MeasuredMost, longExchanges)
	return Link{latency, 4 * MeasuredMost / max(long-latency, 1).Seconds()}, err
}

// SumTime predicts the time of [Sum] of n numbers over the given number of ranks: the latencies of its steps,
// and the time for the bytes that a rank sends. It has as many steps as the next power of two has.
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
