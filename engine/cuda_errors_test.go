//go:build gpu

package engine

import (
	"fmt"
	"os"
	"regexp"
	"testing"

	"harmonium/kernels"
)

// TestCUDAErrorsNameOpAndShapes: if the driver refuses a launch, a copy, a capture or a wait, the
// error names the kernel, product or copy, its size, and the variable or node with its shape.
// Every op is tested. The driver refuses because a buffer of the graph is moved to an address outside
// of any allocation.
func TestCUDAErrorsNameOpAndShapes(t *testing.T) {
	if os.Getenv("CUDASIM_BUILD") == "" {
		t.Skip("not under kernels/cudasim/run: on a card a broken launch takes everything with it")
	}
	device := openCUDAFor(t, "f32")
	check := func(what string, err error, patterns ...string) {
		t.Helper()
		if err == nil {
			t.Errorf("%s: got no error", what)
			return
		}
		for _, want := range patterns {
			if !regexp.MustCompile(want).MatchString(err.Error()) {
				t.Errorf("%s: got %q, want it to say %s", what, err, want)
			}
		}
	}
	nowhere := &kernels.Piece{Address: 64}
	const refused = `kernels: cu(da|blas): .*(of \d+ (items|bytes)|product \(\d+,\d+\)·\(\d+,\d+\)).*: `
	for name, build := range ops {
		f := newFixture(t, 3, 5, 4)
		n := build(f)
		s := f.state(device)
		plan, err := Compile(f.graph, s, n)
		if err != nil {
			t.Fatal(err)
		}
		t.Setenv("CUDASIM_VIOLATIONS", "return") // as an error, where the simulator would abort
		out := plan.buffers[n.ID()].(*cudaBuffer)
		good := out.piece
		out.piece = nowhere
		shape := regexp.QuoteMeta(fmt.Sprint(n.Shape()))
		check(name, plan.Run(), "^engine: ", shape+": "+refused)
		check(name+", read", plan.Read(n, newSlice(t, out)), "^engine: ", shape+": .*"+shape+": .*copy of \\d+ bytes from the device: ")
		out.piece = good
		t.Setenv("CUDASIM_VIOLATIONS", "abort")
	}

	f := newFixture(t, 3, 5, 4)
	h := f.reals("weights", 1, 5, 4)
	Assign(h, NewAdd(NewAdd(h, h), h))
	s := f.state(device)
	plan, err := Compile(f.graph, s)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // makes the launches one by one, and records them
		if err := plan.Run(); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("CUDASIM_VIOLATIONS", "return")
	buffer := s.variables["weights"].(*cudaBuffer)
	good := buffer.piece
	buffer.piece = nowhere
	const variable = `^engine: variable weights: float32 \(5, 4\): .*copy of 80 bytes `
	check("set", s.Set("weights", make([]float32, 20)), variable+"to the device: ")
	check("get", s.Get("weights", make([]float32, 20)), variable+"from the device: ")
	buffer.piece = good
	device.(*cuda).revision++ // the recording is out of date: this run makes the launches one by one, the next records
	if err := plan.Run(); err != nil {
		t.Fatal(err)
	}
	_, err = device.(*cuda).gpu.Capture(func() error { // in which neither another capture nor a wait may begin
		const launches = `the 2 launches from \S.* \(5, 4\) to weights \(5, 4\): `
		check("recording", plan.Run(), "^engine: recording "+launches, "begin of a capture")
		device.(*cuda).moved = false // so that Sync waits alone, and does not download faults
		check("waiting", device.Sync(), "^engine: after "+launches+"kernels: cuda: .*: while waiting: ")
		return nil
	})
	if err == nil {
		t.Error("a capture in which the host waited: got no error")
	}
}

// newSlice returns a slice for the values of a buffer.
func newSlice(t *testing.T, b *cudaBuffer) any {
	t.Helper()
	host, err := openHostFor(t, 1).Alloc(b.of, b.shape)
	if err != nil {
		t.Fatal(err)
	}
	return host.(*hostBuffer).data
}
