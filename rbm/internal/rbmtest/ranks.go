package rbmtest

import (
	"sync"
	"testing"

	"harmonium/engine"
	"harmonium/ranks"
	"harmonium/ranks/rankstest"
)

// OnRanks calls f on the given number of ranks, each with a device on which work is divided among them, and
// returns the results of the ranks. It fails the test if a rank has an error.
func OnRanks[T any](t testing.TB, size int, f func(d engine.Device) (T, error)) []T {
	t.Helper()
	results, errs := make([]T, size), make([]error, size)
	var all sync.WaitGroup
	for rank, r := range rankstest.New(size) {
		all.Go(func() {
			d, err := engine.OpenWith(engine.Options{Device: "cpu", Threads: 1, Ranks: r})
			if err == nil {
				defer d.Close()
				engine.Divide(d, true)
				results[rank], err = f(d)
			}
			errs[rank] = ranks.Conclude(r, err)
		})
	}
	all.Wait()
	for rank, err := range errs {
		if err != nil {
			t.Fatalf("%d ranks: rank %d: %v", size, rank, err)
		}
	}
	return results
}

// SameOnRanks fails the test unless f has the same results, as text, on one rank and on each of 2, 3 and 5.
func SameOnRanks(t testing.TB, what string, f func(d engine.Device) (string, error)) {
	t.Helper()
	want := OnRanks(t, 1, f)[0]
	for _, size := range []int{2, 3, 5} {
		for rank, got := range OnRanks(t, size, f) {
			if got != want {
				t.Errorf("%s: %d ranks: rank %d has\n%s\nwant, as on one rank,\n%s", what, size, rank, got, want)
			}
		}
	}
}
