package bench

import (
	"math"
	"testing"

	"harmonium/engine"
)

func TestProduct(t *testing.T) {
	d, err := engine.Open("cpu", 1)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	p := Product{Rows: 2, In: 3, Out: 5}
	if got, want := p.Flop(), 60.0; got != want {
		t.Errorf("flop of %v: got %v, want %v", p, got, want)
	}
	multiply, err := p.On(d)
	if err != nil {
		t.Fatal(err)
	}
	if err := multiply(); err != nil {
		t.Error(err)
	}
}

// TestRandomRows: the share of units that are on is the density, within five standard
// deviations.
func TestRandomRows(t *testing.T) {
	r := randomRows(100, 200)
	on := 0.0
	for _, b := range r.Bytes {
		on += float64(b) / 255
	}
	n := float64(len(r.Bytes))
	got, tolerance := on/n, 5*math.Sqrt(density*(1-density)/n)
	if !r.Binary() || n != 100*200 || !(math.Abs(got-density) <= tolerance) {
		t.Errorf("%v values, binary %t, %v on, want 20000, true, %v within %v", n, r.Binary(), got, density, tolerance)
	}
}
