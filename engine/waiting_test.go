package engine

import (
	"testing"
	"time"
)

// TestWaitingKeepsTheProcessor: a thread keeps its processor only after it has repeatedly lost
// whole time slices. It does not do so where others wait as well, nor after a single time slice. The
// times away, 200 in all, repeat in turn.
func TestWaitingKeepsTheProcessor(t *testing.T) {
	const us, ms = time.Microsecond, time.Millisecond
	for name, test := range map[string]struct {
		away []time.Duration
		want bool
	}{
		"others that wait":                        {[]time.Duration{600 * us, 1900 * us, 900 * us}, false},
		"one program that computes":               {[]time.Duration{3 * ms}, true},
		"it computes, and mostly nobody is there": {[]time.Duration{us, us, us, us, us, us, us, us, us, 3 * ms}, true},
		"others, and now and then a program":      {[]time.Duration{100 * us, 100 * us, 100 * us, 100 * us, 100 * us, 100 * us, 100 * us, 100 * us, 4 * ms}, false},
	} {
		var w waiting
		now := time.Now()
		for i := range 200 {
			w.returned(now, test.away[i%len(test.away)])
		}
		if kept := w.keep.After(now); kept != test.want {
			t.Errorf("%s: kept is %v, want %v", name, kept, test.want)
		}
	}
	var w waiting
	if w.returned(time.Now(), 8*time.Millisecond); !w.keep.IsZero() {
		t.Error("one long time slice is enough")
	}
}
