package graph

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// Each calls f with the numbers 0 to n-1 on as many goroutines as there are cores. If ctx ends first, Each
// returns its error.
func Each(ctx context.Context, n int, f func(i int)) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}
	wg.Wait()
	return ctx.Err()
}
