//go:build gpu

package kernels

import (
	"errors"
	"fmt"
	"runtime"
	"time"
	"unsafe"

	"gorgonia.org/cu"
)

// Address is an address in a GPU's memory; 0 is none. An operand of a launch has the type of the slice in the
// definition, and float32 in place of [States]. Kinds and tables of units are 32-bit integers.
type Address uint64

// Piece is a piece of a slab of a GPU's memory. The slab is freed after its last Piece has become
// garbage.
type Piece struct {
	Address Address
	slab    *slab // kept from being freed by this reference
}

// Part returns the piece that begins `bytes` bytes behind the start of p.
func (p *Piece) Part(bytes int64) *Piece {
	return &Piece{Address: p.Address + Address(bytes), slab: p.slab}
}

// slab is one allocation of the driver and the number of its bytes that are in use.
type slab struct {
	pointer    cu.DevicePtr
	size, used int64
}

// alignment is the alignment of every Piece in bytes, the same as the driver's.
const alignment = 256

func aligned(bytes int64) int64 { return (bytes + alignment - 1) / alignment * alignment }

// Reserve allocates an arena, a slab from which the next calls of Alloc take their memory. It has room
// for `pieces` Pieces that have `bytes` bytes in total. It replaces an earlier arena, whose rest stays unused. If
// there is not enough memory, the error states how much was needed and how much was free.
func (g *GPU) Reserve(bytes int64, pieces int) error {
	return g.do(func() error {
		var err error
		g.arena, err = g.allocate(bytes + int64(pieces)*alignment) // each Piece is rounded up to the alignment
		return err
	})
}

// Alloc returns a Piece of the given number of bytes, all zero. It is of the arena, or of a slab of its own
// if the arena does not have enough left.
func (g *GPU) Alloc(bytes int64) (*Piece, error) {
	var p *Piece
	err := g.do(func() error {
		size := max(aligned(bytes), alignment)
		s := g.arena
		if s == nil || s.size-s.used < size {
			var err error
			if s, err = g.allocate(size); err != nil {
				return err
			}
		}
		p = &Piece{Address: Address(s.pointer) + Address(s.used), slab: s}
		s.used += size
		if err := g.starts("fill"); err != nil {
			return err
		}
		if err := cu.MemsetD8Async(cu.DevicePtr(p.Address), 0, size, g.stream); err != nil {
			return fmt.Errorf("kernels: cuda: zeroing %d bytes: %w", size, err)
		}
		return nil
	})
	return p, err
}

// Free returns the number of free bytes of the GPU's memory, after it has freed what has become garbage.
func (g *GPU) Free() (int64, error) {
	var free int64
	err := g.do(func() error {
		if err := g.reclaim(); err != nil {
			return err
		}
		var err error
		if free, _, err = cu.MemInfo(); err != nil {
			return fmt.Errorf("kernels: cuda: free memory: %w", err)
		}
		return nil
	})
	return free, err
}

// ErrMemory is wrapped by the error of an allocation that failed for lack of memory.
var ErrMemory = errors.New("out of memory")

// memory allocates the given number of bytes with the driver.
func (g *GPU) memory(bytes int64) (cu.DevicePtr, error) {
	pointer, err := cu.MemAlloc(bytes)
	if err == cu.OutOfMemory {
		free, total, _ := cu.MemInfo()
		return 0, fmt.Errorf("kernels: cuda: %w: %s needed, %s free of %s on %s",
			ErrMemory, mebibytes(bytes), mebibytes(free), mebibytes(total), g.Device)
	}
	if err != nil {
		return 0, fmt.Errorf("kernels: cuda: allocating %d bytes: %w", bytes, err)
	}
	return pointer, nil
}

// allocate returns a slab of the given number of bytes. It first frees what has become garbage. Go collects
// garbage as the host's memory fills, however full the GPU's is, so that allocate collects it when the GPU has
// too little left.
func (g *GPU) allocate(bytes int64) (*slab, error) {
	if err := g.reclaim(); err != nil {
		return nil, err
	}
	pointer, err := g.memory(max(bytes, alignment))
	for collections := 0; errors.Is(err, ErrMemory) && collections < 2; collections++ { // the second finds what cleanups let go
		collect()
		if err := g.reclaim(); err != nil {
			return nil, err
		}
		pointer, err = g.memory(max(bytes, alignment))
	}
	if err != nil {
		return nil, err
	}
	g.slabs[pointer] = true
	s := &slab{pointer: pointer, size: bytes}
	runtime.AddCleanup(s, g.release, pointer)
	return s, nil
}

// collect makes a garbage collection and waits until cleanups of what it found have run, for a second at most.
func collect() {
	// Go may not run the cleanup of an object below 16 bytes, which shares its memory with others.
	done, garbage := make(chan struct{}), new([alignment]byte)
	runtime.AddCleanup(garbage, func(done chan struct{}) { close(done) }, done)
	runtime.GC()
	select {
	case <-done:
	case <-time.After(time.Second):
	}
}

// release records that a slab is garbage. The garbage collector calls it on a goroutine of its
// own.
func (g *GPU) release(pointer cu.DevicePtr) {
	g.lock.Lock()
	g.releasedSlabs = append(g.releasedSlabs, pointer)
	g.lock.Unlock()
}

// reclaim frees what has become garbage. Launches and copies may still use it, so reclaim first waits for them.
func (g *GPU) reclaim() error {
	g.lock.Lock()
	slabs, graphs, rings := g.releasedSlabs, g.releasedGraphs, g.releasedRings
	g.releasedSlabs, g.releasedGraphs, g.releasedRings = nil, nil, nil
	g.lock.Unlock()
	if len(slabs) == 0 && len(graphs) == 0 && len(rings) == 0 {
		return nil
	}
	if err := g.sync(); err != nil {
		return err
	}
	if err := g.copies.Synchronize(); err != nil {
		return fmt.Errorf("kernels: cuda: %s: while waiting for copies: %w", g.Device, err)
	}
	for _, h := range rings {
		delete(g.rings, h)
		if err := h.free(); err != nil {
			return err
		}
	}
	for _, e := range graphs {
		delete(g.graphs, e)
		if err := e.free(); err != nil {
			return err
		}
	}
	for _, pointer := range slabs {
		delete(g.slabs, pointer)
		if err := cu.MemFree(pointer); err != nil {
			return fmt.Errorf("kernels: cuda: giving memory back: %w", err)
		}
	}
	return nil
}

func mebibytes(bytes int64) string { return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20)) }

// Bytes returns the memory of a slice as bytes, without a copy.
func Bytes[T float32 | float64 | int32](x []T) []byte {
	if len(x) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), len(x)*int(unsafe.Sizeof(x[0])))
}
