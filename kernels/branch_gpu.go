//go:build gpu

package kernels

/*
#cgo CFLAGS: -I/usr/local/cuda/include
#cgo LDFLAGS: -L/usr/local/cuda/lib64 -lcuda
#include <cuda.h>

// Lets a stream wait for what was captured on another one so far, by recording an event there.
static CUresult follow(CUstream stream, CUstream other, CUevent event) {
	CUresult result = cuEventRecord(event, other);
	return result != CUDA_SUCCESS ? result : cuStreamWaitEvent(stream, event, 0);
}
*/
import "C"

import (
	"errors"
	"unsafe"

	"gorgonia.org/cu"
)

// Fork begins a branch of the graph that is being captured, after all launches so far. Kernels launched before
// Back belong to the branch. What is launched between Back and Join runs at the same time as the branch.
// Outside of a capture, and while times are taken (see StartTiming), Fork, Back and Join have no effect.
func (g *GPU) Fork() error { return g.branch(true, g.beside, g.stream) }

// Back ends the launches of a branch.
func (g *GPU) Back() { g.branched = false }

// Join lets later launches wait for the branch.
func (g *GPU) Join() error { return g.branch(false, g.stream, g.beside) }

// branch makes stream wait for other, and sends kernels to the branch if it begins one.
func (g *GPU) branch(begin bool, stream, other cu.Stream) error {
	if !g.capturing || g.timing != nil {
		return nil
	}
	g.branched = begin
	return g.do(func() error {
		return driverError("a branch of a graph", C.follow(handleOf(stream), handleOf(other), g.forks.event))
	})
}

// openBranches makes the event for Fork and Join.
func (g *GPU) openBranches() error {
	return driverError("making an event", C.cuEventCreate(&g.forks.event, C.CU_EVENT_DISABLE_TIMING))
}

// kernelStream returns the stream to which kernels go now.
func (g *GPU) kernelStream() cu.Stream {
	if g.branched {
		return g.beside
	}
	return g.stream
}

// handleOf returns the driver's handle of a stream.
func handleOf(s cu.Stream) C.CUstream { return C.CUstream(unsafe.Pointer(s.C())) }

// errBranch is returned for launches that must not be on a branch: all but kernels.
var errBranch = errors.New("kernels: cuda: a launch on a branch that is not a kernel")

// offBranch returns an error if kernels go to a branch. Launches that always go to g.stream check it.
func (g *GPU) offBranch() error {
	if g.branched {
		return errBranch
	}
	return nil
}
