package engine

import (
	"slices"
	"testing"
	"time"
)

// TestWaitingKeepsTheProcessor: a thread keeps its processor only after it has repeatedly lost
// whole time slices: after losses of at least 10 µs (leastLoss) whose moving average exceeds 2 ms (longestWait).
func TestWaitingKeepsTheProcessor(t *testing.T) {
	const us, ms = time.Microsecond, time.Millisecond
	for name, test := range map[string]struct {
		away []time.Duration // times away, which repeat in turn
		want bool
	}{
		"threads that wait as well, for less than 2 ms each":  {[]time.Duration{600 * us, 1900 * us, 900 * us}, false},
		"a program that computes":                             {[]time.Duration{3 * ms}, true},
		"a program that computes, after eight yields to none": {append(slices.Repeat([]time.Duration{us}, 8), 3*ms), true},
		"a program after eight threads that wait, which makes an average of 0.3 to 0.8 ms": {
			append(slices.Repeat([]time.Duration{100 * us}, 8), 4*ms), false},
	} {
		var w waiting
		now := time.Now()
		for i := range 200 { // the moving average, over about 8, has forgotten its start after that
			w.returned(now, test.away[i%len(test.away)])
		}
		if keeps := w.keep.After(now); keeps != test.want {
			t.Errorf("%s: the thread keeps its processor: %v, want %v", name, keeps, test.want)
		}
	}
	var w waiting
	if w.returned(time.Now(), 8*time.Millisecond); !w.keep.IsZero() { // makes an average of 1 ms
		t.Error("a thread keeps its processor after a single loss of 8 ms")
	}
}
