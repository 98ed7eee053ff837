//go:build gpu

package engine

import (
	"fmt"
	"slices"

	"gorgonia.org/tensor"

	"harmonium/kernels"
)

// allocBeside returns two buffers of the same width, the second right behind the first.
func (d *cuda) allocBeside(of tensor.Dtype, first, second tensor.Shape) (Buffer, Buffer, error) {
	bytes, err := bytesOf(of, tensor.Shape{first.TotalSize() + second.TotalSize()})
	if err != nil {
		return nil, nil, err
	}
	a, b := &cudaBuffer{of: of, shape: first.Clone(), device: d}, &cudaBuffer{of: of, shape: second.Clone(), device: d}
	if a.piece, err = d.gpu.Alloc(bytes); err != nil {
		return nil, nil, a.failed(adviseLess(err))
	}
	b.piece = a.piece.Part(sizes[of] * int64(a.size()))
	a.behind, b.ahead = b, a
	a.states, b.states = tracks(a), tracks(b) // zeros
	return a, b, nil
}

// prepare makes the room of layers and of steps. All other room, for copies in bfloat16 and sweeps, the first run
// makes, which is not recorded.
func (d *cuda) prepare(l *launch) error {
	switch op := l.op.(type) {
	case layers:
		for _, layer := range op {
			if _, err := d.roomOf(layer); err != nil {
				return err
			}
		}
	case steps:
		table, err := d.gpu.Alloc(kernels.StepsRoom(len(op)))
		if err != nil {
			return err
		}
		list, err := d.steps(op)
		if err != nil {
			return err
		}
		l.op = &stepsTable{op, table}
		return d.gpu.Upload(table.Address, kernels.StepsTable(table.Address, list))
	}
	return nil
}

// twoLayers launches the layers of data and chains, which have the same weights, bias and units, as one.
func (d *cuda) twoLayers(two twoLayers) error {
	data, chains := two.data, two.chains
	x, z := data.x.(*cudaBuffer), data.z.(*cudaBuffer)
	rows := z.rows() + chains.z.(*cudaBuffer).rows()
	// In one product both inputs have as many terms. In bf16x2 a copy of states has one term, and any other has two.
	if d.precision == kernels.TwoBFloat16 && x.states != chains.x.(*cudaBuffer).states {
		if err := d.activate(data); err != nil {
			return err
		}
		return d.activate(chains)
	}
	kinds, err := d.kinds(data.units)
	if err != nil {
		return err
	}
	if err := d.productOf(data.z, data.x, data.w, chains.x, data.field, rows); err != nil {
		return err
	}
	k := kernels.GPUActivation{ // data and chains are on the model itself, so there is no path
		Mean: target(data.mean), Copy: d.copyTarget(data.mean), Units: data.units, Kinds: kinds,
		Field: at(data.z), Bias: at(data.b), Clock: at(chains.clock),
		First: z.rows(), Rows: rows, Columns: z.width(),
	}
	// The rows of the chains follow in memory, as do their copies. These calls only note that the launches write them.
	target(chains.z)
	target(chains.mean)
	d.copyTarget(chains.mean)
	if chains.state != nil {
		k.State, k.Half = d.drawTarget(chains.state.(*cudaBuffer))
		k.Draw = chains.draw.key()
	}
	return d.gpu.Activate(k)
}

func (d *cuda) dots(all dots) error {
	for chunk := range slices.Chunk(all, kernels.DotsAtOnce) {
		var some []kernels.GPUDots
		for _, l := range chunk {
			half, err := d.statesHalf(l.in[0])
			if err != nil {
				return err
			}
			rows, columns := l.in[0].Shape()[0], l.in[0].Shape()[1]
			some = append(some, kernels.GPUDots{
				Out: target(l.out), X: at(l.in[0]), Half: half, C: at(l.in[1]), Rows: rows, Columns: columns,
			})
		}
		if err := d.gpu.CenteredDots(some...); err != nil {
			return err
		}
	}
	return nil
}

func (d *cuda) layerMeans(all layers) error {
	for chunk := range slices.Chunk(all, kernels.LayersAtOnce) {
		var some []kernels.GPULayer
		for _, l := range chunk {
			g, err := d.layerOf(l)
			if err != nil {
				return err
			}
			if g.Room, err = d.roomOf(l); err != nil {
				return err
			}
			some = append(some, g)
		}
		if err := d.gpu.LayerMeans(some...); err != nil {
			return err
		}
	}
	return nil
}

// roomOf returns the room of a layer's means, which belongs to the buffer of the data's means.
func (d *cuda) roomOf(l layer) (kernels.Address, error) {
	g := kernels.GPULayer{Data: kernels.GPUMeans{Rows: l.data.in[0].Shape()[0]}, Columns: l.data.in[0].Shape()[1]}
	if l.chains.op != nil {
		g.Chains.Rows = l.chains.in[0].Shape()[0]
	}
	b := l.data.out.(*cudaBuffer)
	return d.room(&b.sums, b, g.RoomBytes())
}

// room returns the address of scratch memory for the launches that write b, with r as its record. New memory is zero.
// It grows to the given size, unless launches are being recorded: then a lack of room is an error.
func (d *cuda) room(r *room, b *cudaBuffer, bytes int64) (kernels.Address, error) {
	if bytes > r.bytes {
		if d.recording != nil {
			return 0, fmt.Errorf("no room beside %s %v", b.name, b.shape)
		}
		piece, err := d.gpu.Alloc(bytes)
		if err != nil {
			return 0, err
		}
		r.pieces, r.bytes = append(r.pieces, piece), bytes
	}
	return r.pieces[len(r.pieces)-1].Address, nil
}

// layerOf returns the operands of a layer's means without the room.
func (d *cuda) layerOf(l layer) (g kernels.GPULayer, err error) {
	g.Columns = l.data.in[0].Shape()[1]
	if g.Data, err = d.meansOf(l.data); err != nil {
		return g, err
	}
	if l.chains.op != nil {
		if g.Chains, err = d.meansOf(l.chains); err != nil {
			return g, err
		}
	}
	if l.difference != nil {
		g.Difference = target(l.difference)
	}
	return g, nil
}

// meansOf returns the operands of a launch of Means.
func (d *cuda) meansOf(l launch) (g kernels.GPUMeans, err error) {
	if g.Half, err = d.statesHalf(l.in[0]); err != nil {
		return g, err
	}
	g.Mean, g.X, g.Rows = target(l.out), at(l.in[0]), l.in[0].Shape()[0]
	if l.op.(Means).Weighted {
		g.Weights = at(l.in[1])
	}
	return g, nil
}

// A launch of steps never has more than the kernel takes. This does not compile if it may.
const _ = uint(kernels.StepsAtMost - stepsAtMost)

// stepsTable is a list of steps with its table on the GPU.
type stepsTable struct {
	steps steps
	table *kernels.Piece
}

func (d *cuda) makeSteps(t *stepsTable) error {
	for _, l := range t.steps {
		to := l.out.(*cudaBuffer)
		if is[Tick](l.op) {
			to.written()
			if err := d.ticks(to, l.in[0].(*cudaBuffer)); err != nil {
				return err
			}
			continue
		}
		target(to)
		d.moved = d.moved || moves(l.op)
	}
	return d.gpu.Steps(t.table.Address, len(t.steps), d.faults.Address)
}

// moves reports whether a step changes a parameter.
func moves(op any) bool {
	switch op.(type) {
	case Ascend, Add, Adam, Nesterov:
		return true
	}
	return false
}

// steps returns the steps in the form of the kernel. A step waits if it depends on one that may not be
// done.
func (d *cuda) steps(all steps) ([]kernels.Step, error) {
	moved := d.moved
	defer func() { d.moved = moved }() // site changes it, but nothing is launched here
	var list []kernels.Step
	waited := 0 // position of the last step that waits, for all steps before it
	for i := range all {
		l := &all[i]
		s := kernels.Step{Out: at(l.out), Size: l.out.Shape().TotalSize()}
		for _, b := range l.in {
			s.In = append(s.In, at(b))
		}
		for j := waited; j < i && !s.Wait; j++ {
			s.Wait = l.waitsFor(&all[j])
		}
		if s.Wait {
			waited = i
		}
		switch op := l.op.(type) {
		case Ascend:
			s.Op, s.A, s.B, s.Flagged = kernels.StepAscend, op.L1, op.L2, op.Velocity
		case Add:
			s.Op = kernels.StepAdd
		case Adam:
			s.Op = kernels.StepAdam
		case Nesterov:
			s.Op = kernels.StepNesterov
		case Blend:
			s.Op, s.A = kernels.StepBlend, op.Rate
		case BiasGradient:
			s.Op, s.Others = kernels.StepBiasGradient, l.in[5].Shape().TotalSize()
		case Moment:
			s.Op, s.A, s.Flagged = kernels.StepMoment, op.Decay, op.Squared
		case Tick:
			s.Op = kernels.StepTick
		}
		if moves(l.op) {
			var err error
			if s.Site, err = d.site(l.out.(*cudaBuffer)); err != nil {
				return nil, fmt.Errorf("%s: %w", l.name, err)
			}
		}
		list = append(list, s)
	}
	return list, nil
}
