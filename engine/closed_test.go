package engine

import (
	"strings"
	"testing"

	"gorgonia.org/tensor"
)

// TestClosedDevice: a plan, a new buffer and a second Close of a closed device return, the first two
// with an error.
func TestClosedDevice(t *testing.T) {
	threadsOf := map[string]int{"cpu": 3} // by the name of a device
	if HasCUDA {
		threadsOf["cuda"] = 0
	}
	for name, threads := range threadsOf {
		d, err := Open(name, threads)
		if err != nil {
			t.Fatal(err)
		}
		f := newFixture(t, 300, 20, 33)
		z := NewHiddenField(f.states("v", f.B, f.V), f.reals("w", 0.5, f.V, f.H), f.reals("b", 0.5, f.H), nil)
		plan, err := Compile(f.graph, f.state(d), NewMean(z, nil, Path{}))
		if err != nil {
			t.Fatal(err)
		}
		if err := plan.Run(); err != nil {
			t.Fatal(err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		const want = "the device is closed"
		if err := plan.Run(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: a plan: got error %v, want %q", name, err, want)
		}
		if _, err := d.Alloc(tensor.Float32, tensor.Shape{3}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: a buffer: got error %v, want %q", name, err, want)
		}
		if err := d.Close(); err != nil {
			t.Errorf("%s: closed again: %v", name, err)
		}
	}
}
