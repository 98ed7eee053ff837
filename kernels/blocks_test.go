package kernels

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// eachCut calls test with random weights (rows, columns), for every pair of groupings of the two layers into units
// and each Over, which together say how the weights are cut into blocks. 37 and 29 are chosen: primes, above mostBlocks.
func eachCut(t *testing.T, test func(r *rand.Rand, w []float32, b Blocks, rows, columns int)) {
	const rows, columns = 37, 29
	r := newRand()
	w := make([]float32, rows*columns)
	for i := range w {
		w[i] = float32(r.NormFloat64())
	}
	for _, visible := range groupings(r, rows) {
		for _, hidden := range groupings(r, columns) {
			for _, over := range []Over{Edges, HiddenUnits, VisibleUnits} {
				test(r, w, Blocks{over, visible, hidden}, rows, columns)
			}
		}
	}
}

// TestBlocksFollowUnits: two weights are in the same block exactly if they belong to the same
// visible unit, the same hidden unit, or both, as Over says. All ranges of lines together have each
// block once.
func TestBlocksFollowUnits(t *testing.T) {
	eachCut(t, func(r *rand.Rand, w []float32, b Blocks, rows, columns int) {
		type units struct{ visible, hidden int } // first columns
		of := map[units]int{}
		number := make([]int, rows*columns)
		blocks, lines := 0, b.Lines(rows, columns)
		for lo := 0; lo < lines; {
			hi := lo + 1 + r.IntN(lines-lo)
			for _, k := range blocksOf(b, lo, hi, rows, columns) {
				blocks++
				for _, at := range k {
					if number[at] != 0 {
						t.Fatalf("%+v: weight %d,%d is in two blocks", b, at/columns, at%columns)
					}
					number[at] = blocks
				}
			}
			lo = hi
		}
		for at, n := range number {
			_, visible := b.Visible.At(at / columns)
			_, hidden := b.Hidden.At(at % columns)
			u := units{visible, hidden}
			switch b.Over {
			case HiddenUnits:
				u.visible = 0
			case VisibleUnits:
				u.hidden = 0
			}
			if first, ok := of[u]; n == 0 || ok && first != n {
				t.Fatalf("%+v: weight %d,%d is in block %d, others of its units in %d", b, at/columns, at%columns, n, first)
			}
			of[u] = n
		}
		if len(of) != blocks {
			t.Fatalf("%+v: %d blocks, want %d", b, blocks, len(of))
		}
	})
}

// blocksOf lists the elements of the blocks that begin with the lines lo ≤ n < hi.
func blocksOf(b Blocks, lo, hi, rows, columns int) (all [][]int) {
	b.each(lo, hi, rows, columns, func(r run) {
		blocks := make([][]int, r.count)
		for i := r.top; i < r.top+r.height; i++ {
			for k := range r.width {
				n := k * r.count / r.width
				blocks[n] = append(blocks[n], i*columns+r.left+k)
			}
		}
		for _, k := range blocks {
			if len(k) != r.size() {
				panic("a block with a wrong size")
			}
		}
		all = append(all, blocks...)
	})
	return all
}

// TestPenalties holds every implementation to the definitions, over all cuts, in place and in two calls. One weight is
// zero. The threshold is between 1/e and e², so that it is below some weights, or norms of blocks, and above others.
func TestPenalties(t *testing.T) {
	forEach(t, func(t *testing.T, s *Set) {
		eachCut(t, func(r *rand.Rand, w []float32, b Blocks, rows, columns int) {
			w = slices.Clone(w)
			w[r.IntN(len(w))] = 0
			lines := b.Lines(rows, columns)
			part := r.IntN(lines)
			got, want, threshold := buffer[float32](t, len(w)), make([]float32, len(w)), float32(math.Exp(3*r.Float64()-1))
			copy(got, w)
			Shrink(want, w, b, threshold, 0, lines, rows, columns)
			s.Shrink(got, got, b, threshold, 0, part, rows, columns)
			s.Shrink(got, got, b, threshold, part, lines, rows, columns)
			wantBits(t, fmt.Sprintf("shrink, %+v", b), got, want)
			if b.Over != HiddenUnits {
				return
			}
			g := normals(t, r, len(w))
			copy(got, g)
			SquaredL1(want, g, w, b.Hidden, threshold, 0, lines, rows, columns)
			s.SquaredL1(got, got, w, b.Hidden, threshold, 0, part, rows, columns)
			s.SquaredL1(got, got, w, b.Hidden, threshold, part, lines, rows, columns)
			wantBits(t, fmt.Sprintf("squared L1, %+v", b), got, want)
		})
	})
}
