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

// Ring is room on the GPU for a few parts of something that is too long for it: launches
// read one part while the next is copied there from pinned memory of the host, on a stream
// of its own. For each part, in this order: Room, whose memory the caller fills; Send; and
// Use before the first launch that reads it. The GPU frees a Ring when it is garbage.
type Ring struct {
	Address Address // of part 0; the others follow without a gap

	gpu    *GPU
	bytes  int // of a part
	device *Piece
	host   *ringHost
	sent   []bool
}

// ringHost is what the driver keeps of a Ring beside the device memory.
type ringHost struct {
	pinned  []unsafe.Pointer // of each part
	arrived []cu.Event       // the last copy to each part
	read    cu.Event         // the launches before the last copy
}

// NewRing returns a Ring of so many parts of so many bytes. If there is not enough memory,
// the error says how much was needed and had.
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

// free gives everything back. No copy may be in flight.
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

// releaseRing notes that a Ring is garbage. The collector calls it on a goroutine of its own.
func (g *GPU) releaseRing(h *ringHost) {
	g.lock.Lock()
	g.releasedRings = append(g.releasedRings, h)
	g.lock.Unlock()
}

// Room returns the pinned memory of a part. It waits until what was sent from there before
// has arrived.
func (r *Ring) Room(part int) ([]byte, error) {
	if r.sent[part] {
		r.gpu.counts.Syncs++
		if err := r.gpu.do(r.host.arrived[part].Synchronize); err != nil {
			return nil, fmt.Errorf("kernels: cuda: %s: while waiting for a copy of up to %d bytes: %w", r.gpu.Device, r.bytes, err)
		}
	}
	return unsafe.Slice((*byte)(r.host.pinned[part]), r.bytes), nil
}

// Send starts the copy of the first bytes of a part's pinned memory to the GPU, behind the
// launches that were made so far, which may read what is there now.
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

// Use makes the launches that follow wait for what was sent to a part.
func (r *Ring) Use(part int) error {
	return r.gpu.do(func() error {
		if err := r.gpu.stream.Wait(r.host.arrived[part], 0); err != nil {
			return fmt.Errorf("kernels: cuda: waiting on the device for a copy: %w", err)
		}
		return nil
	})
}
