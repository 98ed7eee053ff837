package kernels

import "math"

// The kernels of parallel tempering. Each of C chains is a ladder of T replicas, one at each
// level 0 to T-1, and each level has an inverse temperature. Replica r of chain c is row r·C + c,
// and levels (T·C) holds the level of each row, a whole number. An exchange swaps the levels of two
// rows, whose states stay in place. In even updates levels 0 and 1, 2 and 3, … are partners; in odd
// updates levels 1 and 2, 3 and 4, … are.

// Partner returns the partner of a level in an update of a ladder with count levels, or -1 if the
// level has none.
func Partner(level, count int, update uint32) int {
	other := level - 1
	if level%2 == int(update%2) {
		other = level + 1
	}
	if other >= count {
		return -1
	}
	return other
}

// RowAt returns the row of a chain that has the given level. It panics if no row of the chain has
// it.
func RowAt(levels []float32, chains, chain, level int) int {
	for row := chain; row < len(levels); row += chains {
		if int(levels[row]) == level {
			return row
		}
	}
	panic("kernels: ladder: no row of the chain has the level")
}

// LevelBetas writes the inverse temperature of each row. It is
//
//	for n := range rows {
//		rows[n] = betas[levels[n]]
//	}
//
// with rows and levels (rows) and betas (T). It panics if levels is shorter than rows, or if a
// level is not below T.
func LevelBetas(rows, betas, levels []float32) {
	if len(levels) < len(rows) {
		panic("kernels: level betas: the levels are fewer than the rows")
	}
	for n := range rows {
		rows[n] = betas[int(levels[n])]
	}
}

// LogRatio writes, for each row, the log of the ratio of its unnormalised probabilities at the level
// of its partner and at its own level. It is
//
//	for n := range rows {
//		from, to := betas[levels[n]], betas[the partner of levels[n]]
//		r[n] = LogIncrement(from, to, a·v[n], base·v[n], Σ_j Γ_j(from*z[n,j]), Σ_j Γ_j(to*z[n,j]))
//	}
//
// and 0 for a row without a partner. r and levels are (rows), v is (rows, visible), a and base
// (visible), betas (T), and z (rows, hidden) the fields of the hidden units given v. units holds
// the kinds of the hidden units. [RowDot] and [CumulantSum] define the sums. Every implementation
// returns the same bits. LogRatio panics if a slice is shorter than its shape.
func LogRatio(r []float64, v, a, base, z, betas, levels []float32, units Units, update uint32, rows, visible, hidden int) {
	if len(r) < rows || len(levels) < rows {
		panic("kernels: log-ratio: a slice is shorter than its shape")
	}
	for n := range rows {
		r[n] = 0
		level := int(levels[n])
		other := Partner(level, len(betas), update)
		if other < 0 {
			continue
		}
		from, to := betas[level], betas[other]
		row, fields := ByRows(v, visible).From(n), ByRows(z, hidden).From(n)
		var sums [4]float64
		RowDot(sums[0:], row, a, 1, visible)
		RowDot(sums[1:], row, base, 1, visible)
		CumulantSum(sums[2:], fields, units, from, 1, hidden)
		CumulantSum(sums[3:], fields, units, to, 1, hidden)
		r[n] = LogIncrement(from, to, sums[0], sums[1], sums[2], sums[3])
	}
}

// Swap exchanges the levels of partners. It is
//
//	out = levels
//	for chain := range C {
//		for level, other of all partners {
//			row, partner := the rows of the chain that have the two levels
//			if u(level·C+chain) < e^(r[row]+r[partner]) {
//				out[row], out[partner] = other, level
//			}
//		}
//	}
//
// with out, levels and r (T·C) and count T. u(n) is word(d,n,0) / 2³², the first word of block 0
// of row n of [Draw]. The update of the draw also selects the partners. With r from [LogRatio],
// Swap leaves the product of the distributions of all levels invariant. out must not overlap
// levels. An implementation may round the exponential differently, by at most two units in the
// last place of a float64. Swap panics if a slice is shorter than its shape.
func Swap(out, levels []float32, r []float64, d Draw, chains, count int) {
	rows := chains * count
	if len(out) < rows || len(levels) < rows || len(r) < rows {
		panic("kernels: swap: a slice is shorter than its shape")
	}
	copy(out[:rows], levels)
	eachPair(levels[:rows], d.Update, chains, count, func(chain, level, row, partner int) {
		u := float64(d.Words(level*chains+chain, 0)[0]) * 0x1p-32
		if u < math.Exp(r[row]+r[partner]) {
			out[row], out[partner] = float32(level+1), float32(level)
		}
	})
}

// eachPair calls f for all partners of every chain, with the rows of level and level+1.
func eachPair(levels []float32, update uint32, chains, count int, f func(chain, level, row, partner int)) {
	for chain := range chains {
		for level := int(update % 2); level+1 < count; level += 2 {
			f(chain, level, RowAt(levels, chains, chain, level), RowAt(levels, chains, chain, level+1))
		}
	}
}

// Coldest takes the row at level 0 of each chain. It is
//
//	for chain := range C {
//		row := the row of the chain that has level 0
//		for j := range columns {
//			out[chain,j] = x[row,j]
//		}
//	}
//
// with out (C, columns), x (T·C, columns), levels (T·C) and count T. out must not overlap x.
// Coldest panics if a slice is shorter than its shape.
func Coldest(out, x, levels []float32, chains, count, columns int) {
	if len(out) < chains*columns || len(x) < chains*count*columns || len(levels) < chains*count {
		panic("kernels: coldest: a slice is shorter than its shape")
	}
	for chain := range chains {
		row := RowAt(levels[:chains*count], chains, chain, 0)
		copy(out[chain*columns:(chain+1)*columns], x[row*columns:])
	}
}

// ColdestStates is [Coldest] of states. It panics if an argument is smaller than its shape.
func ColdestStates(out, x States, levels []float32, chains, count int) {
	out.check(chains, x.Columns)
	x.check(chains*count, x.Columns)
	if len(levels) < chains*count {
		panic("kernels: coldest: a slice is shorter than its shape")
	}
	for chain := range chains {
		out.CopyRow(chain, x, RowAt(levels[:chains*count], chains, chain, 0))
	}
}

// Tally accumulates the acceptance of exchanges. It is
//
//	out = before
//	for level, other of all partners {
//		for chain := range C {                  // in slices of 64 chains
//			row, partner := the rows of the chain that have the two levels
//			out[level] += min(1, e^(r[row]+r[partner]))
//			out[T-1+level] += 1
//		}
//	}
//
// with out and before (2(T-1)), levels and r (T·C) and count T. The first T-1 elements add up the
// acceptance probabilities of each pair of neighbouring levels, and the others count the proposed
// exchanges of the pair. A sum has the order of [ColumnMeans], where the first slice begins with
// the value before. out may be before. An implementation may round the exponential differently, by
// at most two units in the last place of a float64. Tally panics if a slice is shorter than its
// shape.
func Tally(out, before, levels []float32, r []float64, update uint32, chains, count int) {
	rows, pairs := chains*count, count-1
	if len(out) < 2*pairs || len(before) < 2*pairs || len(levels) < rows || len(r) < rows {
		panic("kernels: tally: a slice is shorter than its shape")
	}
	copy(out[:2*pairs], before)
	levels = levels[:rows]
	for level := int(update % 2); level < pairs; level += 2 {
		out[level] = sumTerms(out[level], chains, func(chain int) float32 {
			row, partner := RowAt(levels, chains, chain, level), RowAt(levels, chains, chain, level+1)
			return float32(math.Exp(min(0, r[row]+r[partner])))
		})
		out[pairs+level] += float32(chains)
	}
}

// Trips counts how often each replica has crossed the ladder. It is
//
//	for n := range rows {
//		turn := T-1 if before[n] is even, else 0
//		out[n] = before[n] + 1 if levels[n] == turn, else before[n]
//	}
//
// with out, before and levels (rows) and count T. A count is even while the replica moves towards
// the last level, and odd while it moves back. Half of the count is the number of round trips.
// out may be before. Every implementation returns the same bits. Trips panics if a slice is
// shorter than its shape.
func Trips(out, before, levels []float32, count, rows int) {
	if len(out) < rows || len(before) < rows || len(levels) < rows {
		panic("kernels: trips: a slice is shorter than its shape")
	}
	for n, x := range before[:rows] {
		turn := float32(count - 1)
		if int(x)%2 == 1 {
			turn = 0
		}
		if levels[n] == turn {
			x++
		}
		out[n] = x
	}
}
