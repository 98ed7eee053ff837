package kernels

import (
	"math"
	"testing"
)

// TestTick: a tick raises the update and the position, and keeps the epoch.
func TestTick(t *testing.T) {
	clock := buffer[int32](t, ClockSize)
	copy(clock, []int32{7, 3, 2})
	Tick(clock, clock)
	if clock[ClockUpdate] != 8 || clock[ClockPosition] != 4 || clock[ClockEpoch] != 2 {
		t.Errorf("got %v, want [8 4 2]", clock)
	}
	if !panics(func() { Tick(clock, clock[1:]) }) {
		t.Error("a short clock: got no panic")
	}
}

// TestClamp: a unit takes the value of the pattern, and keeps its own where the pattern has NaN.
func TestClamp(t *testing.T) {
	nan := float32(math.NaN())
	got := buffer[float32](t, 4)
	Clamp(got, []float32{1, 0, 1, 0}, []float32{nan, nan, 0, 1})
	wantBits(t, "units", got, []float32{1, 0, 0, 1})
	if !panics(func() { Clamp(got, got, make([]float32, 3)) }) {
		t.Error("a short pattern: got no panic")
	}
}

// TestDifference: data less chains, for the elements of the result alone.
func TestDifference(t *testing.T) {
	got := buffer[float32](t, 2)
	Difference(got, []float32{3, 1, 9}, []float32{1, 2, 9})
	wantBits(t, "difference", got, []float32{2, -1})
	if !panics(func() { Difference(got, got, got[1:]) }) {
		t.Error("short means: got no panic")
	}
}

// TestBlend: an offset moves a quarter of the way to the mean of data and chains, in place.
func TestBlend(t *testing.T) {
	got := buffer[float32](t, 2)
	copy(got, []float32{1, 2})
	Blend(got, got, []float32{3, 1}, []float32{1, 2}, 0.25)
	wantBits(t, "offsets", got, []float32{1.25, 1.875})
	if !panics(func() { Blend(got, got, got[1:], got, 0.25) }) {
		t.Error("short means: got no panic")
	}
}

// TestBiasGradient compares with a sum of terms that are exact in float64, since the numbers are
// eighths.
func TestBiasGradient(t *testing.T) {
	r := newRand()
	for _, shape := range shapes {
		size, others := shape[1], shape[2]
		difference, data := eighths(t, r, size), eighths(t, r, 2*size)
		chains, offset := eighths(t, r, 2*size), eighths(t, r, size)
		otherDifference, otherOffset := eighths(t, r, others), eighths(t, r, others)
		var product float64
		for j, x := range otherDifference {
			product += float64(x) * float64(otherOffset[j])
		}
		want := make([]float32, size)
		for i := range want {
			want[i] = float32(float64(difference[i]) - (float64(data[size+i]) - float64(chains[size+i]) - float64(offset[i])*product))
		}
		got := buffer[float32](t, size)
		BiasGradient(got, difference, data, chains, offset, otherDifference, otherOffset)
		wantBits(t, shapeName(shape), got, want)
		if size > 0 && !panics(func() {
			BiasGradient(got, difference, data[1:], chains, offset, otherDifference, otherOffset)
		}) {
			t.Error("short means: got no panic")
		}
	}
}
