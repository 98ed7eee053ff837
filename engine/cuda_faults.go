//go:build gpu

package engine

import (
	"bytes"
	"fmt"
	"runtime"
	"slices"
	"weak"

	"harmonium/kernels"
)

// clearFaults resets the record of faults to all ones, which stand for none.
func (d *cuda) clearFaults() error {
	return d.gpu.Upload(d.faults.Address, bytes.Repeat([]byte{0xFF}, kernels.FaultsSize))
}

// site returns the index of the record of a parameter's faults, which belongs to the parameter until its
// buffer is garbage. The caller is about to change the parameter.
func (d *cuda) site(b *cudaBuffer) (int, error) {
	d.moved = true
	if b.site > 0 {
		return b.site - 1, nil
	}
	free := func(other weak.Pointer[cudaBuffer]) bool { return other.Value() == nil }
	i := slices.IndexFunc(d.sites[:], free)
	if i < 0 {
		runtime.GC() // garbage parameters of finished runs may still have sites
		i = slices.IndexFunc(d.sites[:], free)
	}
	if i < 0 {
		return 0, fmt.Errorf("more than %d parameters on one device", len(d.sites))
	}
	d.sites[i], b.site = weak.Make(b), i+1
	return i, nil
}

// fault waits for all launches and returns a *Fault for the earliest parameter that they left NaN
// or infinite. Updates after the one at fault have changed nothing.
func (d *cuda) fault() error {
	d.moved = false
	record := make([]byte, kernels.FaultsSize)
	if err := d.gpu.Download(record, d.faults.Address); err != nil {
		return err
	}
	f, ok := kernels.FirstFault(record)
	if !ok {
		return nil
	}
	if err := d.clearFaults(); err != nil {
		return err
	}
	b := d.sites[f.Site].Value()
	if b == nil {
		return nil // the parameter is garbage
	}
	value := make([]float32, 1)
	if err := d.gpu.Download(kernels.Bytes(value), b.piece.Address+bytesOfFloats(f.Index)); err != nil {
		return err
	}
	return fmt.Errorf("%s %v: %w", b.name, b.shape,
		&Fault{Index: f.Index, Shape: b.shape, Value: value[0], Update: int(f.Update) + 1})
}
