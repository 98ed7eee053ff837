package ranks

import (
	"math/bits"
	"slices"
	"time"
)

// Link is the speed of exchanges between two ranks.
type Link struct {
	Latency        time.Duration `json:"latency_nanoseconds"` // of an exchange of one number
	BytesPerSecond float64       `json:"bytes_per_second"`    // sent by each of the two in a large exchange
}

// Measure measures the link between the first and the last rank, which are on two machines if the ranks
// are on several. All ranks must call it; ranks between these two return at once, with a zero Link. It
// takes the median of the exchanges.
func Measure(t Transport) (Link, error) {
	const small, large, rounds = 1, 1 << 20, 25
	peer := t.Size() - 1 - t.Rank()
	if peer == t.Rank() || min(peer, t.Rank()) > 0 {
		return Link{}, nil
	}
	send, received := make([]float32, large), make([]float32, large)
	median := func(size int) (time.Duration, error) {
		var times []time.Duration
		for range rounds {
			start := time.Now()
			if err := t.Exchange(peer, send[:size], received[:size]); err != nil {
				return 0, err
			}
			times = append(times, time.Since(start))
		}
		slices.Sort(times)
		return max(times[rounds/2], 1), nil
	}
	latency, err := median(small)
	if err != nil {
		return Link{}, err
	}
	long, err := median(large)
	return Link{latency, 4 * large / long.Seconds()}, err
}

// SumTime predicts the time of [Sum] of n numbers over the given number of ranks.
func (l Link) SumTime(n float64, size int) time.Duration {
	if size < 2 {
		return 0
	}
	steps := float64(bits.Len(uint(size - 1)))
	return time.Duration(steps * (float64(l.Latency) + 4*n/l.BytesPerSecond*float64(time.Second)))
}
