package kernels

import (
	"fmt"
	"strings"
	"testing"
)

// TestActivate: a layer computed in one call, by elements, by rows or in panels equals the field,
// the mean and the draw computed one after the other, whichever results are stored.
func TestActivate(t *testing.T) {
	d := Draw{Seed: 3, Stream: 9, Update: 4, Step: 1, Row: 7}
	forEach(t, func(t *testing.T, s *Set) {
		r := newRand()
		for _, shape := range shapes {
			rows, in, out := shape[0], shape[1], shape[2]
			w, b, base, betas := normals(t, r, in*out), normals(t, r, out), normals(t, r, out), means(t, r, rows)
			weights, x := panelsOf(t, w, in, out), states(t, r, rows*in, 0.3)
			z, p := sumOfRows(x, w, b, rows, in, out), make([]float32, rows*out)
			path := Path{Betas: betas, Base: base}
			Mean(p, z, nil, path, rows, out)
			drawn := drawnWith(p, d, rows, out)

			whole := Activation{
				Rows: rows, Columns: out, Path: path, Draw: d,
				Input: Input{Weights: weights, Bias: b, States: statesOf(t, x, rows, in), Room: roomFor(t, rows, in)},
			}
			for _, kept := range []string{"nothing", "means", "fields", "both"} {
				for _, split := range []int{0, 1, 64, 1003, -3} {
					what := fmt.Sprintf("%s keeping %s, pieces of %d", shapeName(shape), kept, split)
					a := whole
					a.States = newStates(t, rows, out)
					fields, probabilities := packedIn(t, make([]float32, rows*out), rows, out), buffer[float32](t, rows*out)
					if kept == "fields" || kept == "both" {
						a.Field = fields.Grid()
					}
					if kept == "means" || kept == "both" {
						a.Mean = ByRows(probabilities, out)
					}
					ones := 0
					switch {
					case split == 0:
						ones = s.Activate(a, 0, rows*out)
					case split > 0:
						ones = inParts(s, a, split*(1+rows*out/5000))
					default:
						for n := 0; n < rows; n -= split {
							part := a.Part(n, min(n-split, rows))
							ones += s.Activate(part, 0, part.Rows*out)
						}
					}
					wantCount(t, what, ones, drawn)
					wantStates(t, what, a.States, drawn, rows, out)
					if a.Field.Data != nil {
						wantPanels(t, "fields "+what, fields, z)
					}
					if a.Mean.Data != nil {
						wantBits(t, "means "+what, probabilities, p)
					}
				}
			}
		}
	})
}

// TestActivateWithoutReals: the bits of units with real states are 0, whatever they were before, also
// where such units fill a whole word.
func TestActivateWithoutReals(t *testing.T) {
	const rows, columns = 3, 200
	u := Units{{Bernoulli, 0, 30}, {Gaussian, 30, 170}, {Spin, 170, columns}}
	forEach(t, func(t *testing.T, s *Set) {
		z := normals(t, newRand(), rows*columns)
		drawn := newStates(t, rows, columns)
		for i := range drawn.Bits {
			drawn.Bits[i] = ^uint64(0)
		}
		ones := s.Activate(Activation{
			Rows: rows, Columns: columns, Units: u, Field: ByRows(z, columns), Path: Model, States: drawn, Draw: Draw{Seed: 5},
		}, 0, rows*columns)
		for n := range rows {
			for j := 30; j < 170; j++ {
				if *drawn.word(n, j)>>(j%64)&1 != 0 {
					t.Fatalf("bit of column %d of row %d: got 1, want 0", j, n)
				}
			}
		}
		if got := drawn.Count(rows); got != ones {
			t.Errorf("got %d ones in the states, want the %d that were counted", got, ones)
		}
	})
}

// TestActivateChecks: a single slice that is too short, or a range that is too long, is found
// before anything is written.
func TestActivateChecks(t *testing.T) {
	const rows, in, out = 3, 4, 5
	forEach(t, func(t *testing.T, s *Set) {
		for what, spoil := range map[string]func(a *Activation){
			"weights": func(a *Activation) { a.Input.Weights.Data = a.Input.Weights.Data[1:] },
			"columns": func(a *Activation) { a.Columns-- },
			"bias":    func(a *Activation) { a.Input.Bias = a.Input.Bias[1:] },
			"states":  func(a *Activation) { a.Input.States.Bits = a.Input.States.Bits[1:] },
			"past":    func(a *Activation) { a.Input.Was.Bits = a.Input.Was.Bits[1:] },
			"before":  func(a *Activation) { a.Input.Before.Data = a.Input.Before.Data[1:] },
			"room":    func(a *Activation) { a.Input.Room = a.Input.Room[1:] },
			"fields":  func(a *Activation) { a.Field.Data = a.Field.Data[1:] },
			"means":   func(a *Activation) { a.Mean.Data = a.Mean.Data[1:] },
			"betas":   func(a *Activation) { a.Path.Betas = a.Path.Betas[1:] },
			"base":    func(a *Activation) { a.Path.Base = a.Path.Base[1:] },
			"draws":   func(a *Activation) { a.States.Bits = a.States.Bits[1:] },
			"values":  func(a *Activation) { a.Input.Values = make([]float32, rows*in-1) },
			"nothing": func(a *Activation) { a.Input, a.Field, a.Mean = Input{}, Grid{}, Grid{} },
			"rows":    func(a *Activation) { a.Rows++ },
			"":        func(*Activation) {},
		} {
			matrix := func() Grid { return ByRows(make([]float32, rows*out), out) }
			a := Activation{
				Rows: rows, Columns: out, Field: matrix(), Mean: matrix(), States: NewStates(rows, out),
				Path: Path{Betas: make([]float32, rows), Base: make([]float32, out)},
				Input: Input{
					Weights: NewPanels(in, out), Bias: make([]float32, out), States: NewStates(rows, in),
					Was: NewStates(rows, in), Before: matrix(), Room: make([]int32, RoomFor(rows, in)),
				},
			}
			spoil(&a)
			if got := panics(func() { s.Activate(a, 0, a.Rows*a.Columns) }); got != (what != "") {
				t.Errorf("a spoiled %q: got a panic %v, want %v", what, got, what != "")
			}
		}
		a := Activation{Rows: rows, Columns: out, Mean: ByRows(make([]float32, rows*out), out), States: NewStates(rows, out)}
		for _, r := range [][2]int{{0, rows*out + 1}, {-1, 1}} {
			if !panics(func() { s.Activate(a, r[0], r[1]) }) {
				t.Errorf("elements %v: got no panic", r)
			}
			w, phase := NewPanels(in, out), Phase{Rows: 1, Visible: make([]float32, in), Hidden: NewPanels(1, out)}
			if !panics(func() { s.UpdatePanels(w, Panels{}, Ascent{}, phase, phase, r[0], r[1]+in*out) }) {
				t.Errorf("update of elements %v: got no panic", r)
			}
		}
	})
}

// panics reports whether call panics with a message of this package.
func panics(call func()) (yes bool) {
	defer func() {
		text, ok := recover().(string)
		yes = ok && strings.HasPrefix(text, "kernels: ")
	}()
	call()
	return false
}
