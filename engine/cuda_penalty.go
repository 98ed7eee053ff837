//go:build gpu

package engine

import "harmonium/kernels"

func (d *cuda) squaredL1(out Buffer, in []Buffer, s SquaredL1) error {
	kinds, err := d.kinds(s.Units)
	if err != nil {
		return err
	}
	rows, columns := matrixShape(out.Shape())
	return d.gpu.SquaredL1(target(out), at(in[0]), at(in[1]), kinds, s.Cost, rows, columns)
}

func (d *cuda) shrink(out Buffer, in []Buffer, s Shrink) error {
	g := kernels.GPUShrink{
		Weights: at(in[0]), Rates: at(in[1]), Clock: at(in[2]), Cost: s.Cost, Over: s.Blocks.Over, Faults: d.faults.Address,
	}
	var err error
	if g.Visible, err = d.kinds(s.Blocks.Visible); err != nil {
		return err
	}
	if g.Hidden, err = d.kinds(s.Blocks.Hidden); err != nil {
		return err
	}
	g.Next = target(out)
	g.Rows, g.Columns = matrixShape(out.Shape())
	return d.gpu.Shrink(g)
}
