//go:build gpu

package kernels

/*
#cgo CFLAGS: -I/usr/local/cuda/include
#cgo LDFLAGS: -L/usr/local/cuda/lib64 -lcuda
#include <cuda.h>
*/
import "C"

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"

	"gorgonia.org/cu"
)

// Ring is a buffer on the GPU for a few parts of a sequence that does not fit into its memory.
// Launches read one part while the next part is copied from pinned memory of the host, on a stream
// of its own. The calls for each part are, in this order: Room, whose memory the caller fills; Send;
// and Use before the first launch that reads the part. The GPU frees a Ring when it becomes garbage.
type Ring struct {
	Address Address // of part 0; the other parts follow without gaps

	gpu    *GPU
	bytes  int    // size of a part
	device *Piece // keeps the memory at Address
	host   *ringHost
	sent   []bool // for each part, whether a copy has been started
}

// ringHost holds the driver's objects of a Ring, except for the device memory.
type ringHost struct {
	pinned  []unsafe.Pointer // for each part
	arrived []cu.Event       // for each part, the end of the last copy
	read    cu.Event         // the end of the launches made before the last copy, which may read its part
}

// NewRing returns a Ring of `parts` parts with `bytes` bytes each. If there is not enough memory, the
// error states how much was needed and how much was free.
func (g *GPU) NewRing(parts, bytes int) (*Ring, error) {
	device, err := g.Alloc(int64(parts) * int64(bytes))
	if err != nil {
		return nil, err
	}
	r := &Ring{Address: device.Address, gpu: g, bytes: bytes, device: device, host: &ringHost{}, sent: make([]bool, parts)}
	if err := g.do(func() error { return r.host.allocate(parts, bytes) }); err != nil {
		return nil, errors.Join(err, g.do(r.host.free))
	}
	g.rings[r.host] = true
	runtime.AddCleanup(r, g.releaseRing, r.host)
	return r, nil
}

func (h *ringHost) allocate(parts, bytes int) error {
	event := func() (cu.Event, error) {
		e, err := cu.MakeEvent(cu.DisableTiming)
		if err != nil {
			return e, fmt.Errorf("kernels: cuda: an event: %w", err)
		}
		return e, nil
	}
	var err error
	if h.read, err = event(); err != nil {
		return err
	}
	for range parts {
		var p unsafe.Pointer
		if err := driverError(fmt.Sprintf("%s of pinned memory on the host", mebibytes(int64(bytes))),
			C.cuMemHostAlloc(&p, C.size_t(bytes), 0)); err != nil {
			return err
		}
		h.pinned = append(h.pinned, p)
		e, err := event()
		if err != nil {
			return err
		}
		h.arrived = append(h.arrived, e)
	}
	return nil
}

// free releases all of it. No copy may be in flight.
func (h *ringHost) free() error {
	var errs []error
	for _, e := range append(h.arrived, h.read) {
		if e != (cu.Event{}) {
			errs = append(errs, cu.DestroyEvent(&e))
		}
	}
	for _, p := range h.pinned {
		errs = append(errs, cu.MemFreeHost(p))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("kernels: cuda: giving pinned memory back: %w", err)
	}
	return nil
}

// releaseRing records that a Ring is garbage. The garbage collector calls it on a goroutine of
// its own.
func (g *GPU) releaseRing(h *ringHost) {
	g.lock.Lock()
	g.releasedRings = append(g.releasedRings, h)
	g.lock.Unlock()
}

// Room returns the pinned memory of a part. It first waits until the last copy from there is
// done.
func (r *Ring) Room(part int) ([]byte, error) {
	if r.sent[part] {
		r.gpu.counts.Syncs++
		if err := r.gpu.do(r.host.arrived[part].Synchronize); err != nil {
			return nil, fmt.Errorf("kernels: cuda: %s: while waiting for a copy of up to %d bytes: %w",
				r.gpu.Device, r.bytes, err)
		}
	}
	return unsafe.Slice((*byte)(r.host.pinned[part]), r.bytes), nil
}

// Send starts a copy to the GPU of the first `bytes` bytes of the pinned memory of a part. The copy
// waits for the launches made so far, since they may read the old contents.
func (r *Ring) Send(part, bytes int) error {
	g := r.gpu
	to := cu.DevicePtr(r.Address) + cu.DevicePtr(part)*cu.DevicePtr(r.bytes)
	r.sent[part] = true
	g.counts.Uploaded += int64(bytes)
	return g.do(func() error {
		for _, step := range []func() error{
			func() error { return r.host.read.Record(g.stream) },
			func() error { return g.copies.Wait(r.host.read, 0) },
			func() error { return cu.MemcpyHtoDAsync(to, r.host.pinned[part], int64(bytes), g.copies) },
			func() error { return r.host.arrived[part].Record(g.copies) },
		} {
			if err := step(); err != nil {
				return fmt.Errorf("kernels: cuda: copy of %d bytes of pinned memory to the device: %w", bytes, err)
			}
		}
		return nil
	})
}

// Use makes later launches wait for the last copy to a part.
func (r *Ring) Use(part int) error {
	return r.gpu.do(func() error {
		if err := r.gpu.stream.Wait(r.host.arrived[part], 0); err != nil {
			return fmt.Errorf("kernels: cuda: waiting on the device for a copy: %w", err)
		}
		return nil
	})
}
