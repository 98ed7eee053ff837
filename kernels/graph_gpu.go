//go:build gpu

package kernels

/*
#cgo CFLAGS: -I/usr/local/cuda/include
#cgo LDFLAGS: -L/usr/local/cuda/lib64 -lcuda
#include <cuda.h>

static CUresult begin_capture(CUstream stream) {
	return cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
}

// Ends a capture and makes what it took note of ready to run.
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
	"unsafe"
)

// Graph is a sequence of launches that the host makes by one call.
type Graph struct {
	gpu    *GPU
	exec   C.CUgraphExec
	launch func() error
}

func driverError(what string, result C.CUresult) error {
	if result == C.CUDA_SUCCESS {
		return nil
	}
	return fmt.Errorf("kernels: cuda: %s: %s", what, C.GoString(C.result_name(result)))
}

func (g *GPU) cStream() C.CUstream { return C.CUstream(unsafe.Pointer(g.stream.C())) }

// Capture takes note of the launches that record makes, and runs none of them. Record must
// not wait for the device, nor allocate.
func (g *GPU) Capture(record func() error) (*Graph, error) {
	if err := g.do(func() error { return driverError("begin of a capture", C.begin_capture(g.cStream())) }); err != nil {
		return nil, err
	}
	g.capturing = true
	failed := record()
	g.capturing = false
	graph := &Graph{gpu: g}
	err := g.do(func() error { return driverError("end of a capture", C.end_capture(g.cStream(), &graph.exec)) })
	if failed != nil {
		err = failed
	}
	if err != nil {
		graph.Close()
		return nil, err
	}
	graph.launch = func() error {
		g.counts.Calls++
		g.counts.Graphs++
		return driverError("launch of a graph", C.cuGraphLaunch(graph.exec, g.cStream()))
	}
	return graph, nil
}

// Launch starts the whole sequence.
func (g *Graph) Launch() error { return g.gpu.do(g.launch) }

// Close frees the graph, after its launches.
func (g *Graph) Close() error {
	if g.exec == nil {
		return nil
	}
	return g.gpu.do(func() error {
		exec := g.exec
		g.exec = nil
		return driverError("freeing a graph", C.cuGraphExecDestroy(exec))
	})
}
