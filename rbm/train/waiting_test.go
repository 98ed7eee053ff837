package train

import (
	"context"
	"fmt"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/ranks"
	"harmonium/ranks/rankstest"
	"harmonium/rbm/internal/rbmtest"
)

// slow is a transport that waits before each exchange, as a link with a latency and a rate would.
type slow struct {
	ranks.Transport
	link ranks.Link
}

// Exchange is [ranks.Transport.Exchange] after the time that the link takes for the numbers.
func (s slow) Exchange(peer int, send, received []float32) error {
	time.Sleep(s.link.Latency + time.Duration(4*float64(len(send))/s.link.BytesPerSecond*float64(time.Second)))
	return s.Transport.Exchange(peer, send, received)
}

// TestForecastOfASlowLink: over links with a latency and a rate, the sums of updates take the time that the forecast
// has, on ranks of one machine and on ranks of several, whose gradient travels in blocks. Time is simulated, and
// stands still while ranks compute.
func TestForecastOfASlowLink(t *testing.T) {
	const updates = 3
	links := []ranks.Link{
		{Latency: 3 * time.Millisecond, BytesPerSecond: 125e6}, // the latency takes most of the time
		{Latency: 50 * time.Microsecond, BytesPerSecond: 10e6}, // the rate does
	}
	groups := map[string]func(int) []ranks.Transport{"one machine": rankstest.New, "several machines": rankstest.Apart}
	for _, size := range []int{2, 4} {
		for name, group := range groups {
			for _, link := range links {
				synctest.Test(t, func(t *testing.T) {
					c := DefaultConfig()
					c.Algorithm, c.GibbsSteps, c.Hidden, c.Guard = "pcd", 1, 900, "off" // 80x900 weights travel in several blocks
					c.BatchSize, c.Shards, c.Updates = 2*size, size, updates
					data := &dataset.Set{Train: rbmtest.RandomRows(2*size*updates, 80, true, true)}
					forecasts, measured, errs := make([]Forecast, size), make([]time.Duration, size), make([]error, size)
					var all sync.WaitGroup
					for rank, r := range group(size) {
						all.Go(func() {
							forecasts[rank], measured[rank], errs[rank] = exchangesOf(slow{r, link}, c, data, updates)
							if errs[rank] != nil {
								r.Abort(1)
							}
						})
					}
					all.Wait()
					wantNoErrors(t, fmt.Sprint(size, " ranks on ", name), errs)
					for rank, f := range forecasts {
						// The latency is measured with messages of one number, 4 bytes, which takes up to 0.4 µs at
						// 10⁷ bytes a second.
						if more := f.Link.Latency - link.Latency; more < 0 || more > time.Microsecond {
							t.Errorf("%d ranks on %s: rank %d measures the latency %v, want %v", size, name, rank, f.Link.Latency, link.Latency)
						}
						// A thousandth (chosen) is above what this microsecond changes in the rate and in the time.
						if math.Abs(f.Link.BytesPerSecond/link.BytesPerSecond-1) > 1e-3 {
							t.Errorf("%d ranks on %s: rank %d measures %v bytes a second, want %v",
								size, name, rank, f.Link.BytesPerSecond, link.BytesPerSecond)
						}
						if got, want := measured[rank].Seconds()/updates, f.Exchange.Seconds(); math.Abs(got-want) > 1e-3*want {
							t.Errorf("%d ranks on %s, %+v: rank %d: sums take %v s an update, and %v were predicted",
								size, name, link, rank, got, want)
						}
					}
				})
			}
		}
	}
}

// exchangesOf returns the forecast of a rank, and the time of the sums in its updates.
func exchangesOf(r ranks.Transport, c Config, data *dataset.Set, updates int) (f Forecast, took time.Duration, err error) {
	d, err := engine.OpenWith(engine.Options{Device: "cpu", Threads: 1, Ranks: r})
	if err != nil {
		return f, 0, err
	}
	defer d.Close()
	trainer, err := New(c, data, d)
	if err != nil {
		return f, 0, err
	}
	if f, err = trainer.Forecast(context.Background(), 1); err != nil {
		return f, 0, err
	}
	err = trainer.makeUpdates(context.Background(), updates)
	return f, engine.Exchanged(d), err
}
