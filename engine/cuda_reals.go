//go:build gpu

package engine

import (
	"fmt"

	"harmonium/kernels"
)

// activateReals launches means, or states if there is a draw.
func (d *cuda) activateReals(out Buffer, in []Buffer, u Units, where place, mixed bool, draw *Draw) error {
	others, fields, rest := realOperands(u, mixed, in)
	to := out.(*cudaBuffer)
	address := target(out)
	for _, b := range others {
		if b != out {
			if err := d.gpu.Copy(address, at(b), 4*to.size()); err != nil {
				return err
			}
		}
	}
	kinds, err := d.realKinds(u)
	if err != nil {
		return err
	}
	r := kernels.GPUReals{
		Units: u, Field: at(fields[0]), Shapes: shapesAt(u, fields[1:]), Kinds: kinds, Ahead: where.Ahead, Rows: to.rows(), Columns: to.width(),
	}
	if draw != nil {
		r.State, r.Clock, r.Draw, rest = address, at(rest[0]), draw.key(), rest[1:]
	} else {
		r.Mean = address
	}
	switch where.Along {
	case ladder:
		r.Base, r.Betas, r.Levels = at(rest[0]), at(rest[1]), at(rest[2])
	case schedule:
		r.Base, r.Betas, r.Clock = at(rest[0]), at(rest[1]), at(rest[2])
	}
	return d.gpu.ActivateReals(r)
}

// realKinds returns the address of the kinds of a layer's columns for units with real states.
func (d *cuda) realKinds(u Units) (kernels.Address, error) {
	return d.wordsOf("real "+u.String(), kernels.RealWords(u))
}

// wordsOf returns the address of a list of numbers on the GPU, which it makes once for a name.
func (d *cuda) wordsOf(name string, words []int32) (kernels.Address, error) {
	if m, ok := d.layers[name]; ok {
		return m.Address, nil
	}
	if d.recording != nil {
		return 0, fmt.Errorf("no room for the table of %s", name)
	}
	m, err := d.gpu.Alloc(4 * int64(len(words)))
	if err != nil {
		return 0, err
	}
	if err := d.gpu.Upload(m.Address, kernels.Bytes(words)); err != nil {
		return 0, err
	}
	d.layers[name] = m
	return m.Address, nil
}

func (d *cuda) realSum(out Buffer, in []Buffer, op RealSum) error {
	kinds, err := d.realKinds(op.Units)
	if err != nil {
		return err
	}
	return d.gpu.RealSum(target(out), at(in[0]), at(in[1]), kinds, shapesAt(op.Units, in[2:]), op.Fields, in[1].Shape()[0], in[1].Shape()[1])
}

// shapesAt returns the addresses of the shapes in operands.
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
