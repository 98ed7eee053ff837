//go:build gpu

package kernels

import (
	"math"
	"testing"
)

// TestLadderParity: the ratios, levels and trips have the bits of the definitions. In a tally the exponential may be
// rounded differently, which changes a term by at most 2⁻²⁴; its counts are whole numbers, so that the bound holds them. The sum of C such terms and the value before, all of at
// most 1, has C additions, which may round differently by twice γ(C)·(C+1). With this seed no random number of a
// swap falls between the two roundings.
func TestLadderParity(t *testing.T) {
	forParity(t, func(p parity) {
		const count = 5
		chains := p.rows
		rows := chains * count
		v, z := states(p.T, p.random, rows*p.visible, 0.4), normals(p.T, p.random, rows*p.hidden)
		a, base, betas := normals(p.T, p.random, p.visible), normals(p.T, p.random, p.visible), means(p.T, p.random, count)
		levels := ladderOf(p.T, chains, count)
		onLevels, before := p.put(levels), means(p.T, p.random, 2*(count-1))
		u := p.units(p.hidden)
		for update := range uint32(2) {
			clock := p.clock(int32(update), 0, 0)
			ratios, onRatios := make([]float64, rows), p.room64(rows)
			LogRatio(ratios, v, a, base, z, betas, levels, u, update, rows, p.visible, p.hidden)
			p.done(p.gpu.LogRatio(LogRatios{
				Ratios: onRatios, V: p.put(v), Bias: p.put(a), Base: p.put(base), Field: p.put(z), Kinds: p.kinds(u), Betas: p.put(betas),
				Levels: onLevels, Clock: clock, Count: count, Rows: rows, Visible: p.visible, Hidden: p.hidden,
			}))
			p.wantBits64("ratios", onRatios, ratios)

			d := Draw{Seed: 1 << 40, Stream: 3, Update: update}
			want, out := make([]float32, rows), p.room(rows)
			Swap(want, levels, ratios, d, chains, count)
			p.done(p.gpu.Swap(out, onLevels, onRatios, clock, d, chains, count))
			p.wantBits("levels", out, want)

			Trips(want, want, levels, count, rows) // any whole numbers serve as the trips before
			p.done(p.gpu.Trips(out, out, onLevels, count, rows))
			p.wantBits("trips", out, want)

			sums, tally := make([]float32, len(before)), p.put(before)
			Tally(sums, before, levels, ratios, update, chains, count)
			p.done(p.gpu.Tally(tally, tally, onLevels, onRatios, clock, chains, count))
			bound := 2*gamma(chains, 0x1p-24)*float64(chains+1) + float64(chains)*0x1p-24
			for i, got := range fromGPU(p, p.gpu, make([]float32, len(sums)), tally) {
				if !(math.Abs(float64(got)-float64(sums[i])) <= bound) {
					p.Fatalf("tally %d: got %v, want %v ± %.3g", i, got, sums[i], bound)
				}
			}
		}
		want, out := make([]float32, chains*p.visible), p.room(chains*p.visible)
		Coldest(want, v, levels, chains, count, p.visible)
		p.done(p.gpu.Coldest(out, p.put(v), onLevels, chains, count, p.visible))
		p.wantBits("coldest", out, want)
	})
}

// TestExchangeParity: the acceptance probabilities of exchanges are at most 1, so another rounding of the exponential
// changes one by at most 2⁻²⁴, the unit in the last place below 1. Selections have the bits of the definitions.
func TestExchangeParity(t *testing.T) {
	forParity(t, func(p parity) {
		var energies [4][]float64
		var on [4]Address
		for i := range energies {
			energies[i] = ratiosOf(p.T, p.random, p.rows)
			on[i] = onGPU(p, p.gpu, energies[i])
		}
		want, out := make([]float32, p.rows), p.room(p.rows)
		Chance(want, energies[0], energies[1], energies[2], energies[3], p.rows)
		p.done(p.gpu.Chance(out, on[0], on[1], on[2], on[3], p.rows))
		for n, got := range fromGPU(p, p.gpu, make([]float32, p.rows), out) {
			if !(math.Abs(float64(got)-float64(want[n])) <= 0x1p-24) {
				p.Fatalf("chance %d: got %v, want %v ± 2⁻²⁴", n, got, want[n])
			}
		}

		size := p.rows * p.hidden
		mask, x, y := states(p.T, p.random, p.rows, 0.5), normals(p.T, p.random, size), normals(p.T, p.random, size)
		selected, taken := make([]float32, size), p.room(size)
		Select(selected, mask, x, y, p.rows, p.hidden)
		p.done(p.gpu.Select(taken, p.put(mask), p.put(x), p.put(y), p.rows, p.hidden))
		p.wantBits("selection", taken, selected)
		cells := states(p.T, p.random, size, 0.5)
		SelectCells(selected, cells, x, y)
		p.done(p.gpu.SelectCells(taken, p.put(cells), p.put(x), p.put(y), size))
		p.wantBits("selected cells", taken, selected)
	})
}

// TestVectorParity: the small kernels of vectors, and the clock, have the bits of their definitions.
func TestVectorParity(t *testing.T) {
	forParity(t, func(p parity) {
		size, others := p.visible, p.hidden
		difference, offset := normals(p.T, p.random, size), normals(p.T, p.random, size)
		data, chains := normals(p.T, p.random, 2*size), normals(p.T, p.random, 2*size)
		delta, kappa := normals(p.T, p.random, others), normals(p.T, p.random, others)
		pattern := make([]float32, size)
		for i := range pattern {
			pattern[i] = [3]float32{0, 1, float32(math.NaN())}[p.random.IntN(3)]
		}
		onData, onChains, onOffset := p.put(data), p.put(chains), p.put(offset)
		want, out := make([]float32, size), p.room(size)

		Clamp(want, data[:size], pattern)
		p.done(p.gpu.Clamp(out, onData, p.put(pattern), size))
		p.wantBits("clamped", out, want)
		Difference(want, data, chains)
		p.done(p.gpu.Difference(out, onData, onChains, size))
		p.wantBits("difference", out, want)
		Blend(want, offset, data, chains, 0.3)
		p.done(p.gpu.Blend(out, onOffset, onData, onChains, 0.3, size))
		p.wantBits("blend", out, want)
		BiasGradient(want, difference, data, chains, offset, delta, kappa)
		p.done(p.gpu.BiasGradient(out, p.put(difference), onData, onChains, onOffset, p.put(delta), p.put(kappa), size, others))
		p.wantBits("bias gradient", out, want)

		clock := p.clock(7, 3, 2)
		p.done(p.gpu.Tick(clock, clock))
		got, ticked := fromGPU(p, p.gpu, make([]int32, ClockSize), clock), make([]int32, ClockSize)
		Tick(ticked, []int32{7, 3, 2})
		if [3]int32(got) != [3]int32(ticked) {
			p.Errorf("clock: got %v, want %v", got, ticked)
		}
	})
}
