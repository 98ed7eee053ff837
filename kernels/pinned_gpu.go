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
	"unsafe"

	"gorgonia.org/cu"
)

// Pinned is page-locked memory of the host. The GPU copies from and to it while the host goes on.
type Pinned struct {
	gpu     *GPU
	address unsafe.Pointer
	bytes   int
}

// NewPinned returns pinned memory of the given number of bytes, which is at least 1.
func (g *GPU) NewPinned(bytes int) (*Pinned, error) {
	p := &Pinned{gpu: g, bytes: bytes}
	err := g.do(func() error {
		return driverError(mebibytes(int64(bytes))+" of pinned memory on the host",
			C.cuMemHostAlloc(&p.address, C.size_t(bytes), 0))
	})
	if err != nil {
		return nil, err
	}
	g.pinned[p] = true
	return p, nil
}

// Floats returns the memory as numbers. They must not be read or written while a copy is under way.
func (p *Pinned) Floats() []float32 { return unsafe.Slice((*float32)(p.address), p.bytes/4) }

// Free gives the memory back, after all copies.
func (p *Pinned) Free() error {
	delete(p.gpu.pinned, p)
	return p.gpu.do(func() error {
		if err := p.gpu.sync(); err != nil {
			return err
		}
		return p.free()
	})
}

func (p *Pinned) free() error {
	if err := cu.MemFreeHost(p.address); err != nil {
		return fmt.Errorf("kernels: cuda: giving pinned memory back: %w", err)
	}
	return nil
}

// Fetch starts a copy from the device to the bytes from `at` on, after the launches so far. It must not be on
// a branch (see [GPU.Fork]).
func (p *Pinned) Fetch(at int, from Address, bytes int) error {
	return p.copy(bytes, "from", &p.gpu.counts.Downloaded, func(g *GPU) error {
		return cu.MemcpyDtoHAsync(unsafe.Add(p.address, at), cu.DevicePtr(from), int64(bytes), g.stream)
	})
}

// Give starts a copy of the bytes from `at` on to the device, before later launches. It must not be on a
// branch.
func (p *Pinned) Give(to Address, at, bytes int) error {
	return p.copy(bytes, "to", &p.gpu.counts.Uploaded, func(g *GPU) error {
		return cu.MemcpyHtoDAsync(cu.DevicePtr(to), unsafe.Add(p.address, at), int64(bytes), g.stream)
	})
}

// copy starts a copy and adds its bytes to counted. direction, "to" or "from", is for errors.
func (p *Pinned) copy(bytes int, direction string, counted *int64, start func(g *GPU) error) error {
	g := p.gpu
	if bytes == 0 {
		return nil
	}
	*counted += int64(bytes)
	return g.do(func() error {
		if err := errors.Join(g.offBranch(), g.starts("copy")); err != nil {
			return err
		}
		if err := start(g); err != nil {
			return fmt.Errorf("kernels: cuda: copy of %d bytes of pinned memory %s the device: %w", bytes, direction, err)
		}
		return nil
	})
}

// With calls f on the thread of the GPU, whose context is current there. The stream is the driver's handle of the
// stream of launches.
func (g *GPU) With(f func(stream uintptr) error) error {
	return g.do(func() error { return f(uintptr(unsafe.Pointer(g.cStream()))) })
}
