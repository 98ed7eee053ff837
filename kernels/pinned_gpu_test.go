//go:build gpu

package kernels

import (
	"os"
	"slices"
	"testing"
	"time"
)

// TestPinned: copies to and from pinned memory come after earlier launches and before later ones. A simulator makes
// them as late and as early as CUDA permits; a GPU ignores the setting.
func TestPinned(t *testing.T) {
	for _, when := range []string{"late", "early"} {
		t.Setenv("CUDASIM_COPIES", when)
		g := openGPU(t)
		p, err := g.NewPinned(12)
		if err != nil {
			t.Fatal(err)
		}
		x, out := onGPU(t, g, []float32{1, 2, 3}), onGPU(t, g, make([]float32, 3))
		done := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		done(g.Plus(x, x, x, 3))
		done(p.Fetch(4, x, 8))
		done(g.Sync())
		if got, want := p.Floats()[1:], []float32{2, 4}; !slices.Equal(got, want) {
			t.Errorf("%s: fetched %v, want %v", when, got, want)
		}
		copy(p.Floats(), []float32{7, 8, 9})
		done(p.Give(x, 0, 8))
		done(g.Plus(out, x, x, 3))
		if got, want := fromGPU(t, g, make([]float32, 3), out), []float32{14, 16, 12}; !slices.Equal(got, want) {
			t.Errorf("%s: got %v from a copy of two numbers, want %v", when, got, want)
		}
		done(p.Free())
		if _, err := g.NewPinned(4); err != nil { // not freed here, so that Close must
			t.Fatal(err)
		}
	}
}

// TestStopwatch: while the last timed stretch is under way, later stretches are not timed. Each counts as long as
// this one. 2¹⁶ elements and a minute are chosen: short, and longer than any launch.
func TestStopwatch(t *testing.T) {
	g := openGPU(t)
	w, err := g.NewStopwatch()
	if err != nil {
		t.Fatal(err)
	}
	x := onGPU(t, g, make([]float32, 1<<16))
	stretch := func() {
		t.Helper()
		for _, step := range []func() error{w.Start, func() error { return g.Plus(x, x, x, 1<<16) }, w.Stop} {
			if err := step(); err != nil {
				t.Fatal(err)
			}
		}
	}
	total := func() time.Duration {
		t.Helper()
		d, err := w.Total()
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	stretch()
	if err := g.Sync(); err != nil {
		t.Fatal(err)
	}
	first := total()
	if first <= 0 || first > time.Minute {
		t.Errorf("one stretch took %v", first)
	}
	if os.Getenv("CUDASIM_BUILD") != "" { // the simulator, which runs launches no earlier than it must
		stretch()
		stretch()
		stretch()
		if got := total(); got != first {
			t.Errorf("stretches under way changed the time from %v to %v", first, got)
		}
		if err := g.Sync(); err != nil {
			t.Fatal(err)
		}
		if w.skipped != 2 {
			t.Errorf("%d of three stretches were not timed, want 2", w.skipped)
		}
		if got := total(); got <= first {
			t.Errorf("got %v after three more stretches, want more than %v", got, first)
		}
	}
}

// TestGPUsInTurn: processes of a machine take its GPUs in turn: process 0 and 2 have the same of two.
func TestGPUsInTurn(t *testing.T) {
	if os.Getenv("CUDASIM_BUILD") == "" {
		t.Skip("not under kernels/cudasim/run: there may be one GPU")
	}
	t.Setenv("CUDASIM_DEVICES", "2")
	var ids []string
	for process := range 3 {
		g, err := OpenGPUFor(process, true)
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := g.Close(); err != nil {
				t.Error(err)
			}
		}()
		x := onGPU(t, g, []float32{3})
		if got := fromGPU(t, g, make([]float32, 1), x); got[0] != 3 {
			t.Errorf("process %d: got %v back, want 3", process, got[0])
		}
		ids = append(ids, g.ID)
	}
	if ids[0] == ids[1] || ids[0] != ids[2] {
		t.Errorf("got GPUs %q for three processes, want two in turn", ids)
	}
}
