//go:build gpu

package kernels

/*
#cgo CFLAGS: -I/usr/local/cuda/include
#cgo LDFLAGS: -L/usr/local/cuda/lib64 -lcuda
#include <cuda.h>

// Begins a capture, during which other threads may still allocate and wait.
static CUresult begin_capture(CUstream stream) {
	return cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
}

// Ends a capture and makes an executable graph of it.
static CUresult end_capture(CUstream stream, CUgraphExec *exec) {
	CUgraph graph = NULL;
	CUresult result = cuStreamEndCapture(stream, &graph);
	if (result != CUDA_SUCCESS) return result;
	result = cuGraphInstantiateWithFlags(exec, graph, 0);
	cuGraphDestroy(graph);
	return result;
}

static const char *result_name(CUresult result) {
	const char *name = "an unknown error";
	cuGetErrorName(result, &name);
	return name;
}
*/
import "C"

import (
	"fmt"
	"runtime"
)

// Graph is a recorded sequence of launches, which the host starts with one call. The GPU frees it
// when it becomes garbage.
type Graph struct {
	gpu    *GPU
	launch func() error
}

// executable is the driver's handle of a graph.
type executable struct{ exec C.CUgraphExec }

func (e executable) free() error {
	return driverError("freeing a graph", C.cuGraphExecDestroy(e.exec))
}

// driverError returns an error with the name of a result of the driver, or nil for success.
func driverError(what string, result C.CUresult) error {
	if result == C.CUDA_SUCCESS {
		return nil
	}
	return fmt.Errorf("kernels: cuda: %s: %s", what, C.GoString(C.result_name(result)))
}

func (g *GPU) cStream() C.CUstream { return handleOf(g.stream) }

// Capture records the launches that record makes, without running them. record must neither wait
// for the device nor allocate.
func (g *GPU) Capture(record func() error) (*Graph, error) {
	if err := g.do(func() error { return driverError("begin of a capture", C.begin_capture(g.cStream())) }); err != nil {
		return nil, err
	}
	g.capturing = true
	failed := record()
	if failed == nil {
		failed = g.do(g.timesEnd)
	}
	g.capturing, g.branched = false, false
	var e executable // made even if record failed, since a capture must end
	err := g.do(func() error {
		err := driverError("end of a capture", C.end_capture(g.cStream(), &e.exec))
		if err == nil {
			g.graphs[e] = true
		}
		return err
	})
	if failed != nil {
		return nil, failed
	}
	if err != nil {
		return nil, err
	}
	graph := &Graph{gpu: g, launch: func() error {
		g.counts.Calls++
		g.counts.Graphs++
		return driverError("launch of a graph", C.cuGraphLaunch(e.exec, g.cStream()))
	}}
	runtime.AddCleanup(graph, g.releaseGraph, e)
	return graph, nil
}

// releaseGraph records that a graph is garbage. The garbage collector calls it on a goroutine of
// its own.
func (g *GPU) releaseGraph(e executable) {
	g.lock.Lock()
	g.releasedGraphs = append(g.releasedGraphs, e)
	g.lock.Unlock()
}

// Launch starts the sequence.
func (g *Graph) Launch() error { return g.gpu.do(g.launch) }
