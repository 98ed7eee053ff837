//go:build gpu

package engine

import (
	"fmt"

	"harmonium/kernels"
)

// The constant tables of a GPU stay there until the device is closed, each under the name of its contents.

// table returns the address of a list of numbers on the GPU. It makes the list when its name comes for the first time,
// which is in the first run of a plan, before recording: a recording allocates nothing.
func (d *cuda) table(name string, numbers []int32) (kernels.Address, error) {
	if m, ok := d.tables[name]; ok {
		return m.Address, nil
	}
	if d.recording != nil {
		return 0, fmt.Errorf("no room for the table of %s", name)
	}
	bytes := kernels.Bytes(numbers)
	m, err := d.gpu.Alloc(int64(len(bytes)))
	if err != nil {
		return 0, err
	}
	if err := d.gpu.Upload(m.Address, bytes); err != nil {
		return 0, err
	}
	d.tables[name] = m
	return m.Address, nil
}

// kinds returns the address of the kinds of a layer's columns. It returns none if all units are of the
// default kind.
func (d *cuda) kinds(u Units) (kernels.Address, error) {
	kinds := kernels.KindWords(u)
	if kinds == nil {
		return 0, nil
	}
	return d.table(u.String(), kinds)
}

// realKinds returns the address of the kinds of a layer's columns for units with real states.
func (d *cuda) realKinds(u Units) (kernels.Address, error) {
	return d.table("real "+u.String(), kernels.RealWords(u))
}

// sweepTable returns the address of the table of a layer's units for sweeps.
func (d *cuda) sweepTable(u Units, columns int) (kernels.Address, error) {
	return d.table(fmt.Sprintf("units %v of %d columns", u, columns), kernels.SweepTable(u, columns))
}

// zero sets a tensor to zeros, the product of factors whose inner size is 0. It copies a table of zeros, as
// which new memory begins.
func (d *cuda) zero(b *cudaBuffer) error {
	bytes := floatBytes * b.size()
	name := fmt.Sprintf("zeros in %d bytes", bytes)
	m, ok := d.tables[name]
	if !ok {
		if d.recording != nil {
			return fmt.Errorf("no room for %s", name)
		}
		var err error
		if m, err = d.gpu.Alloc(int64(bytes)); err != nil {
			return err
		}
		d.tables[name] = m
	}
	return d.gpu.Copy(target(b), m.Address, bytes)
}
