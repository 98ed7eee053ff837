//go:build gpu

package kernels

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// parity holds what a parity test uses: a GPU, random numbers and a shape.
type parity struct {
	*testing.T
	gpu                   *GPU
	random                *rand.Rand
	rows, visible, hidden int
}

// forParity runs a test for every shape, with grids of one block, of three blocks and of the
// usual number.
func forParity(t *testing.T, test func(p parity)) {
	gpu := openGPU(t)
	for _, blocks := range []int{1, 3, blocksAtMost} {
		gpu.blocks = blocks
		for _, shape := range gpuShapes {
			t.Run(fmt.Sprintf("%s/blocks=%d", shapeName(shape), blocks), func(t *testing.T) {
				test(parity{t, gpu, newRand(), shape[0], shape[1], shape[2]})
			})
		}
	}
}

// gpuShapes are (rows, visible, hidden): one; the widths 16, 32 and 64 of the kernels, one less and one
// more; 129 rows, more than two slices; and 130 columns, more than a tile of reduce.cu.
var gpuShapes = [][3]int{
	{1, 1, 1}, {2, 15, 16}, {3, 16, 17}, {2, 31, 33}, {16, 32, 31},
	{17, 63, 64}, {5, 64, 65}, {6, 65, 63}, {129, 33, 20}, {65, 130, 68},
}

// put copies floats to the GPU.
func (p parity) put(x []float32) Address { return onGPU(p, p.gpu, x) }

// units returns random groups of columns of all kinds.
func (p parity) units(columns int) Units {
	all := groupings(p.random, columns)
	return all[p.random.IntN(len(all))]
}

// kinds copies the kinds of the columns to the GPU, or returns none.
func (p parity) kinds(u Units) Address {
	if kinds := KindWords(u); kinds != nil {
		return onGPU(p, p.gpu, kinds)
	}
	return 0
}

// clock returns the address of a clock, with the position in the table of rates.
func (p parity) clock(update, position, epoch int32) Address {
	return onGPU(p, p.gpu, []int32{update, position, epoch})
}

// room returns the address of n floats that are not zero.
func (p parity) room(n int) Address { return p.put(slices.Repeat([]float32{-77}, n)) }

// room64 is room for float64.
func (p parity) room64(n int) Address { return onGPU(p, p.gpu, slices.Repeat([]float64{-77}, n)) }

// done ends the test if a launch has failed.
func (p parity) done(err error) {
	p.Helper()
	if err != nil {
		p.Fatal(err)
	}
}

func (p parity) wantBits(what string, from Address, want []float32) {
	p.Helper()
	wantBits(p.T, what, fromGPU(p, p.gpu, make([]float32, len(want)), from), want)
}

func (p parity) wantBits64(what string, from Address, want []float64) {
	p.Helper()
	wantBits64(p.T, what, fromGPU(p, p.gpu, make([]float64, len(want)), from), want)
}

// TestActivateParity: means and states, as floats and in their copies in bfloat16, have the bits of the definitions,
// with and without a bias, and in the model and on a path (tempered).
func TestActivateParity(t *testing.T) {
	forParity(t, func(p parity) {
		rows, columns := p.rows, p.hidden
		z, bias, base := normals(p.T, p.random, rows*columns), normals(p.T, p.random, columns), normals(p.T, p.random, columns)
		betas := []float32{0, 0.25, 0.7, 1}
		for update := range int32(3) {
			for _, biased := range []bool{false, true} {
				for _, tempered := range []bool{false, true} {
					draw := Draw{Seed: 0x123456789ABCDEF0, Stream: 7, Update: uint32(update), Step: 3, Row: 1 << 20}
					u := p.units(columns)
					a := GPUActivation{
						Units: u, Kinds: p.kinds(u), Field: p.put(z), Clock: p.clock(update, 9, 9), Draw: draw, Rows: rows, Columns: columns,
					}
					field, path := slices.Clone(z), Model
					if biased {
						a.Bias = p.put(bias)
						for i := range field {
							field[i] += bias[i%columns]
						}
					}
					if tempered {
						a.Base, a.Betas, a.Ahead = p.put(base), p.put(betas), 1
						path = Path{Beta: betas[update+1], Base: base}
					}
					mean, states := make([]float32, rows*columns), make([]float32, rows*columns)
					Mean(mean, field, u, path, rows, columns)
					drawn := NewStates(rows, columns)
					drawn.Units = u
					Sample(drawn, field, u, path, draw, rows, columns)
					drawn.Unpack(states, rows)
					a.Mean, a.State = p.room(rows*columns), p.room(rows*columns)
					a.Half, a.Copy = p.halfRoom(rows, columns).High, p.halfRoom(rows, columns)
					p.done(p.gpu.Activate(a))
					p.wantBits("means", a.Mean, mean)
					p.wantBits("states", a.State, states)
					p.wantHalves("states", a.Half, states, columns)
					p.wantCopy("means", a.Copy, mean, columns)

					if u.Several() {
						continue
					}
					a.Mean, a.State, a.Half, a.Copy = 0, a.Field, 0, Half{} // the states overwrite the fields, with no other result
					p.done(p.gpu.Activate(a))
					p.wantBits("states in place", a.State, states)
				}
			}
		}
	})
}

// TestActivateLaterRows: the rows before the first drawn one get means only, and the first one has
// the random numbers of the first row of the draw.
func TestActivateLaterRows(t *testing.T) {
	forParity(t, func(p parity) {
		first, columns := p.rows/2, p.hidden
		z := normals(p.T, p.random, p.rows*columns)
		draw := Draw{Seed: 5, Stream: 2, Update: 3, Step: 1, Row: 9}
		mean, states := make([]float32, len(z)), make([]float32, len(z)-first*columns)
		Mean(mean, z, nil, Model, p.rows, columns)
		drawn := NewStates(p.rows-first, columns)
		Sample(drawn, z[first*columns:], nil, Model, draw, p.rows-first, columns)
		drawn.Unpack(states, p.rows-first)
		a := GPUActivation{Field: p.put(z), Clock: p.clock(3, 0, 0), Draw: draw, First: first, Rows: p.rows, Columns: columns}
		a.Mean, a.State = a.Field, p.room(len(states))
		a.Half, a.Copy = p.halfRoom(p.rows-first, columns).High, p.halfRoom(p.rows, columns)
		p.done(p.gpu.Activate(a))
		p.wantBits("means", a.Mean, mean)
		p.wantBits("states", a.State, states)
		p.wantHalves("states", a.Half, states, columns)
		p.wantCopy("means", a.Copy, mean, columns)
	})
}

// TestTossParity: states drawn with given means have the bits of the definition.
func TestTossParity(t *testing.T) {
	forParity(t, func(p parity) {
		rows, columns := p.rows, p.hidden
		mean := means(p.T, p.random, rows*columns)
		draw := Draw{Seed: 1 << 40, Stream: 255, Update: 77, Step: 5}
		want := drawnWith(mean, draw, rows, columns)
		state, half := p.room(rows*columns), p.halfRoom(rows, columns).High
		p.done(p.gpu.Toss(state, half, p.put(mean), p.clock(77, 0, 0), draw, rows, columns))
		p.wantBits("states", state, want)
		p.wantHalves("states", half, want, columns)
	})
}

// TestGatherParity: batches with every binarization, from bytes and from floats, have the bits of the definition.
// Rows come from the whole data set, or from a window of two or of three batches.
func TestGatherParity(t *testing.T) {
	forParity(t, func(p parity) {
		const set, position, epoch = 300, 2, 11
		columns := p.visible
		data := make([]byte, set*columns)
		floats := make([]float32, len(data))
		for i := range data {
			data[i] = byte(p.random.Uint32())
			floats[i] = p.random.Float32()
		}
		order := make([]int32, (position+1)*p.rows)
		for i := range order {
			order[i] = int32(p.random.IntN(set))
		}
		g := GPUBatch{
			Order: onGPU(p, p.gpu, order), Clock: p.clock(5, position, epoch), Batch: p.rows, Threshold: 0.4,
			Draw: Draw{Seed: 42, Stream: 1}, Rows: p.rows, Columns: columns,
		}
		// With a window, the rows lie in their order. The rows before and after the batch hold
		// zeros instead of their values.
		windowed := func(window int) (bytes []byte, values []float32) {
			if window == 0 {
				return data, floats
			}
			bytes, values = make([]byte, window*columns), make([]float32, window*columns)
			for i := position * p.rows; i < len(order); i++ {
				place, index := i%window, int(order[i])
				copy(bytes[place*columns:(place+1)*columns], data[index*columns:])
				copy(values[place*columns:(place+1)*columns], floats[index*columns:])
			}
			return bytes, values
		}
		for n := range 6 {
			asBytes := n%2 == 1
			g.Window = []int{0, position * p.rows, (position + 1) * p.rows}[n/2]
			bytes, values := windowed(g.Window)
			g.Bytes, g.Floats = 0, p.put(values)
			if asBytes {
				g.Bytes, g.Floats = bytesOnGPU(p, p.gpu, bytes), 0
			}
			for g.Binarize = range Dynamic + 1 {
				u := p.units(columns)
				g.Kinds = p.kinds(u)
				batch := Batch{
					Floats: floats, Rows: order[position*p.rows:], Columns: columns, Units: u,
					Binarize: g.Binarize, Threshold: g.Threshold, Draw: g.Draw,
				}
				if asBytes {
					batch.Bytes, batch.Floats = data, nil
				}
				if g.Binarize == Dynamic {
					batch.Draw.Update = epoch
				}
				want, states := make([]float32, p.rows*columns), NewStates(p.rows, columns)
				states.Units = u
				Gather(want, states, &batch, 0, p.rows)
				if batch.Draws() {
					states.Unpack(want, p.rows)
				}
				g.State, g.Half = p.room(len(want)), 0
				if g.Binarize != AsIs {
					g.Half = p.halfRoom(p.rows, columns).High
				}
				p.done(p.gpu.Gather(g))
				p.wantBits(fmt.Sprintf("binarization %d of bytes=%v, window %d", g.Binarize, asBytes, g.Window), g.State, want)
				if g.Half != 0 {
					p.wantHalves("states", g.Half, want, columns)
				}
			}
		}
	})
}

// TestEnergyParity: free energies and log-weights have the bits of the definitions. The clock selects betas 1 and 2.
func TestEnergyParity(t *testing.T) {
	forParity(t, func(p parity) {
		v, z := means(p.T, p.random, p.rows*p.visible), normals(p.T, p.random, p.rows*p.hidden)
		a, base := normals(p.T, p.random, p.visible), normals(p.T, p.random, p.visible)
		betas := []float32{0, 0.3, 0.45, 1}
		free, weights, before := make([]float64, p.rows), make([]float64, p.rows), make([]float64, p.rows)
		for n := range before {
			before[n] = p.random.NormFloat64()
		}
		u := p.units(p.hidden)
		FreeEnergy(free, v, a, z, u, p.rows, p.visible, p.hidden)
		LogWeight(weights, before, v, a, base, z, u, betas[1], betas[2], p.rows, p.visible, p.hidden)
		onV, onZ, onA := p.put(v), p.put(z), p.put(a)
		f := p.room64(p.rows)
		p.done(p.gpu.FreeEnergy(f, onV, onA, onZ, p.kinds(u), p.rows, p.visible, p.hidden))
		p.wantBits64("free energies", f, free)

		w := Weigh{
			Before: onGPU(p, p.gpu, before), V: onV, Bias: onA, Base: p.put(base), Field: onZ, Kinds: p.kinds(u),
			Betas: p.put(betas), Clock: p.clock(1, 0, 0), Rows: p.rows, Visible: p.visible, Hidden: p.hidden,
		}
		w.After = w.Before
		p.done(p.gpu.LogWeight(w))
		p.wantBits64("log-weights", w.After, weights)
	})
}

// TestMonitorParity: terms have the same bits on both sides and are added in float64 in another order, so that each
// rise is within γ(H+3) times the sum of the terms' sizes of the exact one. The log of the sum of e^rise over states
// does not increase a difference. On each side it has at most 4 roundings for each state, and with the product with the
// count 4 more. The terms of a squared error have the same bits too; their V-1 additions on each side are within γ(V+1).
func TestMonitorParity(t *testing.T) {
	const u = 0x1p-53
	forParity(t, func(p parity) {
		rows, visible, hidden := p.rows, p.visible, p.hidden
		units := [2]Units{p.units(visible), p.units(hidden)}
		v, z := worths(p.T, p.random, units[0], rows, visible, 0.4), normals(p.T, p.random, rows*hidden)
		w, a := normals(p.T, p.random, visible*hidden), normals(p.T, p.random, visible)
		draw := Draw{Seed: 9, Stream: 4, Update: 6}
		want := make([]float64, rows)
		PseudoLikelihood(want, v, z, w, a, units, draw, rows, visible, hidden)
		f := p.room64(rows)
		p.done(p.gpu.PseudoLikelihood(f, p.put(v), p.put(z), p.put(w), p.put(a), p.kinds(units[0]), p.kinds(units[1]),
			p.clock(6, 0, 0), units[0], draw, rows, visible, hidden))
		for n, got := range fromGPU(p, p.gpu, make([]float64, rows), f) {
			count := units[0].Count(visible)
			kind, first := units[0].unit(int(uint64(draw.Words(n, 0)[0]) * uint64(count) >> 32))
			// largest bounds the changes of the hidden fields and, at the end, of the linear term. Two columns of a
			// unit of several change at a time. A cumulant of q columns is at most the largest field plus log q.
			var size float64
			largest := make([]float64, hidden+1)
			for i := first; i < first+kind.Width(); i++ {
				span := float64(kind.span()) * float64(min(2, kind.Width()))
				for j := range hidden {
					largest[j] = max(largest[j], span*math.Abs(float64(w[i*hidden+j])))
				}
				largest[hidden] = max(largest[hidden], span*math.Abs(float64(a[i])))
			}
			for j, weight := range largest {
				size += weight
				if j < hidden {
					size += 2 * (math.Abs(float64(z[n*hidden+j])) + math.Log(float64(max(2, hidden))))
				}
			}
			bound := float64(count) * 2 * (gamma(hidden+3, u)*size + float64(4+4*kind.Width())*u*(1+size))
			if !(math.Abs(got-want[n]) <= bound) {
				p.Fatalf("pseudo-likelihood of row %d: got %v, want %v ± %.3g", n, got, want[n], bound)
			}
		}

		y := normals(p.T, p.random, rows*visible)
		SquaredError(want, v, y, rows, visible)
		p.done(p.gpu.SquaredError(f, p.put(v), p.put(y), rows, visible))
		for n, got := range fromGPU(p, p.gpu, make([]float64, rows), f) {
			if bound := 2 * gamma(visible+1, u) * want[n]; math.Abs(got-want[n]) > bound {
				p.Fatalf("squared error of row %d: got %v, want %v ± %.3g", n, got, want[n], bound)
			}
		}
	})
}

// none returns the address of a record without faults.
func (p parity) none() Address {
	return bytesOnGPU(p, p.gpu, slices.Repeat([]byte{0xFF}, FaultsSize))
}

// fault returns the first fault of a record, if it has one.
func (p parity) fault(record Address) (Fault, bool) {
	p.Helper()
	bytes := make([]byte, FaultsSize)
	p.done(p.gpu.Download(bytes, record))
	return FirstFault(bytes)
}

// TestAscendParity: a move of parameters, with and without a velocity and offsets, and a sum have the bits of the
// definitions, and leave no fault. The rates are 9 at the positions 0 and 2, which no kernel may read.
func TestAscendParity(t *testing.T) {
	forParity(t, func(p parity) {
		rows, columns := p.visible, p.hidden
		size := rows * columns
		a := Ascent{
			Next: make([]float32, size), Keep: normals(p.T, p.random, size), Weights: normals(p.T, p.random, size),
			Gradient: normals(p.T, p.random, size), L1: 0.01, L2: 0.02,
		}
		center := Center{
			VisibleOffset: normals(p.T, p.random, rows), HiddenOffset: normals(p.T, p.random, columns),
			VisibleDifference: normals(p.T, p.random, rows), HiddenDifference: normals(p.T, p.random, columns),
		}
		rates := []float32{9, 9, 0.125, 0.9, 9, 9}
		faults := p.none()
		m := Move{
			Keep: p.put(a.Keep), Weights: p.put(a.Weights), Gradient: p.put(a.Gradient), Rates: p.put(rates),
			Clock: p.clock(41, 1, 0), L1: a.L1, L2: a.L2, Faults: faults, Site: 2, Rows: rows, Columns: columns,
		}
		for _, velocity := range []bool{false, true} {
			for _, centered := range []bool{false, true} {
				m.Velocity, a.Rate, a.Scale = velocity, 0.125, 1
				if velocity {
					a.Scale = 0.9
				}
				a.Center, m.VisibleOffset, m.HiddenOffset, m.VisibleDifference, m.HiddenDifference = Center{}, 0, 0, 0, 0
				if centered {
					a.Center = center
					m.VisibleOffset, m.HiddenOffset = p.put(center.VisibleOffset), p.put(center.HiddenOffset)
					m.VisibleDifference, m.HiddenDifference = p.put(center.VisibleDifference), p.put(center.HiddenDifference)
				}
				Ascend(a, 0, rows, columns)
				m.Next, m.Copy = p.room(size), p.halfRoom(rows, columns)
				p.done(p.gpu.Ascend(m))
				p.wantBits(fmt.Sprintf("velocity=%v centered=%v", velocity, centered), m.Next, a.Next)
				p.wantCopy("parameters", m.Copy, a.Next, columns)
			}
		}
		want := make([]float32, size)
		Add(want, a.Keep, a.Next, 0, size)
		p.done(p.gpu.Add(m.Next, m.Keep, m.Next, faults, 3, size))
		p.wantBits("sum", m.Next, want)
		if f, ok := p.fault(faults); ok {
			p.Errorf("got a fault %+v, want none", f)
		}
	})
}

// TestFaults: the record holds the first bad element of the first site in the first bad update,
// and no parameter changes after that update.
func TestFaults(t *testing.T) {
	forParity(t, func(p parity) {
		size := p.visible * p.hidden
		bad := []int{size - 1, size / 2}
		gradient := make([]float32, size)
		for i, at := range bad {
			gradient[at] = float32(math.Inf(1 - 2*(i%2)))
		}
		zeros := make([]float32, size)
		faults := p.none()
		m := Move{
			Next: p.put(zeros), Gradient: p.put(gradient), Rates: p.put([]float32{1, 0}),
			Faults: faults, Site: 5, Rows: p.visible, Columns: p.hidden,
		}
		m.Keep, m.Weights = m.Next, m.Next
		m.Clock = p.clock(7, 0, 0)
		p.done(p.gpu.Ascend(m))
		sum := p.put(zeros)
		p.done(p.gpu.Add(sum, sum, m.Next, faults, 1, size))
		for update := int32(8); update < 10; update++ {
			m.Gradient, m.Clock = p.put(slices.Repeat([]float32{1}, size)), p.clock(update, 0, 0)
			p.done(p.gpu.Ascend(m))
			p.done(p.gpu.Add(sum, sum, m.Next, faults, 1, size))
		}
		want := Fault{Update: 7, Site: 1, Index: slices.Min(bad)}
		if f, ok := p.fault(faults); !ok || f != want {
			p.Errorf("got fault %+v, %v, want %+v", f, ok, want)
		}
		p.wantBits("the parameter after its fault", m.Next, gradient)
		p.wantBits("the sum after its fault", sum, gradient)
	})
}

// TestScaleRowsParity: rows scaled by a factor each, or by one for all, have the bits of the definition.
func TestScaleRowsParity(t *testing.T) {
	forParity(t, func(p parity) {
		size := p.rows * p.hidden
		means := normals(p.T, p.random, size)
		for _, factors := range [][]float32{normals(p.T, p.random, p.rows), {0.75}} {
			want, out := make([]float32, size), p.room(size)
			ScaleRows(want, means, factors, 0, p.rows, p.hidden)
			p.done(p.gpu.ScaleRows(out, p.put(means), p.put(factors), len(factors) > 1, p.rows, p.hidden))
			p.wantBits("scaled rows", out, want)
		}
	})
}

// TestSparsityParity: the means less the penalty's slope have the bits of the definition.
func TestSparsityParity(t *testing.T) {
	forParity(t, func(p parity) {
		size := p.rows * p.hidden
		means, activity := normals(p.T, p.random, size), normals(p.T, p.random, p.hidden)
		want, out := make([]float32, size), p.room(size)
		Sparsity(want, means, activity, 0.1, 0.7, 0, p.rows, p.hidden)
		p.done(p.gpu.Sparsity(out, p.put(means), p.put(activity), 0.1, 0.7, p.rows, p.hidden))
		p.wantBits("means", out, want)
	})
}

// TestOptimizersParity: moments and the moves of Adam and Nesterov have the bits of the definitions, and the root of
// a negative square is a fault. The vectors have 700 elements, whatever the shape.
func TestOptimizersParity(t *testing.T) {
	forParity(t, func(p parity) {
		const size = 700 // almost three blocks
		w, m, g := normals(p.T, p.random, size), normals(p.T, p.random, size), normals(p.T, p.random, size)
		squares := make([]float32, size)
		for i := range squares {
			squares[i] = p.random.Float32()
		}
		rates, clock, faults := p.put([]float32{9, 9, 0.01, 0.9}), p.clock(4, 1, 0), p.none()
		want, next := make([]float32, size), p.room(size)
		for _, squared := range []bool{false, true} {
			Moment(want, m, g, 0.9, squared, 0, size)
			p.done(p.gpu.Moment(next, p.put(m), p.put(g), 0.9, squared, size))
			p.wantBits("moment", next, want)
		}
		Adam(want, w, m, squares, 0.01, 0.9, 0, size)
		p.done(p.gpu.Adam(next, p.put(w), p.put(m), p.put(squares), rates, clock, faults, 0, size))
		p.wantBits("adam", next, want)
		Nesterov(want, w, m, g, 0.9, 0, size)
		p.done(p.gpu.Nesterov(next, p.put(w), p.put(m), p.put(g), rates, clock, faults, 1, size))
		p.wantBits("nesterov", next, want)
		if f, ok := p.fault(faults); ok {
			p.Errorf("got a fault %+v, want none", f)
		}
		squares[7] = -1
		p.done(p.gpu.Adam(next, p.put(w), p.put(m), p.put(squares), rates, clock, faults, 2, size))
		if f, ok := p.fault(faults); !ok || f != (Fault{Update: 4, Site: 2, Index: 7}) {
			p.Errorf("the root of -1: got fault %+v, %v, want update 4, site 2, index 7", f, ok)
		}
	})
}
