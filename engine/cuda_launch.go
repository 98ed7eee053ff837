//go:build gpu

package engine

import (
	"fmt"

	"gorgonia.org/tensor"

	"harmonium/kernels"
)

func (d *cuda) fuses() fusions { return fusions{activations: true, totals: true, together: true} }

func (d *cuda) launch(op any, out Buffer, in []Buffer) error {
	switch op := op.(type) {
	case *activation:
		return d.activate(op)
	case twoLayers:
		return d.twoLayers(op)
	case dots:
		return d.dots(op)
	case layers:
		return d.layerMeans(op)
	case *stepsTable:
		return d.makeSteps(op)
	case Field:
		return d.field(out, in, op)
	case Mean:
		return d.activate(&activation{z: in[0], units: op.Units, place: op.Place, path: pathOf(in[1:]), mean: out})
	case Sample:
		return d.activate(&activation{
			z: in[0], units: op.Units, place: op.Place, path: pathOf(in[2:]), draw: op.Draw, clock: in[1], state: out,
		})
	case RealMean:
		return d.activateReals(out, in, op.Units, op.Place, op.Mixed, nil)
	case RealSample:
		return d.activateReals(out, in, op.Units, op.Place, op.Mixed, &op.Draw)
	case RealSum:
		return d.realSum(out, in, op)
	case RealWeight:
		return d.realWeight(out, in, op)
	case RealSlope:
		return d.realSlope(out, in, op)
	case Bound:
		return d.bound(out, in, op)
	case Toss:
		return d.toss(out, in, op)
	case Sweep:
		return d.sweep(out, in, op)
	case PairEnergy:
		return d.pairEnergy(out, in, op)
	case PairGradient:
		return d.pairGradient(out, in, op)
	case PairShift:
		return d.pairShift(out, in)
	case rows:
		return d.rows(out, in, op.Rows)
	case assignment:
		return d.copy(out, in)
	case Tick:
		return d.tick(out, in)
	case Clamp:
		return d.clamp(out, in)
	case FreeEnergy:
		return d.freeEnergy(out, in, op)
	case LogWeight:
		return d.logWeight(out, in, op)
	case PseudoLikelihood:
		return d.pseudoLikelihood(out, in, op)
	case SquaredError:
		return d.squaredError(out, in)
	case Gradient:
		return d.gradient(out, in, op)
	case Means:
		return d.layerMeans(layers{{data: launch{op: op, out: out, in: in}}})
	case CenteredDot:
		return d.centeredDot(out, in)
	case Difference:
		return d.difference(out, in)
	case BiasGradient:
		return d.biasGradient(out, in)
	case Sparsity:
		return d.sparsity(out, in, op)
	case SquaredL1:
		return d.squaredL1(out, in, op)
	case Shrink:
		return d.shrink(out, in, op)
	case ZeroSum:
		return d.zeroSum(out, in, op)
	case ZeroSumShift:
		return d.zeroSumShift(out, in, op)
	case ScaledRows:
		return d.scaledRows(out, in)
	case Blend:
		return d.blend(out, in, op)
	case Ascend:
		return d.ascend(out, in, op)
	case Add:
		return d.add(out, in)
	case Moment:
		return d.moment(out, in, op)
	case Adam:
		return d.adam(out, in)
	case Nesterov:
		return d.nesterov(out, in)
	case Swap:
		return d.swap(out, in, op)
	case Coldest:
		return d.coldest(out, in, op)
	case Tally:
		return d.tally(out, in, op)
	case Trips:
		return d.trips(out, in, op)
	case Chance:
		return d.chance(out, in)
	case Select:
		return d.selectParts(out, in)
	case Part:
		return d.part(out, in, op)
	case Put:
		return d.put(out, in, op)
	case Total:
		return d.total(out, in[0])
	case totals:
		return d.addUp(op)
	}
	return fmt.Errorf("the GPU has no launch of a %T", op)
}

func (d *cuda) tick(out Buffer, in []Buffer) error {
	to, from := out.(*cudaBuffer), in[0].(*cudaBuffer)
	to.written()
	if err := d.gpu.Tick(at(out), at(in[0])); err != nil {
		return err
	}
	return d.ticks(to, from)
}

// ticks advances the copy of the clock on the host, if there is one.
func (d *cuda) ticks(to, from *cudaBuffer) error {
	return d.beside(func() error {
		if to.know(from.ints); to.ints != nil {
			kernels.Tick(to.ints, to.ints)
		}
		return nil
	})
}

func (d *cuda) rows(out Buffer, in []Buffer, r Rows) error {
	x, set := out.(*cudaBuffer), in[0].(*cudaBuffer)
	g := kernels.GPUBatch{
		Order: at(in[1]), Clock: at(in[2]), Batch: r.Batch, First: r.First,
		Binarize: r.Binarize, Threshold: r.Threshold,
		Draw: kernels.Draw{Seed: r.Seed, Stream: r.Stream},
		Rows: x.rows(), Columns: x.width(),
	}
	var err error
	if g.Kinds, err = d.kinds(r.Units); err != nil {
		return err
	}
	var values kernels.Address
	if set.host == nil {
		values = at(in[0])
	} else { // the data set is on the host: the feed brings the rows before each launch and each replay
		f, err := d.feed(set, in[1].(*cudaBuffer), r.Batch)
		if err != nil {
			return err
		}
		bring := func() error {
			if err := f.bring(in[2].(*cudaBuffer), r.First+r.Size); err != nil {
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
	if r.Binarize == AsIs && !set.states {
		g.State = target(out)
	} else {
		g.State, g.Half = d.drawTarget(x)
	}
	return d.gpu.Gather(g)
}

// product launches the product of a field, without its bias.
func (d *cuda) product(z, x, w Buffer, f Field) error {
	return d.productOf(z, x, w, nil, f, x.(*cudaBuffer).rows())
}

// productOf launches the product of a field of the given number of rows: the rows of x and, unless more
// is nil, the rows of more, which follow them in memory.
func (d *cuda) productOf(z, x, w, more Buffer, f Field, rows int) error {
	values, weights := x.(*cudaBuffer), w.(*cudaBuffer)
	in, out := f.sizes(weights.shape)
	if in == 0 || out == 0 {
		return d.zero(z.(*cudaBuffer))
	}
	if !f.Reduced || !d.halves() {
		tensorFloat := f.Reduced && d.precision == kernels.TensorFloat32
		return d.gpu.Product(target(z), at(x), at(w), rows, in, out, f.Transposed, tensorFloat)
	}
	factor, err := d.half(values)
	if err != nil {
		return err
	}
	if more != nil {
		if _, err := d.half(more.(*cudaBuffer)); err != nil {
			return err
		}
	}
	matrix, err := d.half(weights)
	if err != nil {
		return err
	}
	return d.gpu.HalfProduct(target(z), factor, matrix, rows, in, out, f.Transposed)
}

func (d *cuda) field(out Buffer, in []Buffer, f Field) error {
	if err := d.product(out, in[0], in[1], f); err != nil {
		return err
	}
	field := out.(*cudaBuffer)
	return d.gpu.AddBias(at(out), at(in[2]), field.rows(), field.width())
}

func (d *cuda) activate(a *activation) error {
	layer := a.z.(*cudaBuffer)
	kinds, err := d.kinds(a.units)
	if err != nil {
		return err
	}
	k := kernels.GPUActivation{
		Units: a.units, Kinds: kinds, Field: at(a.z), Clock: at(a.clock), Rows: layer.rows(), Columns: layer.width(),
	}
	if a.x != nil {
		if err := d.product(a.z, a.x, a.w, a.field); err != nil {
			return err
		}
		k.Bias = at(a.b)
	}
	switch k.Ahead = a.place.Ahead; a.place.Along {
	case ladder: // the levels give the temperatures, so only a draw reads the clock
		k.Base, k.Betas, k.Levels = at(a.path[0]), at(a.path[1]), at(a.path[2])
	case schedule:
		k.Base, k.Betas, k.Clock = at(a.path[0]), at(a.path[1]), at(a.path[2])
	}
	if a.mean != nil {
		k.Mean, k.Copy = target(a.mean), d.copyTarget(a.mean)
	}
	if a.state != nil {
		k.State, k.Half = d.drawTarget(a.state.(*cudaBuffer))
		k.Draw = a.draw.key()
	}
	return d.gpu.Activate(k)
}

// key returns the draw without the clock's update, which the GPU reads.
func (d Draw) key() kernels.Draw {
	return kernels.Draw{Seed: d.Seed, Stream: d.Stream, Step: d.Step, Row: d.Row}
}

func (d *cuda) toss(out Buffer, in []Buffer, op Toss) error {
	to := out.(*cudaBuffer)
	state, half := d.drawTarget(to)
	return d.gpu.Toss(state, half, at(in[0]), at(in[1]), op.Draw.key(), to.rows(), to.width())
}

func (d *cuda) freeEnergy(out Buffer, in []Buffer, op FreeEnergy) error {
	kinds, err := d.kinds(op.Units)
	if err != nil {
		return err
	}
	rows, visible, hidden := in[0].Shape()[0], in[0].Shape()[1], in[2].Shape()[1]
	return d.gpu.FreeEnergy(target(out), at(in[0]), at(in[1]), at(in[2]), kinds, rows, visible, hidden)
}

func (d *cuda) logWeight(out Buffer, in []Buffer, op LogWeight) error {
	kinds, err := d.kinds(op.Units)
	if err != nil {
		return err
	}
	rows, visible, hidden := in[0].Shape()[0], in[0].Shape()[1], in[3].Shape()[1]
	if op.Along == ladder {
		return d.gpu.LogRatio(kernels.LogRatios{
			Ratios: target(out), V: at(in[0]), Bias: at(in[1]), Base: at(in[2]), Field: at(in[3]), Kinds: kinds,
			Betas: at(in[4]), Clock: at(in[5]), Levels: at(in[6]), Count: in[4].Shape().TotalSize(),
			Rows: rows, Visible: visible, Hidden: hidden,
		})
	}
	return d.gpu.LogWeight(kernels.Weigh{
		After: target(out), V: at(in[0]), Bias: at(in[1]), Base: at(in[2]), Field: at(in[3]), Kinds: kinds,
		Betas: at(in[4]), Clock: at(in[5]), Before: at(in[6]),
		Rows: rows, Visible: visible, Hidden: hidden,
	})
}

func (d *cuda) pseudoLikelihood(out Buffer, in []Buffer, p PseudoLikelihood) error {
	visible, err := d.kinds(p.Visible)
	if err != nil {
		return err
	}
	hidden, err := d.kinds(p.Hidden)
	if err != nil {
		return err
	}
	return d.gpu.PseudoLikelihood(target(out), at(in[0]), at(in[1]), at(in[2]), at(in[3]), visible, hidden, at(in[4]), p.Visible,
		p.Draw.key(), in[0].Shape()[0], in[0].Shape()[1], in[1].Shape()[1])
}

func (d *cuda) squaredError(out Buffer, in []Buffer) error {
	return d.gpu.SquaredError(target(out), at(in[0]), at(in[1]), in[0].Shape()[0], in[0].Shape()[1])
}

func (d *cuda) clamp(out Buffer, in []Buffer) error {
	return d.gpu.Clamp(target(out), at(in[0]), at(in[1]), in[0].Shape().TotalSize())
}

func (d *cuda) gradient(out Buffer, in []Buffer, g Gradient) error {
	data, chains, visible, hidden := in[0].Shape()[0], in[2].Shape()[0], in[0].Shape()[1], in[1].Shape()[1]
	if !d.halves() {
		return d.gpu.Gradient(target(out), at(in[0]), at(in[1]), at(in[2]), at(in[3]), data, chains, visible, hidden,
			g.Data, g.Chains, d.precision == kernels.TensorFloat32)
	}
	var factors [4]kernels.Half
	for i, b := range in {
		var err error
		if factors[i], err = d.half(b.(*cudaBuffer)); err != nil {
			return err
		}
	}
	return d.gpu.HalfGradient(target(out), factors[0], factors[1], factors[2], factors[3], data, chains, visible, hidden,
		g.Data, g.Chains)
}

func (d *cuda) centeredDot(out Buffer, in []Buffer) error {
	return d.dots(dots{{out: out, in: in}})
}

func (d *cuda) difference(out Buffer, in []Buffer) error {
	return d.gpu.Difference(target(out), at(in[0]), at(in[1]), out.Shape().TotalSize())
}

func (d *cuda) biasGradient(out Buffer, in []Buffer) error {
	return d.gpu.BiasGradient(target(out), at(in[0]), at(in[1]), at(in[2]), at(in[3]),
		at(in[4]), at(in[5]), out.Shape().TotalSize(), in[5].Shape().TotalSize())
}

func (d *cuda) ascend(out Buffer, in []Buffer, a Ascend) error {
	site, err := d.site(out.(*cudaBuffer))
	if err != nil {
		return err
	}
	m := kernels.Move{
		Next: target(out), Keep: at(in[0]), Weights: at(in[1]), Gradient: at(in[2]), Rates: at(in[3]), Clock: at(in[4]),
		Velocity: a.Velocity, L1: a.L1, L2: a.L2, Faults: d.faults.Address, Site: site,
	}
	if a.centered {
		m.VisibleOffset, m.HiddenOffset = at(in[5]), at(in[6])
		m.VisibleDifference, m.HiddenDifference = at(in[7]), at(in[8])
	}
	m.Copy = d.copyTarget(out)
	m.Rows, m.Columns = matrixShape(out.Shape())
	return d.gpu.Ascend(m)
}

func (d *cuda) add(out Buffer, in []Buffer) error {
	if out.(*cudaBuffer).name == "" { // no variable, so no parameter to check
		return d.gpu.Plus(target(out), at(in[0]), at(in[1]), out.Shape().TotalSize())
	}
	site, err := d.site(out.(*cudaBuffer))
	if err != nil {
		return err
	}
	return d.gpu.Add(target(out), at(in[0]), at(in[1]), d.faults.Address, site, out.Shape().TotalSize())
}

func (d *cuda) blend(out Buffer, in []Buffer, b Blend) error {
	return d.gpu.Blend(target(out), at(in[0]), at(in[1]), at(in[2]), b.Rate, out.Shape().TotalSize())
}

func (d *cuda) sparsity(out Buffer, in []Buffer, s Sparsity) error {
	return d.gpu.Sparsity(target(out), at(in[0]), at(in[1]), s.Target, s.Cost, out.Shape()[0], out.Shape()[1])
}

func (d *cuda) moment(out Buffer, in []Buffer, o Moment) error {
	return d.gpu.Moment(target(out), at(in[0]), at(in[1]), o.Decay, o.Squared, out.Shape().TotalSize())
}

func (d *cuda) adam(out Buffer, in []Buffer) error {
	site, err := d.site(out.(*cudaBuffer))
	if err != nil {
		return err
	}
	return d.gpu.Adam(target(out), at(in[0]), at(in[1]), at(in[2]), at(in[3]), at(in[4]), d.faults.Address, site,
		out.Shape().TotalSize())
}

func (d *cuda) nesterov(out Buffer, in []Buffer) error {
	site, err := d.site(out.(*cudaBuffer))
	if err != nil {
		return err
	}
	return d.gpu.Nesterov(target(out), at(in[0]), at(in[1]), at(in[2]), at(in[3]), at(in[4]), d.faults.Address, site,
		out.Shape().TotalSize())
}

func (d *cuda) swap(out Buffer, in []Buffer, s Swap) error {
	draw := kernels.Draw{Seed: s.Seed, Stream: s.Stream, Row: s.Row}
	return d.gpu.Swap(target(out), at(in[0]), at(in[1]), at(in[2]), draw, in[0].Shape()[0]/s.Levels, s.Levels)
}

func (d *cuda) coldest(out Buffer, in []Buffer, c Coldest) error {
	to, from := out.(*cudaBuffer), in[0].(*cudaBuffer)
	to.written()
	to.states = from.states
	return d.gpu.Coldest(at(out), at(in[0]), at(in[1]), to.rows(), c.Levels, to.width())
}

func (d *cuda) tally(out Buffer, in []Buffer, t Tally) error {
	return d.gpu.Tally(target(out), at(in[0]), at(in[1]), at(in[2]), at(in[3]), in[1].Shape()[0]/t.Levels, t.Levels)
}

func (d *cuda) trips(out Buffer, in []Buffer, t Trips) error {
	return d.gpu.Trips(target(out), at(in[0]), at(in[1]), t.Levels, in[1].Shape()[0])
}
