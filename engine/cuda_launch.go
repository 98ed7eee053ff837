//go:build gpu

package engine

import (
	"fmt"

	"gorgonia.org/tensor"

	"harmonium/kernels"
)

func (d *cuda) Tick(out, clock Buffer) error {
	to, from := out.(*cudaBuffer), clock.(*cudaBuffer)
	to.written()
	if err := d.gpu.Tick(at(out), at(clock)); err != nil {
		return err
	}
	return d.beside(func() error {
		if to.know(from.ints); to.ints != nil {
			kernels.Tick(to.ints, to.ints)
		}
		return nil
	})
}

func (d *cuda) Copy(dst, src Buffer) error {
	to, from := dst.(*cudaBuffer), src.(*cudaBuffer)
	if to.states != from.states {
		d.revision++
	}
	to.written()
	to.states = from.states
	bytes, err := bytesOf(from.of, from.shape)
	if err != nil {
		return err
	}
	if err := d.gpu.Copy(at(dst), at(src), int(bytes)); err != nil {
		return err
	}
	return d.beside(func() error {
		to.know(from.ints)
		to.version++
		return nil
	})
}

func (d *cuda) Rows(out, data, order, clock Buffer, r Rows) error {
	x, set := out.(*cudaBuffer), data.(*cudaBuffer)
	g := kernels.GPUBatch{
		Order: at(order), Clock: at(clock), Batch: r.Batch,
		Binarize: r.Binarize, Threshold: r.Threshold,
		Draw: kernels.Draw{Seed: r.Seed, Stream: r.Stream},
		Rows: x.rows(), Columns: x.width(),
	}
	var values kernels.Address
	if set.host == nil {
		values = at(data)
	} else {
		f, err := d.feed(set, order.(*cudaBuffer), r.Batch)
		if err != nil {
			return err
		}
		bring := func() error {
			if err := f.bring(clock.(*cudaBuffer), r.Size); err != nil {
				return fmt.Errorf("batch %v of the data set %v: %w", x.shape, set.shape, err)
			}
			return nil
		}
		if err := d.beside(bring); err != nil {
			return err
		}
		values, g.Window = f.ring.Address, f.chunk*len(f.parts)
	}
	if set.of == tensor.Uint8 {
		g.Bytes = values
	} else {
		g.Floats = values
	}
	if r.Binarize == AsIs {
		g.State = target(out)
		x.states = set.states
	} else {
		var err error
		if g.State, g.Half, err = d.drawn(x); err != nil {
			return err
		}
	}
	return d.gpu.Gather(g)
}

// product launches a field without its bias.
func (d *cuda) product(z, x, w Buffer, f Field) error {
	values, weights := x.(*cudaBuffer), w.(*cudaBuffer)
	in, out := f.sizes(weights.shape)
	factor, matrix, precision := at(x), at(w), kernels.Float32
	if f.Reduced {
		precision = d.precision
	}
	if precision == kernels.BFloat16 {
		if !values.states {
			precision = kernels.TensorFloat32 // only states are exact in bfloat16
		} else {
			var err error
			if factor, err = d.half(values); err != nil {
				return err
			}
			if matrix, err = d.half(weights); err != nil {
				return err
			}
		}
	}
	return d.gpu.Product(target(z), factor, matrix, values.rows(), in, out, f.Transposed, precision)
}

// half returns the values of a buffer in bfloat16.
func (d *cuda) half(b *cudaBuffer) (kernels.Address, error) {
	half, err := d.halfRoom(b)
	if err != nil || b.halved == d.generation {
		return half, err
	}
	b.halved = d.generation
	return half, d.gpu.ToHalf(half, at(b), b.size())
}

func (d *cuda) halfRoom(b *cudaBuffer) (kernels.Address, error) {
	if b.half == nil {
		if d.recording {
			return 0, fmt.Errorf("no room for the bfloat16 copy of %s %v", b.name, b.shape)
		}
		var err error
		if b.half, err = d.gpu.Alloc(2 * int64(b.size())); err != nil {
			return 0, err
		}
	}
	return b.half.Address, nil
}

// drawn returns where the states of a buffer that is about to be drawn go, and where
// their copy in bfloat16, if there is one.
func (d *cuda) drawn(b *cudaBuffer) (state, half kernels.Address, err error) {
	b.written()
	if d.precision == kernels.BFloat16 {
		half, err = d.halfRoom(b)
		b.states, b.halved = true, d.generation
	}
	return at(b), half, err
}

func (d *cuda) Field(z, x, w, b Buffer, f Field) error {
	if err := d.product(z, x, w, f); err != nil {
		return err
	}
	field := z.(*cudaBuffer)
	return d.gpu.AddBias(at(z), at(b), field.rows(), field.width())
}

func (d *cuda) activate(a *activation) error {
	layer := a.z.(*cudaBuffer)
	k := kernels.GPUActivation{Field: at(a.z), Clock: at(a.clock), Rows: layer.rows(), Columns: layer.width()}
	if a.x != nil {
		if err := d.product(a.z, a.x, a.w, a.field); err != nil {
			return err
		}
		k.Bias = at(a.b)
	}
	k.Base, k.Betas, k.Levels = at(a.base), at(a.betas), at(a.levels)
	k.Ahead = a.ahead
	if a.mean != nil && !a.unread {
		k.Mean = target(a.mean)
	}
	if a.state != nil {
		var err error
		if k.State, k.Half, err = d.drawn(a.state.(*cudaBuffer)); err != nil {
			return err
		}
		k.Draw = a.sample.key()
	}
	return d.gpu.Activate(k)
}

func (d *cuda) Mean(p, z Buffer) error { return d.activate(&activation{z: z, mean: p}) }

func (d *cuda) TemperedMean(p, z, base, betas, clock Buffer, ahead int) error {
	return d.activate(&activation{z: z, mean: p, ahead: ahead, base: base, betas: betas, clock: clock})
}

func (d *cuda) LadderMean(p, z, base, betas, levels Buffer) error {
	return d.activate(&activation{z: z, mean: p, base: base, betas: betas, levels: levels})
}

// key names the draw but for the clock's update, which is read on the GPU.
func (s Sample) key() kernels.Draw {
	return kernels.Draw{Seed: s.Seed, Stream: s.Stream, Step: s.Step}
}

func (d *cuda) Sample(s, p, clock Buffer, c Sample) error {
	out := s.(*cudaBuffer)
	state, half, err := d.drawn(out)
	if err != nil {
		return err
	}
	return d.gpu.Sample(state, half, at(p), at(clock), c.key(), out.rows(), out.width())
}

func (d *cuda) FreeEnergy(f, v, visibleBias, z Buffer) error {
	rows, visible, hidden := v.Shape()[0], v.Shape()[1], z.Shape()[1]
	return d.gpu.FreeEnergy(target(f), at(v), at(visibleBias), at(z), rows, visible, hidden)
}

func (d *cuda) LogWeight(out, logWeights, v, visibleBias, base, z, betas, clock Buffer) error {
	return d.gpu.LogWeight(kernels.Weigh{
		After: target(out), Before: at(logWeights), V: at(v), Bias: at(visibleBias), Base: at(base),
		Field: at(z), Betas: at(betas), Clock: at(clock),
		Rows: v.Shape()[0], Visible: v.Shape()[1], Hidden: z.Shape()[1],
	})
}

func (d *cuda) PseudoLikelihood(f, v, z, w, visibleBias, clock Buffer, p PseudoLikelihood) error {
	draw := kernels.Draw{Seed: p.Seed, Stream: p.Stream}
	return d.gpu.PseudoLikelihood(target(f), at(v), at(z), at(w), at(visibleBias), at(clock), draw,
		v.Shape()[0], v.Shape()[1], z.Shape()[1])
}

func (d *cuda) SquaredError(f, x, y Buffer) error {
	return d.gpu.SquaredError(target(f), at(x), at(y), x.Shape()[0], x.Shape()[1])
}

func (d *cuda) Clamp(out, x, pattern Buffer) error {
	return d.gpu.Clamp(target(out), at(x), at(pattern), x.Shape().TotalSize())
}

func (d *cuda) Gradient(g, v, p, vm, pm Buffer) error {
	return d.gpu.Gradient(target(g), at(v), at(p), at(vm), at(pm),
		v.Shape()[0], vm.Shape()[0], v.Shape()[1], p.Shape()[1], d.precision)
}

func (d *cuda) Means(m, x, s Buffer) error {
	return d.gpu.ColumnMeans(target(m), at(x), at(s), x.Shape()[0], x.Shape()[1])
}

func (d *cuda) CenteredDot(out, x, c Buffer) error {
	return d.gpu.CenteredDot(target(out), at(x), at(c), x.Shape()[0], x.Shape()[1])
}

func (d *cuda) Difference(out, data, chains Buffer) error {
	return d.gpu.Difference(target(out), at(data), at(chains), out.Shape().TotalSize())
}

func (d *cuda) BiasGradient(out, difference, data, chains, offset, otherDifference, otherOffset Buffer) error {
	return d.gpu.BiasGradient(target(out), at(difference), at(data), at(chains), at(offset),
		at(otherDifference), at(otherOffset), out.Shape().TotalSize(), otherOffset.Shape().TotalSize())
}

func (d *cuda) Ascend(next Buffer, in []Buffer, a Ascend) error {
	site, err := d.site(next.(*cudaBuffer))
	if err != nil {
		return err
	}
	m := kernels.Move{
		Next: target(next), Keep: at(in[0]), Weights: at(in[1]), Gradient: at(in[2]), Rates: at(in[3]), Clock: at(in[4]),
		Velocity: a.Velocity, L1: a.L1, L2: a.L2, Faults: d.faults.Address, Site: site,
	}
	if a.centered {
		m.VisibleOffset, m.HiddenOffset = at(in[5]), at(in[6])
		m.VisibleDifference, m.HiddenDifference = at(in[7]), at(in[8])
	}
	m.Rows, m.Columns = matrixShape(next.Shape())
	return d.gpu.Ascend(m)
}

func (d *cuda) Add(z, x, y Buffer) error {
	site, err := d.site(z.(*cudaBuffer))
	if err != nil {
		return err
	}
	return d.gpu.Add(target(z), at(x), at(y), d.faults.Address, site, z.Shape().TotalSize())
}

func (d *cuda) Blend(out, offset, data, chains Buffer, b Blend) error {
	return d.gpu.Blend(target(out), at(offset), at(data), at(chains), b.Rate, out.Shape().TotalSize())
}

func (d *cuda) Sparsity(out, p, q Buffer, s Sparsity) error {
	return d.gpu.Sparsity(target(out), at(p), at(q), s.Target, s.Cost, out.Shape()[0], out.Shape()[1])
}

func (d *cuda) Moment(next, m, gradient Buffer, o Moment) error {
	return d.gpu.Moment(target(next), at(m), at(gradient), o.Decay, o.Squared, next.Shape().TotalSize())
}

func (d *cuda) Adam(next, w, m, s, rates, clock Buffer) error {
	site, err := d.site(next.(*cudaBuffer))
	if err != nil {
		return err
	}
	return d.gpu.Adam(target(next), at(w), at(m), at(s), at(rates), at(clock), d.faults.Address, site, next.Shape().TotalSize())
}

func (d *cuda) Nesterov(next, w, v, before, rates, clock Buffer) error {
	site, err := d.site(next.(*cudaBuffer))
	if err != nil {
		return err
	}
	return d.gpu.Nesterov(target(next), at(w), at(v), at(before), at(rates), at(clock), d.faults.Address, site, next.Shape().TotalSize())
}

func (d *cuda) LogRatio(out, v, visibleBias, base, z, betas, levels, clock Buffer) error {
	return d.gpu.LogRatio(kernels.LogRatios{
		Ratios: target(out), V: at(v), Bias: at(visibleBias), Base: at(base), Field: at(z),
		Betas: at(betas), Levels: at(levels), Clock: at(clock), Count: betas.Shape().TotalSize(),
		Rows: v.Shape()[0], Visible: v.Shape()[1], Hidden: z.Shape()[1],
	})
}

func (d *cuda) Swap(out, levels, ratios, clock Buffer, s Swap) error {
	draw := kernels.Draw{Seed: s.Seed, Stream: s.Stream}
	return d.gpu.Swap(target(out), at(levels), at(ratios), at(clock), draw, levels.Shape()[0]/s.Levels, s.Levels)
}

func (d *cuda) Coldest(out, x, levels Buffer, c Coldest) error {
	to, from := out.(*cudaBuffer), x.(*cudaBuffer)
	to.written()
	to.states = from.states
	return d.gpu.Coldest(at(out), at(x), at(levels), to.rows(), c.Levels, to.width())
}

func (d *cuda) Tally(out, tally, levels, ratios, clock Buffer, t Tally) error {
	return d.gpu.Tally(target(out), at(tally), at(levels), at(ratios), at(clock), levels.Shape()[0]/t.Levels, t.Levels)
}

func (d *cuda) Trips(out, trips, levels Buffer, t Trips) error {
	return d.gpu.Trips(target(out), at(trips), at(levels), t.Levels, levels.Shape()[0])
}

func (d *cuda) Chance(p, first, firstOther, second, secondOther Buffer) error {
	return d.gpu.Chance(target(p), at(first), at(firstOther), at(second), at(secondOther), p.Shape()[0])
}

func (d *cuda) Select(out, mask, x, y Buffer) error {
	to := out.(*cudaBuffer)
	to.written()
	to.states = x.(*cudaBuffer).states && y.(*cudaBuffer).states
	return d.gpu.Select(at(out), at(mask), at(x), at(y), to.rows(), to.width())
}
