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

// bytesOnGPU copies bytes to memory of the GPU that lives until the test ends.
func bytesOnGPU(t testing.TB, g *GPU, x []byte) Address {
	t.Helper()
	p, err := g.Alloc(int64(len(x)))
	if err == nil {
		err = g.Upload(p.Address, x)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p }) // p would otherwise become garbage, and its memory with it
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

// TestCopies: a copy on the device has all numbers and is one call. A download of five of them is counted as 20 bytes.
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

// TestArenaIsZero: two pieces of 500 bytes of a reserved arena lie 512 bytes apart, a multiple of the alignment. They
// are zero at first, even if the memory held other numbers before, which are written behind the back of Alloc.
func TestArenaIsZero(t *testing.T) {
	g := openGPU(t)
	if err := g.Reserve(1000, 2); err != nil {
		t.Fatal(err)
	}
	if err := g.Upload(Address(g.arena.pointer), slices.Repeat([]byte{0xFF}, int(g.arena.size))); err != nil {
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
	if first.slab != g.arena || second.slab != g.arena || second.Address-first.Address != 512 {
		t.Errorf("pieces at %d and %d, want them 512 bytes apart in the arena", first.Address, second.Address)
	}
	for _, p := range []*Piece{first, second} {
		if got := fromGPU(t, g, make([]float32, 125), p.Address); !slices.Equal(got, make([]float32, 125)) {
			t.Errorf("piece at %d: got %v, want zeros", p.Address, got)
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
	if got, want := fromGPU(t, g, make([]int32, 3), clock), []int32{5, 6, 7}; !slices.Equal(got, want) {
		t.Errorf("after recording the clock is %v, want it unchanged, %v", got, want)
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
	if got, want := fromGPU(t, g, make([]int32, 3), clock), []int32{11, 12, 7}; !slices.Equal(got, want) { // 2·3 ticks
		t.Errorf("after two replays of three ticks the clock is %v, want %v", got, want)
	}
}
