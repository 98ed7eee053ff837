package rbmtest

import (
	"math/rand/v2"
	"strings"
	"testing"

	"harmonium/dataset"
	"harmonium/engine"
)

// OpenDevice returns a device of the host with the given number of threads, closed when the
// test ends. No result depends on the number: tests of statistics take one thread, as
// threads that wait for short jobs keep their cores busy.
func OpenDevice(t testing.TB, threads int) engine.Device {
	t.Helper()
	d, err := engine.Open("cpu", threads)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// GPUs returns the GPU device of this build in each of the precisions, or nil for a build
// without CUDA.
func GPUs(t testing.TB, precisions ...string) map[string]engine.Device {
	t.Helper()
	devices := map[string]engine.Device{}
	for _, precision := range precisions {
		d, err := engine.OpenWith(engine.Options{Device: "cuda", Precision: precision})
		if err != nil && strings.Contains(err.Error(), "no CUDA in it") {
			return nil
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		})
		devices[precision] = d
	}
	return devices
}

// RandomRows returns n rows of bytes or floats, grey or of states. The grey levels are uniform, and a state is 1 with
// probability 1/3.
func RandomRows(n, visible int, grey, bytes bool) *dataset.Rows {
	r := rand.New(rand.NewPCG(uint64(n), uint64(visible)))
	b := make([]uint8, n*visible)
	for i := range b {
		b[i] = uint8(r.IntN(256)) // also where it is replaced: the seeds of tests are fixed for this sequence
		if !grey {
			b[i] = uint8(255 * (r.IntN(3) % 2))
		}
	}
	if bytes {
		return &dataset.Rows{N: n, V: visible, Bytes: b}
	}
	rows := &dataset.Rows{N: n, V: visible, Floats: make([]float32, len(b))}
	for i, x := range b {
		rows.Floats[i] = float32(x) / 255
	}
	return rows
}
