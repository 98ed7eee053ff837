//go:build gpu

package engine

func (d *cuda) scaledRows(out Buffer, in []Buffer) error {
	return d.gpu.ScaleRows(target(out), at(in[0]), at(in[1]), in[1].Shape()[0] > 1, out.Shape()[0], out.Shape()[1])
}
