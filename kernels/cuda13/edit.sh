#!/bin/sh
# edit.sh HEADER prints HEADER, the cuda.h of CUDA 11.8, with the declarations of CUDA 13 for the five
# functions that differ. It serves to test the build for CUDA 13 on machines without CUDA 13. It fails if a
# declaration is not found.
set -eu
edited=$(mktemp)
trap 'rm -f "$edited"' EXIT
sed -E \
    -e 's/^#define CUDA_VERSION .*/#define CUDA_VERSION 13000/' \
    -e 's/^#define cuCtxCreate +cuCtxCreate_v2$/#define cuCtxCreate cuCtxCreate_v4\n#define cuMemAdvise cuMemAdvise_v2\n#define cuMemPrefetchAsync cuMemPrefetchAsync_v2\n#define cuGraphAddDependencies cuGraphAddDependencies_v2\n#define cuGraphGetEdges cuGraphGetEdges_v2\ntypedef struct CUctxCreateParams_st CUctxCreateParams;\ntypedef struct CUgraphEdgeData_st CUgraphEdgeData;/' \
    -e 's/^ +#define cuMemPrefetchAsync .*//' \
    -e 's/^(CUresult CUDAAPI cuCtxCreate\(CUcontext \*pctx), (unsigned int flags, CUdevice dev\);)$/\1, CUctxCreateParams *params, \2/' \
    -e 's/^(CUresult CUDAAPI cuMemAdvise\(CUdeviceptr devPtr, size_t count, CUmem_advise advice), CUdevice device\);$/\1, CUmemLocation location);/' \
    -e 's/^(CUresult CUDAAPI cuMemPrefetchAsync\(CUdeviceptr devPtr, size_t count), CUdevice dstDevice, (CUstream hStream\);)$/\1, CUmemLocation location, unsigned int flags, \2/' \
    -e 's/^(CUresult CUDAAPI cuGraphGetEdges\(CUgraph hGraph, CUgraphNode \*from, CUgraphNode \*to), (size_t \*numEdges\);)$/\1, CUgraphEdgeData *edgeData, \2/' \
    -e 's/^(CUresult CUDAAPI cuGraphAddDependencies\(CUgraph hGraph, const CUgraphNode \*from, const CUgraphNode \*to), (size_t numDependencies\);)$/\1, const CUgraphEdgeData *edgeData, \2/' \
    "$1" >"$edited"
for changed in 'CUctxCreateParams \*params' 'CUmem_advise advice, CUmemLocation' 'CUmemLocation location, unsigned' \
    'CUgraphNode \*to, CUgraphEdgeData' 'CUgraphNode \*to, const CUgraphEdgeData' 'CUDA_VERSION 13000'; do
    grep -q "$changed" "$edited" || { echo "edit.sh: $1 has no place for: $changed" >&2; exit 1; }
done
cat "$edited"
