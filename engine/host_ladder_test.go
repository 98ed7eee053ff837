package engine

import (
	"fmt"
	"testing"
)

// TestColdestOfFields: fields that are also the input of means are stored in panels. Coldest must
// find their rows there.
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
