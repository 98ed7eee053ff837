//go:build gpu

package engine

import (
	"fmt"

	"harmonium/kernels"
)

func (d *cuda) sweep(out Buffer, in []Buffer, op Sweep) error {
	to := out.(*cudaBuffer)
	free, path := op.operands(len(in))
	s := kernels.GPUSweep{
		Before: at(in[0]), Field: at(in[1]), Lateral: at(in[2]), Clock: at(in[3]), Count: op.Units.Count(to.width()),
		Backward: op.Backward, Draw: op.Draw.key(), Rows: to.rows(), Columns: to.width(),
	}
	if op.Held {
		s.Free = at(in[free])
	}
	switch s.Ahead = op.Place.Ahead; op.Place.Along {
	case ladder:
		s.Base, s.Betas, s.Levels = at(in[path]), at(in[path+1]), at(in[path+2])
	case schedule:
		s.Base, s.Betas = at(in[path]), at(in[path+1])
	}
	var err error
	if s.Table, err = d.sweepTable(op.Units, to.width()); err != nil {
		return err
	}
	if s.Room, err = d.room(&to.fields, to, 4*int64(to.size())); err != nil {
		return err
	}
	s.State, s.Half = d.drawn(to)
	return d.gpu.Sweep(s)
}

// sweepTable returns the address of the table of a layer's units, which stays on the GPU.
func (d *cuda) sweepTable(u Units, columns int) (kernels.Address, error) {
	name := fmt.Sprintf("units %v of %d columns", u, columns)
	if m, ok := d.layers[name]; ok {
		return m.Address, nil
	}
	return d.wordsOf(name, kernels.SweepTable(u, columns))
}

func (d *cuda) pairEnergy(out Buffer, in []Buffer, op PairEnergy) error {
	p := kernels.GPUPairs{
		Out: target(out), Before: at(in[0]), V: at(in[1]), Y: at(in[2]), Rows: in[1].Shape()[0], Columns: in[1].Shape()[1],
	}
	if op.Along != model {
		p.Betas, p.Clock, p.Count = at(in[3]), at(in[4]), in[3].Shape().TotalSize()
	}
	if op.Along == ladder {
		p.Levels = at(in[5])
	}
	return d.gpu.PairEnergies(p)
}

func (d *cuda) pairGradient(out Buffer, in []Buffer, op PairGradient) error {
	columns := out.Shape()[1]
	table, err := d.sweepTable(op.Units, columns)
	if err != nil {
		return err
	}
	var offset, difference kernels.Address
	if op.Centered {
		offset, difference = at(in[1]), at(in[2])
	}
	return d.gpu.PairGradient(target(out), at(in[0]), offset, difference, table, op.Units.Count(columns), columns)
}

func (d *cuda) pairShift(out Buffer, in []Buffer) error {
	return d.gpu.PairShift(target(out), at(in[0]), at(in[1]), at(in[2]), out.Shape().TotalSize())
}

// zero sets a tensor to zeros: a product whose inner size is 0.
func (d *cuda) zero(b *cudaBuffer) error {
	bytes := 4 * b.size()
	name := fmt.Sprintf("zeros in %d bytes", bytes)
	m, ok := d.layers[name]
	if !ok {
		if d.recording != nil {
			return fmt.Errorf("no room for %s", name)
		}
		var err error
		if m, err = d.gpu.Alloc(int64(bytes)); err != nil {
			return err
		}
		d.layers[name] = m
	}
	return d.gpu.Copy(target(b), m.Address, bytes)
}
