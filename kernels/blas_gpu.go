//go:build gpu

package kernels

/*
#cgo CFLAGS: -I/usr/local/cuda/include
#cgo LDFLAGS: -L/usr/local/cuda/lib64 -lcublas -lcuda
#include <cublas_v2.h>
#include <cuda.h>

static cublasStatus_t open_blas(cublasHandle_t *handle, CUstream stream, CUdeviceptr workspace, size_t size) {
	cublasStatus_t status = cublasCreate(handle);
	if (status == CUBLAS_STATUS_SUCCESS) status = cublasSetStream(*handle, stream);
	if (status == CUBLAS_STATUS_SUCCESS) status = cublasSetWorkspace(*handle, (void *)workspace, size);
	return status;
}

static cublasStatus_t product(cublasHandle_t handle, int turn_a, int turn_b, int m, int n, int k, float alpha,
                              CUdeviceptr a, int lda, CUdeviceptr b, int ldb, float beta, CUdeviceptr c, int tensor) {
	cublasStatus_t status = cublasSetMathMode(handle, tensor ? CUBLAS_TF32_TENSOR_OP_MATH : CUBLAS_DEFAULT_MATH);
	if (status != CUBLAS_STATUS_SUCCESS) return status;
	return cublasSgemm(handle, turn_a ? CUBLAS_OP_T : CUBLAS_OP_N, turn_b ? CUBLAS_OP_T : CUBLAS_OP_N, m, n, k,
	                   &alpha, (const float *)a, lda, (const float *)b, ldb, &beta, (float *)c, m);
}

static cublasStatus_t half_product(cublasHandle_t handle, int turn_a, int m, int n, int k,
                                   CUdeviceptr a, int lda, CUdeviceptr b, int ldb, CUdeviceptr c) {
	float alpha = 1, beta = 0;
	return cublasGemmEx(handle, turn_a ? CUBLAS_OP_T : CUBLAS_OP_N, CUBLAS_OP_N, m, n, k,
	                    &alpha, (const void *)a, CUDA_R_16BF, lda, (const void *)b, CUDA_R_16BF, ldb,
	                    &beta, (void *)c, CUDA_R_32F, m, CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT);
}
*/
import "C"

import (
	"fmt"

	"gorgonia.org/cu"
)

// blas is a cuBLAS handle on the GPU's stream. It has its own workspace, so that products can be
// captured and have the same bits in every run.
type blas struct {
	handle    C.cublasHandle_t
	workspace cu.DevicePtr
}

// workspaceSize is what cuBLAS recommends for Hopper; earlier cards need less.
const workspaceSize = 32 << 20

func (g *GPU) openBLAS() (*blas, error) {
	workspace, err := g.memory(workspaceSize)
	if err != nil {
		return nil, fmt.Errorf("workspace of cublas: %w", err)
	}
	b := &blas{workspace: workspace}
	status := C.open_blas(&b.handle, g.cStream(), C.CUdeviceptr(workspace), workspaceSize)
	if err := blasError("open", status); err != nil {
		cu.MemFree(workspace)
		return nil, err
	}
	return b, nil
}

func (b *blas) close() error {
	err := blasError("close", C.cublasDestroy(b.handle))
	if freed := cu.MemFree(b.workspace); err == nil {
		err = freed
	}
	return err
}

func blasError(what string, status C.cublasStatus_t) error {
	if status == C.CUBLAS_STATUS_SUCCESS {
		return nil
	}
	return fmt.Errorf("kernels: cublas: %s: %s", what, C.GoString(C.cublasGetStatusString(status)))
}

// Precision is the rounding of the factors of a product before they are multiplied. Sums are
// float32.
type Precision int

const (
	Float32       Precision = iota // no rounding
	TensorFloat32                  // 10 bits of fraction; needs compute capability 8.0
	BFloat16                       // 7 bits of fraction; needs compute capability 8.0
)

// matrix is a factor of a product as it is stored, row by row. turned selects its transpose.
type matrix struct {
	address Address
	width   int // columns as stored
	turned  bool
}

// product launches c = alpha·x·y + beta·c, with row-major x (rows, inner), y (inner, columns) and
// c (rows, columns). cuBLAS is column-major, so it computes the transpose of c from the factors
// in exchanged order.
func (g *GPU) product(c Address, alpha float32, x, y matrix, beta float32, rows, inner, columns int, tensor bool) error {
	return g.do(func() error {
		g.count()
		return blasError(fmt.Sprintf("product (%d,%d)·(%d,%d)", rows, inner, inner, columns),
			C.product(g.blas.handle, truth(y.turned), truth(x.turned), C.int(columns), C.int(rows), C.int(inner),
				C.float(alpha), C.CUdeviceptr(y.address), C.int(y.width), C.CUdeviceptr(x.address), C.int(x.width),
				C.float(beta), C.CUdeviceptr(c), truth(tensor)))
	})
}

// halfProduct launches c = x·y, with x and y in bfloat16.
func (g *GPU) halfProduct(c Address, x, y matrix, rows, inner, columns int) error {
	return g.do(func() error {
		g.count()
		return blasError(fmt.Sprintf("bfloat16 product (%d,%d)·(%d,%d)", rows, inner, inner, columns),
			C.half_product(g.blas.handle, truth(y.turned), C.int(columns), C.int(rows), C.int(inner),
				C.CUdeviceptr(y.address), C.int(y.width), C.CUdeviceptr(x.address), C.int(x.width), C.CUdeviceptr(c)))
	})
}

func truth(b bool) C.int { return C.int(number(b)) }
