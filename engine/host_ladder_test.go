package engine

import (
	"fmt"
	"testing"
)

// TestColdestOfFields: Coldest reads the fields of 3 replicas, which the plan holds in panels only, as the launch of
// their means stores them for another op.
func TestColdestOfFields(t *testing.T) {
	for _, d := range dimensions {
		for threads := 1; threads <= 3; threads++ {
			t.Run(fmt.Sprintf("%v, %d threads", d, threads), func(t *testing.T) {
				f := newFixture(t, d[0], d[1], d[2])
				z := NewHiddenField(f.states("v", 3*f.B, f.V), f.reals("w", 0.5, f.V, f.H), f.reals("bias", 0.5, f.H), nil)
				f.agree(threads, 2, nil, NewMean(z, nil, Path{}), NewColdest(z, f.levels(3), Coldest{Levels: 3}))
			})
		}
	}
}
