package engine

import (
	"cmp"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/kernels"
)

// The ops of parallel tempering. Each of C chains is a ladder of T replicas, one at each of the
// inverse temperatures β_0 = 1 > β_1 > …. Replica r of chain c is row r·C + c, and levels (T·C)
// holds the index of each row's β. Neighbours exchange their levels, and the states stay in their
// rows.

// Swap is the op that exchanges the levels of partners (see [LogWeight]) with probability min(1,
// e^(r+r')), where r and r' are their log-ratios. This leaves the product of the distributions
// p_β invariant. The random number of a pair is the first word of block 0 of the row Row + (lower
// level)·C + chain.
type Swap struct {
	pure
	Levels int // T
	Seed   uint64
	Stream uint8
	Row    uint32 // as in [Draw]
}

// NewSwap returns the levels (T·C) after one round, from the levels before it, the ratios (T·C)
// and the clock (3).
func NewSwap(levels, ratios, clock *gorgonia.Node, s Swap) *gorgonia.Node {
	return apply(s, levels, ratios, clock)
}

func (Swap) signature() signature {
	return signature{"swap", []operand{vector32, vector64, integers}, vector32}
}

func (s Swap) shape(in []tensor.Shape) (tensor.Shape, error) {
	rows := in[0][0]
	return in[0].Clone(), cmp.Or(want("the levels", in[0], rows/s.Levels*s.Levels), want("the ratios", in[1], rows),
		want("the clock", in[2], ClockSize))
}

func (s Swap) define(out *tensor.Dense, in []*tensor.Dense) {
	levels := float32s(in[0])
	kernels.Swap(float32s(out), levels, float64s(in[1]), s.draw(int32s(in[2])), len(levels)/s.Levels, s.Levels)
}

// draw identifies the random numbers of a round.
func (s Swap) draw(clock []int32) kernels.Draw {
	return kernels.Draw{Seed: s.Seed, Stream: s.Stream, Update: uint32(clock[ClockUpdate]), Row: s.Row}
}

// Coldest is the op that takes the row at level 0 of each chain.
type Coldest struct {
	pure
	Levels int // T
}

// NewColdest returns the rows (C,J) at β = 1 of x (T·C,J), given the levels (T·C).
func NewColdest(x, levels *gorgonia.Node, c Coldest) *gorgonia.Node { return apply(c, x, levels) }

func (Coldest) signature() signature {
	return signature{"coldest", []operand{matrix32, vector32}, matrix32}
}

func (c Coldest) shape(in []tensor.Shape) (tensor.Shape, error) {
	chains := in[0][0] / c.Levels
	return tensor.Shape{chains, in[0][1]}, want("the levels", in[1], chains*c.Levels)
}

func (c Coldest) define(out *tensor.Dense, in []*tensor.Dense) {
	kernels.Coldest(float32s(out), float32s(in[0]), float32s(in[1]), out.Shape()[0], c.Levels, out.Shape()[1])
}

// Tally is the op that accumulates the acceptance of exchanges: for each pair of neighbouring
// levels the sum of its acceptance probabilities and, in the second half, the number of exchanges
// that were proposed to it.
type Tally struct{ Levels int }

// NewTally returns the tally (2·(T-1)) after one round, from the tally before it, the levels
// (T·C) before it, the ratios (T·C) and the clock (3).
func NewTally(tally, levels, ratios, clock *gorgonia.Node, t Tally) *gorgonia.Node {
	return apply(t, tally, levels, ratios, clock)
}

func (Tally) signature() signature {
	return signature{"tally", []operand{vector32, vector32, vector64, integers}, vector32}
}

func (t Tally) shape(in []tensor.Shape) (tensor.Shape, error) {
	return in[0].Clone(), cmp.Or(want("the tally", in[0], 2*(t.Levels-1)), want("the ratios", in[2], in[1]...),
		want("the clock", in[3], ClockSize))
}

func (t Tally) define(out *tensor.Dense, in []*tensor.Dense) {
	levels := float32s(in[1])
	update := uint32(int32s(in[3])[ClockUpdate])
	kernels.Tally(float32s(out), float32s(in[0]), levels, float64s(in[2]), update, len(levels)/t.Levels, t.Levels)
}

func (Tally) inPlace(i int) bool { return i == 0 }

// Trips is the op that counts how often each replica crosses the ladder. A count is even while
// the replica moves towards the last level, and odd while it moves back. It rises by one where
// the replica turns round, so half of the count is the number of round trips.
type Trips struct{ Levels int }

// NewTrips returns the counts (T·C) after one round, from the counts before it and the levels
// (T·C) after it.
func NewTrips(trips, levels *gorgonia.Node, t Trips) *gorgonia.Node { return apply(t, trips, levels) }

func (Trips) signature() signature {
	return signature{"trips", []operand{vector32, vector32}, vector32}
}

func (Trips) shape(in []tensor.Shape) (tensor.Shape, error) {
	return in[0].Clone(), want("the levels", in[1], in[0]...)
}

func (t Trips) define(out *tensor.Dense, in []*tensor.Dense) {
	levels := float32s(in[1])
	kernels.Trips(float32s(out), float32s(in[0]), levels, t.Levels, len(levels))
}

func (Trips) inPlace(i int) bool { return i == 0 }
