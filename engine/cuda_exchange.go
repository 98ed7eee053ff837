//go:build gpu

package engine

func (d *cuda) chance(out Buffer, in []Buffer) error {
	return d.gpu.Chance(target(out), at(in[0]), at(in[1]), at(in[2]), at(in[3]), out.Shape()[0])
}

// selectParts selects rows or cells. The result is states if both operands to select from are.
func (d *cuda) selectParts(out Buffer, in []Buffer) error {
	to := out.(*cudaBuffer)
	to.written()
	to.states = in[1].(*cudaBuffer).states && in[2].(*cudaBuffer).states
	if byCell(in[0].Shape()) {
		return d.gpu.SelectCells(at(out), at(in[0]), at(in[1]), at(in[2]), to.shape.TotalSize())
	}
	return d.gpu.Select(at(out), at(in[0]), at(in[1]), at(in[2]), to.rows(), to.width())
}
