package kernels

import "math"

// Chance writes the probabilities with which two models exchange their states. It is
//
//	for n := range rows {
//		p[n] = min(1, e^((first[n]-firstOther[n]) + (secondOther[n]-second[n])))
//	}
//
// with all slices (rows). first and second are the free energies of the first model's states
// under the first and the second model. firstOther and secondOther are the free energies of the
// second model's states. The exchange leaves the product of the two distributions invariant. An
// implementation may round the exponential differently, by at most two units in the last place of
// a float64. Chance panics if a slice is shorter than its shape.
func Chance(p []float32, first, firstOther, second, secondOther []float64, rows int) {
	if len(p) < rows || len(first) < rows || len(firstOther) < rows || len(second) < rows || len(secondOther) < rows {
		panic("kernels: chance: a slice is shorter than its shape")
	}
	for n := range rows {
		p[n] = float32(math.Exp(min(0, (first[n]-firstOther[n])+(secondOther[n]-second[n]))))
	}
}

// Select takes each row from one of two matrices. It is
//
//	for n := range rows {
//		for j := range columns {
//			out[n,j] = y[n,j] if mask[n] != 0, else x[n,j]
//		}
//	}
//
// with out, x and y (rows, columns) and mask (rows). out may be x or y. Select panics if a slice
// is shorter than its shape.
func Select(out, mask, x, y []float32, rows, columns int) {
	if size := rows * columns; len(mask) < rows || len(out) < size || len(x) < size || len(y) < size {
		panic("kernels: select: a slice is shorter than its shape")
	}
	for n, on := range mask[:rows] {
		from := x
		if on != 0 {
			from = y
		}
		copy(out[n*columns:(n+1)*columns], from[n*columns:])
	}
}

// SelectStates is [Select] of states. It panics if an argument is smaller than its shape.
func SelectStates(out States, mask []float32, x, y States, rows int) {
	out.check(rows, x.Columns)
	x.check(rows, x.Columns)
	y.check(rows, x.Columns)
	if len(mask) < rows {
		panic("kernels: select: a slice is shorter than its shape")
	}
	for n, on := range mask[:rows] {
		from := x
		if on != 0 {
			from = y
		}
		out.CopyRow(n, from, n)
	}
}

// SelectCells takes each cell from one of two matrices. It is
//
//	for i := range out {
//		out[i] = y[i] if mask[i] != 0, else x[i]
//	}
//
// with mask, x and y as long as out. out may be x or y. Every implementation returns the same bits.
// SelectCells panics if a slice is shorter.
func SelectCells(out, mask, x, y []float32) {
	if size := len(out); len(mask) < size || len(x) < size || len(y) < size {
		panic("kernels: select cells: a slice is shorter than its shape")
	}
	for i, on := range mask[:len(out)] {
		if on != 0 {
			out[i] = y[i]
		} else {
			out[i] = x[i]
		}
	}
}

// SelectCellStates is [SelectCells] of states, by the bits of mask. It panics if an argument is smaller
// than its shape.
func SelectCellStates(out, mask, x, y States, rows int) {
	for _, s := range []States{out, mask, x, y} {
		s.check(rows, x.Columns)
	}
	for first := 0; first < x.Columns; first += 64 {
		for n := range rows {
			on := *mask.word(n, first)
			*out.word(n, first) = *x.word(n, first)&^on | *y.word(n, first)&on
		}
	}
}
