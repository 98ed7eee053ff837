package kernels

import (
	"math"
	"testing"
)

// TestChance: the chance of an exchange is e^(-1.25) where the energies rise by 1.25, from 1 + 0.25 to 2 + 0.5 (second is
// the first model's state under the second model), 1 where they fall or stay, 1 where
// a state of infinite energy is left and 0 where one is entered.
func TestChance(t *testing.T) {
	inf := math.Inf(1)
	first, firstOther := []float64{1, 3, 0, inf, 0}, []float64{2, 1, 0, 0, inf}
	second, secondOther := []float64{0.5, 1, 0, 0, 0}, []float64{0.25, 2, 0, 0, 0}
	want := []float32{float32(math.Exp(-1.25)), 1, 1, 1, 0}
	got := buffer[float32](t, len(want))
	Chance(got, first, firstOther, second, secondOther, len(want))
	wantBits(t, "chances", got, want)
	if !panics(func() { Chance(got, first, firstOther, second[1:], secondOther, len(want)) }) {
		t.Error("fewer energies than rows: got no panic")
	}
}

// TestSelect: a row, or a cell, is y's where the mask is 1 and x's where it is 0, for floats and for states, and slices
// that are too short panic.
func TestSelect(t *testing.T) {
	r := newRand()
	for _, shape := range shapes {
		rows, columns, what := shape[0], shape[1], shapeName(shape)
		x, y := states(t, r, rows*columns, 0.4), states(t, r, rows*columns, 0.4)
		mask := states(t, r, rows, 0.5)
		want := make([]float32, rows*columns)
		for i := range want {
			want[i] = x[i] + mask[i/columns]*(y[i]-x[i])
		}
		got, drawn := buffer[float32](t, rows*columns), newStates(t, rows, columns)
		Select(got, mask, x, y, rows, columns)
		wantBits(t, what, got, want)
		SelectStates(drawn, mask, statesOf(t, x, rows, columns), statesOf(t, y, rows, columns), rows)
		wantStates(t, what, drawn, want, rows, columns)
		if rows*columns > 0 && !panics(func() { Select(got, mask, x, y[1:], rows, columns) }) {
			t.Error("y is short: got no panic")
		}
		cells := states(t, r, rows*columns, 0.5)
		for i := range want {
			want[i] = x[i] + cells[i]*(y[i]-x[i])
		}
		SelectCells(got, cells, x, y)
		wantBits(t, what+", cells", got, want)
		bits := func(x []float32) States { return statesOf(t, x, rows, columns) }
		SelectCellStates(drawn, bits(cells), bits(x), bits(y), rows)
		wantStates(t, what+", cells", drawn, want, rows, columns)
		if rows*columns > 0 && !panics(func() { SelectCells(got, cells[1:], x, y) }) {
			t.Error("the mask of cells is short: got no panic")
		}
		if rows > 0 && !panics(func() {
			SelectStates(drawn, mask[1:], statesOf(t, x, rows, columns), statesOf(t, y, rows, columns), rows)
		}) {
			t.Error("the mask is short: got no panic")
		}
	}
}
