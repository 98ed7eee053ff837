package kernels

import "math"

// Over says which weights of a matrix (V, H) belong together in a [Blocks].
type Over int

// The ways to cut a matrix of weights into blocks.
const (
	Edges        Over = iota // the weights between a visible and a hidden unit
	HiddenUnits              // all weights of a hidden unit
	VisibleUnits             // all weights of a visible unit
)

// Blocks cuts a matrix (V, H) of weights into rectangles that follow the units of both layers. A
// unit of several columns has several rows or columns of the matrix.
type Blocks struct {
	Over            Over
	Visible, Hidden Units
}

// Lines returns the number of rows, or with [HiddenUnits] of columns, of a matrix (rows, columns).
// Every block belongs to the line with which it begins.
func (b Blocks) Lines(rows, columns int) int {
	if b.Over == HiddenUnits {
		return columns
	}
	return rows
}

// run is a row of blocks of a matrix, which share their rows: several blocks of one column each, or one
// block of any width.
type run struct {
	top, left, height int
	width             int // columns of all blocks
	count             int // blocks
}

// mostBlocks is the largest number of blocks that are summed at a time. It bounds arrays on the stack. Chosen: as many
// weights of a row as a cache line has, where blocks have one column.
const mostBlocks = 16

// eachTile calls f for runs of at most mostBlocks blocks, which together are the run.
func (r run) eachTile(f func(run)) {
	if r.count == 1 {
		f(r)
		return
	}
	for left, end := r.left, r.left+r.width; left < end; left += mostBlocks {
		n := min(mostBlocks, end-left)
		f(run{r.top, left, r.height, n, n})
	}
}

// size returns the number of elements of each block.
func (r run) size() int { return r.height * r.width / r.count }

// row returns the run's columns of row i of a matrix (.., columns).
func (r run) row(w []float32, i, columns int) []float32 {
	return w[i*columns+r.left:][:r.width]
}

// each calls f for runs that hold the blocks that begin with the lines lo ≤ n < hi of a matrix (rows,
// columns).
func (b Blocks) each(lo, hi, rows, columns int, f func(run)) {
	if b.Over == HiddenUnits {
		b.eachAcross(0, rows, lo, hi, f)
		return
	}
	for i := lo; i < hi; {
		k, first := b.Visible.At(i)
		next := first + k.Width()
		switch {
		case first < i: // the block begins with an earlier line
		case b.Over == VisibleUnits:
			f(run{i, 0, k.Width(), columns, 1})
		default:
			b.eachAcross(i, k.Width(), 0, columns, f)
		}
		i = next
	}
}

// eachAcross calls f for runs of the blocks of hidden units that begin with the columns lo ≤ j < hi,
// over some rows.
func (b Blocks) eachAcross(top, height, lo, hi int, f func(run)) {
	for from := lo; from < hi; {
		k, to := b.Hidden.group(from, hi)
		if _, first := b.Hidden.At(from); first < from {
			from = first + k.Width()
			continue
		}
		if k.Width() == 1 {
			f(run{top, from, height, to - from, to - from})
			from = to
			continue
		}
		for ; from < to; from += k.Width() {
			f(run{top, from, height, k.Width(), 1})
		}
	}
}

// sums writes to sum, for each block of a tile, the sum of |w|, or of w² if squared. The sums are in float64.
// Element n of a block, counted row by row, joins part n%16 of sixteen parts, in rising order. The
// parts are added up in halves.
func (r run) sums(sum *[mostBlocks]float64, w []float32, columns int, squared bool) {
	var parts [16][mostBlocks]float64
	n := 0
	for i := range r.height {
		row := r.row(w, r.top+i, columns)
		if r.count > 1 { // blocks of one column, whose element n is in row n
			addTerms(parts[i%16][:], row, squared)
			continue
		}
		for k := range row {
			addTerms(parts[n%16][:], row[k:k+1], squared)
			n++
		}
	}
	for half := 8; half > 0; half /= 2 {
		for l := range half {
			for k := range r.count {
				parts[l][k] += parts[l+half][k]
			}
		}
	}
	*sum = parts[0]
}

// addTerms adds |x|, or x² if squared, of each element of a row to the elements of part.
func addTerms(part []float64, row []float32, squared bool) {
	part = part[:len(row)]
	if squared {
		for k, x := range row {
			part[k] += float64(x) * float64(x)
		}
		return
	}
	for k, x := range row {
		part[k] += math.Abs(float64(x))
	}
}

// check panics unless the units fit a matrix (rows, columns) and the lines end within it.
func (b Blocks) check(hi, rows, columns int) {
	b.Visible.check(rows)
	b.Hidden.check(columns)
	if hi > b.Lines(rows, columns) {
		panic("kernels: blocks: the range ends beyond the matrix")
	}
}
