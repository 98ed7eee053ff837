//go:build gpu

package engine

import "harmonium/kernels"

// activateReals launches the means of units with real states, or their states if there is a draw. If mixed, the
// columns of units of other kinds are copied from the operand in others, unless the result is computed in its place.
func (d *cuda) activateReals(out Buffer, in []Buffer, u Units, where place, mixed bool, draw *Draw) error {
	others, fields, rest := realOperands(u, mixed, in)
	to := out.(*cudaBuffer)
	address := target(out)
	for _, b := range others {
		if b != out {
			if err := d.gpu.Copy(address, at(b), floatBytes*to.size()); err != nil {
				return err
			}
		}
	}
	kinds, err := d.realKinds(u)
	if err != nil {
		return err
	}
	r := kernels.GPUReals{
		Units: u, Field: at(fields[0]), Shapes: shapesAt(u, fields[1:]), Kinds: kinds, Ahead: where.Ahead,
		Rows: to.rows(), Columns: to.width(),
	}
	if draw != nil {
		r.State, r.Clock, r.Draw, rest = address, at(rest[0]), draw.key(), rest[1:]
	} else {
		r.Mean = address
	}
	switch where.Along {
	case ladder: // the levels give the temperatures, so only a draw reads the clock
		r.Base, r.Betas, r.Levels = at(rest[0]), at(rest[1]), at(rest[2])
	case schedule:
		r.Base, r.Betas, r.Clock = at(rest[0]), at(rest[1]), at(rest[2])
	}
	return d.gpu.ActivateReals(r)
}

func (d *cuda) realSum(out Buffer, in []Buffer, op RealSum) error {
	kinds, err := d.realKinds(op.Units)
	if err != nil {
		return err
	}
	shapes, rows, columns := shapesAt(op.Units, in[2:]), in[1].Shape()[0], in[1].Shape()[1]
	return d.gpu.RealSum(target(out), at(in[0]), at(in[1]), kinds, shapes, op.Fields, rows, columns)
}

// shapesAt returns the addresses of the operands that hold the parameters of units with real states (see Shapes).
func shapesAt(u Units, in []Buffer) kernels.GPUShapes {
	s := kernels.GPUShapes{LogVariance: at(in[0])}
	if u.Sides() {
		s.Jump, s.Skew = at(in[1]), at(in[2])
	}
	return s
}

func (d *cuda) realWeight(out Buffer, in []Buffer, op RealWeight) error {
	kinds, err := d.realKinds(op.Units)
	if err != nil {
		return err
	}
	rest := in[2+shapeCount(op.Units):]
	w := kernels.GPURealWeight{
		After: target(out), Before: at(in[0]), Field: at(in[1]), Kinds: kinds, Shapes: shapesAt(op.Units, in[2:]),
		Betas: at(rest[0]), Clock: at(rest[1]), Count: rest[0].Shape().TotalSize(), Rows: in[1].Shape()[0], Columns: in[1].Shape()[1],
	}
	if op.Along == ladder {
		w.Levels = at(rest[2])
	}
	return d.gpu.RealWeight(w)
}

func (d *cuda) realSlope(out Buffer, in []Buffer, op RealSlope) error {
	kinds, err := d.realKinds(op.Units)
	if err != nil {
		return err
	}
	return d.gpu.RealSlopes(target(out), at(in[0]), kinds, shapesAt(op.Units, in[1:]), op.By, in[0].Shape()[0], in[0].Shape()[1])
}

func (d *cuda) bound(out Buffer, in []Buffer, b Bound) error {
	kinds, err := d.realKinds(b.Units)
	if err != nil {
		return err
	}
	return d.gpu.Bound(target(out), at(in[0]), at(in[1]), kinds, b.Shared, out.Shape().TotalSize())
}
