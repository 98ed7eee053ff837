//go:build gpu

package kernels

import (
	"slices"
	"strings"
	"testing"
)

// openGPU returns a GPU that is closed when the test ends.
func openGPU(t testing.TB) *GPU {
	t.Helper()
	g, err := OpenGPU()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	return g
}

// onGPU copies a slice to the GPU.
func onGPU[T float32 | float64 | int32](t testing.TB, g *GPU, x []T) Address {
	t.Helper()
	return bytesOnGPU(t, g, Bytes(x))
}

func bytesOnGPU(t testing.TB, g *GPU, x []byte) Address {
	t.Helper()
	p, err := g.Alloc(int64(len(x)))
	if err == nil {
		err = g.Upload(p.Address, x)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p }) // keeps the memory
	return p.Address
}

// fromGPU copies values from the GPU to a slice.
func fromGPU[T float32 | float64 | int32](t testing.TB, g *GPU, x []T, from Address) []T {
	t.Helper()
	if err := g.Download(Bytes(x), from); err != nil {
		t.Fatal(err)
	}
	return x
}

// TestOutOfMemory: the error of an allocation of twice the memory names the need, the free memory and the device, and a
// later small allocation succeeds.
func TestOutOfMemory(t *testing.T) {
	g := openGPU(t)
	_, err := g.Alloc(2 * g.Memory)
	if err == nil {
		t.Fatal("got no error")
	}
	for _, want := range []string{"out of memory", mebibytes(2*g.Memory) + " needed", "free of", g.Device} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %q, want it to say %q", err, want)
		}
	}
	if _, err := g.Alloc(1000); err != nil {
		t.Errorf("after an allocation that failed: %v", err)
	}
}

// TestCopies: a copy on the device has all numbers and is one call; a download is 4 bytes a number.
func TestCopies(t *testing.T) {
	g := openGPU(t)
	want := []float32{1, 2, 3, 4, 5}
	from := onGPU(t, g, want)
	to := onGPU(t, g, make([]float32, 5))
	before := g.Counts()
	if err := g.Copy(to, from, 4*len(want)); err != nil {
		t.Fatal(err)
	}
	if got := fromGPU(t, g, make([]float32, 5), to); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	after := g.Counts()
	if got := after.Calls - before.Calls; got != 1 {
		t.Errorf("a copy on the device: %d calls, want 1", got)
	}
	if got := after.Downloaded - before.Downloaded; got != 20 {
		t.Errorf("downloaded %d bytes, want 20", got)
	}
}

// TestArenaIsZero: a piece of a reserved arena is zero at first, even if the memory was used before.
func TestArenaIsZero(t *testing.T) {
	g := openGPU(t)
	if err := g.Reserve(1000, 2); err != nil {
		t.Fatal(err)
	}
	first, err := g.Alloc(500)
	if err != nil {
		t.Fatal(err)
	}
	second, err := g.Alloc(500)
	if err != nil {
		t.Fatal(err)
	}
	if first.arena != second.arena || second.Address-first.Address != 512 {
		t.Errorf("pieces at %d and %d, want them 512 bytes apart in one arena", first.Address, second.Address)
	}
	for _, v := range fromGPU(t, g, make([]float32, 125), second.Address) {
		if v != 0 {
			t.Fatalf("got %v, want 0", v)
		}
	}
}

// TestGraphReplays: a graph makes all recorded launches with one call, and recording makes none.
func TestGraphReplays(t *testing.T) {
	g := openGPU(t)
	clock := onGPU(t, g, []int32{5, 6, 7})
	graph, err := g.Capture(func() error {
		for range 3 {
			if err := g.Tick(clock, clock); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := fromGPU(t, g, make([]int32, 3), clock); got[0] != 5 {
		t.Errorf("after recording the clock is %v, want it unchanged", got)
	}
	before := g.Counts()
	for range 2 {
		if err := graph.Launch(); err != nil {
			t.Fatal(err)
		}
	}
	after := g.Counts()
	if calls, graphs := after.Calls-before.Calls, after.Graphs-before.Graphs; calls != 2 || graphs != 2 {
		t.Errorf("two launches of a graph: %d calls, %d graphs, want 2 and 2", calls, graphs)
	}
	if got := fromGPU(t, g, make([]int32, 3), clock); got[0] != 11 || got[1] != 12 || got[2] != 7 {
		t.Errorf("after two replays of three ticks the clock is %v, want [11 12 7]", got)
	}
}
