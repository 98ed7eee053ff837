//go:build gpu

package engine

import "harmonium/kernels"

func (d *cuda) zeroSum(out Buffer, in []Buffer, z ZeroSum) error {
	g, err := d.zeroSumOf(out, z.Units, z.Side)
	if err != nil {
		return err
	}
	g.Weights = target(out)
	if out != in[0] {
		if err := d.copyRows(out, 0, in[0], 0, out.Shape()[0]); err != nil {
			return err
		}
	}
	if !z.Units.Several() { // only weights of units with several columns change
		return nil
	}
	return d.gpu.ZeroSum(g)
}

func (d *cuda) zeroSumShift(out Buffer, in []Buffer, z ZeroSumShift) error {
	if !z.Units.Several() { // only units with several columns shift biases
		target(out)
		if out == in[0] {
			return nil
		}
		return d.copyRows(out, 0, in[0], 0, out.Shape()[0])
	}
	g, err := d.zeroSumOf(in[1], z.Units, z.Side)
	if err != nil {
		return err
	}
	g.Weights = at(in[1])
	return d.gpu.ZeroSumShift(target(out), at(in[0]), g)
}

// zeroSumOf returns the operands of a launch over a matrix, but the weights.
func (d *cuda) zeroSumOf(weights Buffer, units Units, side Side) (g kernels.GPUZeroSum, err error) {
	g = kernels.GPUZeroSum{Units: units, Side: side, Faults: d.faults.Address}
	g.Rows, g.Columns = matrixShape(weights.Shape())
	g.Words, err = d.kinds(units)
	return g, err
}
