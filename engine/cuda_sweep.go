//go:build gpu

package engine

import "harmonium/kernels"

func (d *cuda) sweep(out Buffer, in []Buffer, op Sweep) error {
	to := out.(*cudaBuffer)
	free, path := op.indices(len(in))
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
	if s.Room, err = d.room(&to.fields, to, floatBytes*int64(to.size())); err != nil {
		return err
	}
	s.State, s.Half = d.drawTarget(to)
	return d.gpu.Sweep(s)
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
