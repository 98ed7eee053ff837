package bench

import (
	"math"
	"testing"

	"harmonium/engine"
)

// TestProduct: a product counts two operations for each of Rows·In·Out terms, and runs on the host. What it computes is
// tested in package engine.
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

// TestRandomRows: the rows are states, and the share of units that are on is the density within five standard
// deviations: a false alarm has the probability 6e-7 by another seed than the fixed one.
func TestRandomRows(t *testing.T) {
	r := randomRows(100, 200)
	on := 0.0
	for _, b := range r.Bytes {
		on += float64(b) / 255
	}
	n := float64(len(r.Bytes))
	got, tolerance := on/n, 5*math.Sqrt(density*(1-density)/n)
	if !r.Binary() || n != 100*200 {
		t.Errorf("%v values, binary %t, want 20000, true", n, r.Binary())
	}
	if !(math.Abs(got-density) <= tolerance) {
		t.Errorf("a share of %v is on, want %v within %v", got, density, tolerance)
	}
}
