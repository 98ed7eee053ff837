//go:build gpu

package engine

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"harmonium/kernels"
)

// TestCUDAErrorsNameOpAndShapes: if the driver refuses a launch, a copy, a capture or a wait, the
// error names the kernel, product or copy, its size, and the variable or node with its shape.
// Every op is tested.
func TestCUDAErrorsNameOpAndShapes(t *testing.T) {
	if os.Getenv("CUDASIM_BUILD") == "" {
		t.Skip("not under kernels/cudasim/run: on a card a broken launch takes everything with it")
	}
	device := openCUDAFor(t, "f32")
	wants := func(what string, err error, wants ...string) {
		t.Helper()
		if err == nil {
			t.Errorf("%s: got no error", what)
			return
		}
		for _, want := range wants {
			if !regexp.MustCompile(want).MatchString(err.Error()) {
				t.Errorf("%s: got %q, want it to say %s", what, err, want)
			}
		}
	}
	const refused = `kernels: cu(da|blas): .*(of \d+ (items|bytes)|product \(\d+,\d+\)·\(\d+,\d+\)).*: `
	for name, build := range ops {
		f := newFixture(t, 3, 5, 4)
		n := build(f)
		s := f.state(device)
		plan, err := Compile(f.graph, s, n)
		if err != nil {
			t.Fatal(err)
		}
		t.Setenv("CUDASIM_VIOLATIONS", "return")
		out := plan.buffers[n.ID()].(*cudaBuffer)
		good := out.piece
		out.piece = &kernels.Piece{Address: 64} // an address outside of any allocation
		shape := regexp.QuoteMeta(fmt.Sprint(n.Shape()))
		wants(name, plan.Run(), "^engine: ", shape+": "+refused)
		wants(name+", read", plan.Read(n, newSlice(t, out)), "^engine: ", shape+": .*"+shape+": .*copy of \\d+ bytes from the device: ")
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
	for range 2 {
		if err := plan.Run(); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("CUDASIM_VIOLATIONS", "return")
	buffer := s.variables["weights"].(*cudaBuffer)
	good := buffer.piece
	buffer.piece = &kernels.Piece{Address: 64}
	wants("set", s.Set("weights", make([]float32, 20)), `^engine: variable weights: float32 \(5, 4\): .*copy of 80 bytes to the device: `)
	wants("get", s.Get("weights", make([]float32, 20)), `^engine: variable weights: float32 \(5, 4\): .*copy of 80 bytes from the device: `)
	buffer.piece = good
	device.(*cuda).revision++ // the plan is recorded anew, while the stream is already capturing
	if err := plan.Run(); err != nil {
		t.Fatal(err)
	}
	_, err = device.(*cuda).gpu.Capture(func() error {
		err := plan.Run()
		wants("recording", err, `^engine: recording the 2 launches from \S.* \(5, 4\) to weights \(5, 4\): `)
		if err == nil || !strings.Contains(err.Error(), "begin of a capture") {
			t.Errorf("recording: got %v, want it to name the begin of a capture", err)
		}
		device.(*cuda).moved = false // it does not wait for the record of faults
		wants("waiting", device.Sync(), `^engine: after the 2 launches from \S.* \(5, 4\) to weights \(5, 4\): kernels: cuda: .*: while waiting: `)
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
