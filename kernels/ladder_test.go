package kernels

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// ladders are the numbers of chains and of levels in the tests of the ladder kernels: no pair of levels, one pair,
// one pair in several chains, odd and even numbers of levels, and more than two slices of 64 chains.
var ladders = [][2]int{{1, 1}, {1, 2}, {3, 2}, {2, 5}, {7, 6}, {130, 3}}

// ladderOf returns the level of each row. A chain has a permutation of the levels: the permutation of chain 0, with
// the number of the chain added modulo count.
func ladderOf(t *testing.T, chains, count int) []float32 {
	levels := make([]float32, chains*count)
	for chain := range chains {
		for replica, level := range newRand().Perm(count) {
			levels[replica*chains+chain] = float32((level + chain) % count)
		}
	}
	return input(t, len(levels), func(i int) float32 { return levels[i] })
}

// ratiosOf returns n random log-ratios of probabilities.
func ratiosOf(t *testing.T, r *rand.Rand, n int) []float64 {
	return input(t, n, func(int) float64 { return r.NormFloat64() })
}

// TestPartner: partners by hand, in even and odd updates, of even and odd numbers of levels and of one level.
func TestPartner(t *testing.T) {
	for _, test := range []struct {
		update uint32
		want   []int // by level
	}{
		{0, []int{1, 0, 3, 2, -1}}, {1, []int{-1, 2, 1, 4, 3}}, {6, []int{1, 0, 3, 2}}, {7, []int{-1, 2, 1, -1}}, {2, []int{-1}},
	} {
		for level, want := range test.want {
			if got := Partner(level, len(test.want), test.update); got != want {
				t.Errorf("update %d, level %d of %d: got partner %d, want %d", test.update, level, len(test.want), got, want)
			}
		}
	}
}

// TestLevelBetas: each row gets the inverse temperature of its level, and a missing level panics.
func TestLevelBetas(t *testing.T) {
	rows := buffer[float32](t, 4)
	LevelBetas(rows, []float32{1, 0.5, 0.25}, []float32{2, 0, 1, 2})
	wantBits(t, "betas", rows, []float32{0.25, 1, 0.5, 0.25})
	if !panics(func() { LevelBetas(rows, []float32{1}, make([]float32, 3)) }) {
		t.Error("fewer levels than rows: got no panic")
	}
}

// TestLogRatio compares each row with LogWeight of this row alone, from the inverse temperature of its level to the
// one of its partner. A row without a partner has 0. 19 and 33 are chosen: not multiples of any vector.
func TestLogRatio(t *testing.T) {
	r := newRand()
	for _, ladder := range ladders {
		rows, visible, hidden := ladder[0]*ladder[1], 19, 33
		v, z := states(t, r, rows*visible, 0.4), normals(t, r, rows*hidden)
		a, base, betas := normals(t, r, visible), normals(t, r, visible), means(t, r, ladder[1])
		levels := ladderOf(t, ladder[0], ladder[1])
		for update := range uint32(2) {
			got, want := buffer[float64](t, rows), make([]float64, rows)
			for n := range rows {
				other := Partner(int(levels[n]), ladder[1], update)
				if other < 0 {
					continue
				}
				from, to := betas[int(levels[n])], betas[other]
				LogWeight(want[n:], want[n:], v[n*visible:], a, base, z[n*hidden:], nil, from, to, 1, visible, hidden)
			}
			LogRatio(got, v, a, base, z, betas, levels, nil, update, rows, visible, hidden)
			wantBits64(t, "ratios", got, want)
		}
		if !panics(func() { LogRatio(make([]float64, rows-1), v, a, base, z, betas, levels, nil, 0, rows, visible, hidden) }) {
			t.Error("fewer ratios than rows: got no panic")
		}
	}
}

// TestSwap: two partners exchange their levels if their random number is below the acceptance
// probability. All other rows keep their levels.
func TestSwap(t *testing.T) {
	r := newRand()
	for _, ladder := range ladders {
		chains, count := ladder[0], ladder[1]
		levels, ratios := ladderOf(t, chains, count), ratiosOf(t, r, chains*count)
		for update := range uint32(2) {
			d := Draw{Seed: 1 << 40, Stream: 3, Update: update}
			want := slices.Clone(levels)
			for row, level := range levels {
				chain, other := row%chains, Partner(int(level), count, update)
				if other < 0 {
					continue
				}
				partner := RowAt(levels, chains, chain, other)
				u := float64(d.Words(min(int(level), other)*chains+chain, 0)[0]) / (1 << 32)
				if u < math.Exp(ratios[row]+ratios[partner]) {
					want[row] = float32(other)
				}
			}
			got := buffer[float32](t, len(levels))
			Swap(got, levels, ratios, d, chains, count)
			wantBits(t, "levels", got, want)
		}
		if !panics(func() { Swap(make([]float32, len(levels)-1), levels, ratios, Draw{}, chains, count) }) {
			t.Error("a short result: got no panic")
		}
	}
}

// TestColdest compares with the rows that have level 0, as values and as states.
func TestColdest(t *testing.T) {
	r := newRand()
	for _, ladder := range ladders {
		chains, count, columns := ladder[0], ladder[1], 70
		x, levels := states(t, r, chains*count*columns, 0.4), ladderOf(t, chains, count)
		var want []float32
		for chain := range chains {
			row := RowAt(levels, chains, chain, 0)
			if levels[row] != 0 || row%chains != chain {
				t.Fatalf("row %d of chain %d has level %v, want 0", row, chain, levels[row])
			}
			want = append(want, x[row*columns:(row+1)*columns]...)
		}
		got, drawn := buffer[float32](t, len(want)), newStates(t, chains, columns)
		Coldest(got, x, levels, chains, count, columns)
		wantBits(t, "values", got, want)
		ColdestStates(drawn, statesOf(t, x, chains*count, columns), levels, chains, count)
		wantStates(t, "states", drawn, want, chains, columns)
		for what, call := range map[string]func(){
			"x":      func() { Coldest(got, x[1:], levels, chains, count, columns) },
			"levels": func() { ColdestStates(drawn, statesOf(t, x, chains*count, columns), levels[1:], chains, count) },
			"out":    func() { Coldest(got[1:], x, levels, chains, count, columns) },
		} {
			if !panics(call) {
				t.Errorf("%s is short: got no panic", what)
			}
		}
	}
}

// TestRowAtRefuses: row 0 and 2 of two chains are chain 0, with the levels 0 and 1. Level 2 panics.
func TestRowAtRefuses(t *testing.T) {
	if !panics(func() { RowAt([]float32{0, 1, 1, 2}, 2, 0, 2) }) {
		t.Error("a level that the chain does not have: got no panic")
	}
}

// TestTally compares with the acceptance probabilities of each pair, added up over the chains by sliced, and with
// the number of chains for each proposed exchange.
func TestTally(t *testing.T) {
	r := newRand()
	for _, ladder := range ladders {
		chains, count := ladder[0], ladder[1]
		levels, ratios := ladderOf(t, chains, count), ratiosOf(t, r, chains*count)
		before := means(t, r, 2*(count-1))
		for update := range uint32(2) {
			want := slices.Clone(before)
			for level := range count - 1 {
				if Partner(level, count, update) != level+1 {
					continue
				}
				want[level] = sliced(before[level], chains, func(chain int) float32 {
					sum := ratios[RowAt(levels, chains, chain, level)] + ratios[RowAt(levels, chains, chain, level+1)]
					return float32(min(1, math.Exp(sum)))
				})
				want[count-1+level] += float32(chains)
			}
			got := buffer[float32](t, len(before))
			copy(got, before)
			Tally(got, got, levels, ratios, update, chains, count)
			wantBits(t, "tally", got, want)
		}
		if !panics(func() { Tally(before, before, levels[1:], ratios, 0, chains, count) }) {
			t.Error("fewer levels than rows: got no panic")
		}
	}
}

// TestTrips: a replica with an even count gains a trip at the last level, here 2, and one with an odd count at level 0.
func TestTrips(t *testing.T) {
	got := buffer[float32](t, 6)
	Trips(got, []float32{0, 0, 1, 1, 4, 7}, []float32{2, 0, 2, 0, 1, 0}, 3, 6)
	wantBits(t, "trips", got, []float32{1, 0, 1, 2, 4, 8})
	if !panics(func() { Trips(got, got, make([]float32, 5), 3, 6) }) {
		t.Error("fewer levels than rows: got no panic")
	}
}
