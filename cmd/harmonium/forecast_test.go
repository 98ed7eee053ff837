package main

import (
	"testing"
	"time"

	"harmonium/ranks"
	"harmonium/rbm/train"
)

// TestForecastInWords: the first line of several ranks has the prediction. It names larger batches where two ranks are
// less than 0.8·2 times as fast as one (goodEfficiency), and warns where they are slower.
func TestForecastInWords(t *testing.T) {
	f := train.Forecast{Ranks: 2, Rows: 500, Compute: 30123 * time.Microsecond,
		Link: ranks.Link{Latency: 41234, BytesPerSecond: 3.14159e9}}
	const start = "2 ranks: an update should take "
	for _, tc := range []struct {
		exchange time.Duration
		want     string
	}{
		{time.Millisecond, "30.1ms to compute and 1ms, 3 %, to add up over a link of 41.2µs and 3.14 GB/s: 1.9 times as " +
			"fast as one rank"},
		{10 * time.Millisecond, "30.1ms to compute and 10ms, 25 %, to add up over a link of 41.2µs and 3.14 GB/s: 1.5 times " +
			"as fast as one rank; batches of 670 rows would make it 1.6"},
		{100 * time.Millisecond, "30.1ms to compute and 100ms, 77 %, to add up over a link of 41.2µs and 3.14 GB/s: 0.46 " +
			"times as fast as one rank, so fewer ranks are faster, or batches of 1700 rows and more"},
	} {
		f.Exchange = tc.exchange
		if got := describeForecast(f); got != start+tc.want {
			t.Errorf("got  %s\nwant %s", got, start+tc.want)
		}
	}
	e := exchangeReport{Ranks: 2, Predicted: 0.25, Measured: 0.3}
	if got, want := e.String(), "adding up over 2 ranks took 30 % of the time of the updates, and 25 % were predicted"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTwoDigits(t *testing.T) {
	for x, want := range map[float64]int{0.2: 1, 98.5: 99, 99.5: 100, 101: 110, 110: 110, 12345: 13000} {
		if got := twoDigits(x); got != want {
			t.Errorf("%v: got %d, want %d", x, got, want)
		}
	}
}
