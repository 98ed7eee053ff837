//go:build gpu

package kernels

import (
	"errors"
	"runtime"
	"strings"
	"testing"
)

// TestRing sends a sequence of nine parts through rings of one, two and three parts, each as early
// as the ring permits. Part i is i bytes shorter than the room. A launch copies each part to out, to be compared
// with what was sent. Under the simulator copies run as late as CUDA permits, and then as early.
func TestRing(t *testing.T) {
	const bytes, count = 1000, 9
	for _, when := range []string{"late", "early"} {
		t.Setenv("CUDASIM_COPIES", when)
		for _, parts := range []int{1, 2, 3} {
			g := openGPU(t)
			r, err := g.NewRing(parts, bytes)
			if err != nil {
				t.Fatal(err)
			}
			send := func(i int) {
				t.Helper()
				room, err := r.Room(i % parts)
				if err == nil {
					for j := range room {
						room[j] = byte(i + j)
					}
					err = r.Send(i%parts, bytes-i)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			out := bytesOnGPU(t, g, make([]byte, count*bytes))
			before := g.Counts()
			for i := range parts {
				send(i)
			}
			for i := range count {
				err := r.Use(i % parts)
				if err == nil {
					err = g.Copy(out+Address(i*bytes), r.Address+Address(i%parts*bytes), bytes)
				}
				if err != nil {
					t.Fatal(err)
				}
				if i+parts < count {
					send(i + parts)
				}
			}
			after := g.Counts()
			if got, want := after.Syncs-before.Syncs, count-parts; got != want {
				t.Errorf("%d parts: got %d waits of the host, want one for each part that is used again: %d", parts, got, want)
			}
			if got, want := after.Uploaded-before.Uploaded, int64(count*bytes-count*(count-1)/2); got != want {
				t.Errorf("%d parts: got %d bytes sent, want %d", parts, got, want)
			}
			got := make([]byte, count*bytes)
			if err := g.Download(got, out); err != nil {
				t.Fatal(err)
			}
			for i := range count {
				for j, x := range got[i*bytes : (i+1)*bytes] {
					if want := byte(i + j); x != want && j < bytes-i {
						t.Fatalf("%s, %d parts: byte %d of part %d: got %d, want %d", when, parts, j, i, x, want)
					}
				}
			}
		}
	}
}

// TestRingsAreGivenBack: a ring that becomes garbage is freed together with its pinned memory. Go may find it in any
// collection. 1000 are chosen: far more than it needs.
func TestRingsAreGivenBack(t *testing.T) {
	g := openGPU(t)
	for range 3 {
		r, err := g.NewRing(2, 1000)
		if err != nil {
			t.Fatal(err)
		}
		room, err := r.Room(0)
		if err != nil {
			t.Fatal(err)
		}
		room[0] = 1
		if err := r.Send(0, 1000); err != nil {
			t.Fatal(err)
		}
	}
	for tries := 0; len(g.rings) > 0; tries++ {
		if tries == 1000 {
			t.Fatalf("after %d collections %d rings are left", tries, len(g.rings))
		}
		runtime.GC()
		if _, err := g.Free(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestRingOutOfMemory: the error of two parts that each take all memory says how much is needed and free.
func TestRingOutOfMemory(t *testing.T) {
	g := openGPU(t)
	_, err := g.NewRing(2, int(g.Memory))
	if !errors.Is(err, ErrMemory) {
		t.Fatalf("got %v, want an error of memory", err)
	}
	for _, want := range []string{mebibytes(2*g.Memory) + " needed", "free of"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %q, want it to say %q", err, want)
		}
	}
}
