package main

import (
	"fmt"
	"math"
	"time"

	"harmonium/rbm/train"
)

// goodEfficiency is the speedup divided by the number of ranks, below which larger batches are recommended. It is
// chosen: a fifth of the ranks' time may go into adding up.
const goodEfficiency = 0.8

// describeForecast is the first line of a run in several processes.
func describeForecast(f train.Forecast) string {
	text := fmt.Sprintf("%d ranks: an update should take %v to compute and %v, %.0f %%, to add up over a link of %v and %s: "+
		"%.2g times as fast as one rank", f.Ranks, brief(f.Compute), brief(f.Exchange), 100*f.Share(),
		brief(f.Link.Latency), rate(f.Link.BytesPerSecond), f.Speedup())
	good := goodEfficiency * float64(f.Ranks)
	switch rows := f.RowsFor(good); {
	case f.Speedup() < 1:
		return fmt.Sprintf("%s, so fewer ranks are faster, or batches of %d rows and more", text, twoDigits(f.RowsFor(1)))
	case float64(f.Rows) < rows:
		return fmt.Sprintf("%s; batches of %d rows would make it %.2g", text, twoDigits(rows), good)
	}
	return text
}

// twoDigits rounds up to two significant digits.
func twoDigits(x float64) int {
	unit := 1.0
	for x/unit > 99 {
		unit *= 10
	}
	return int(math.Ceil(x/unit) * unit)
}

// brief rounds a time to three significant digits.
func brief(d time.Duration) time.Duration {
	unit := time.Duration(1)
	for d/unit >= 1000 {
		unit *= 10
	}
	return d.Round(unit)
}

// rate formats a number of bytes in a second.
func rate(bytesPerSecond float64) string {
	if bytesPerSecond < 1e9 {
		return fmt.Sprintf("%.3g MB/s", bytesPerSecond/1e6)
	}
	return fmt.Sprintf("%.3g GB/s", bytesPerSecond/1e9)
}

// exchangeReport says which share of the time of updates the sums over ranks took.
type exchangeReport struct {
	Ranks     int     `json:"ranks"`
	Predicted float64 `json:"predicted_share"`
	Measured  float64 `json:"measured_share"`
}

func (e *exchangeReport) String() string {
	return fmt.Sprintf("adding up over %d ranks took %.0f %% of the time of the updates, and %.0f %% were predicted",
		e.Ranks, 100*e.Measured, 100*e.Predicted)
}
