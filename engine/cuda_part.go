//go:build gpu

package engine

import "harmonium/kernels"

const floatBytes = 4 // of a float32

// copyRows copies rows of float32 matrices of one width, or elements of vectors.
func (d *cuda) copyRows(out Buffer, into int, in Buffer, from, rows int) error {
	bytes := floatBytes * rowWidth(out.Shape())
	return d.gpu.Copy(at(out)+kernels.Address(into*bytes), at(in)+kernels.Address(from*bytes), rows*bytes)
}

// part copies rows. The result is states if its operand is.
func (d *cuda) part(out Buffer, in []Buffer, p Part) error {
	target(out)
	out.(*cudaBuffer).states = in[0].(*cudaBuffer).states
	var err error
	p.eachBlock(in[0].Shape()[0], func(into, from int) {
		if err == nil {
			err = d.copyRows(out, into, in[0], from, p.Size)
		}
	})
	return err
}

// put copies x and then the parts over it. The result is states if all of these are. Unlike the host, it asks this of x
// even where the parts replace all of it: chains that are put together were states before.
func (d *cuda) put(out Buffer, in []Buffer, p Put) error {
	states := true
	for _, b := range in {
		states = states && b.(*cudaBuffer).states
	}
	target(out)
	out.(*cudaBuffer).states = states
	if out != in[0] {
		if err := d.copyRows(out, 0, in[0], 0, out.Shape()[0]); err != nil {
			return err
		}
	}
	first := p.From
	for _, part := range in[1:] {
		piece := p.partFrom(first, part.Shape())
		var err error
		piece.eachBlock(out.Shape()[0], func(from, row int) {
			if err == nil {
				err = d.copyRows(out, row, part, from, piece.Size)
			}
		})
		if err != nil {
			return err
		}
		first += piece.Size
	}
	return nil
}
