//go:build gpu

package engine

// copy makes an assignment: in[0] is the variable, whose buffer is out, and in[1] the value.
func (d *cuda) copy(out Buffer, in []Buffer) error {
	to, from := out.(*cudaBuffer), in[1].(*cudaBuffer)
	to.written()
	to.states = from.states
	bytes, err := bytesOf(from.of, from.shape)
	if err != nil {
		return err
	}
	if err := d.gpu.Copy(at(out), at(in[1]), int(bytes)); err != nil {
		return err
	}
	return d.beside(func() error { // the values on the host are copied at each replay too
		to.know(from.ints)
		to.version++
		return nil
	})
}
