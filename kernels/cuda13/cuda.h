// Builds gorgonia.org/cu with CUDA 13, where five functions got other arguments. The driver still
// has the functions with the old arguments, under the names that are declared here. The compiler must
// search this folder for headers first. Before CUDA 13 this header changes nothing.
//
//	CGO_CFLAGS="-g -O2 -I$PWD/kernels/cuda13" go build -tags gpu ./cmd/harmonium
#ifndef HARMONIUM_CUDA13_H
#define HARMONIUM_CUDA13_H

#include_next <cuda.h>

#if CUDA_VERSION >= 13000

#undef cuCtxCreate
#undef cuMemAdvise
#undef cuMemPrefetchAsync
#undef cuGraphAddDependencies
#undef cuGraphGetEdges

#define cuCtxCreate cuCtxCreate_v2

CUresult CUDAAPI cuCtxCreate(CUcontext *context, unsigned int flags, CUdevice device);
CUresult CUDAAPI cuMemAdvise(CUdeviceptr at, size_t count, CUmem_advise advice, CUdevice device);
CUresult CUDAAPI cuMemPrefetchAsync(CUdeviceptr at, size_t count, CUdevice device, CUstream stream);
CUresult CUDAAPI cuGraphAddDependencies(CUgraph graph, const CUgraphNode *from, const CUgraphNode *to, size_t count);
CUresult CUDAAPI cuGraphGetEdges(CUgraph graph, CUgraphNode *from, CUgraphNode *to, size_t *count);

#endif
#endif
