//go:build gpu

package kernels

/*
#cgo CFLAGS: -I/usr/local/cuda/include
#cgo LDFLAGS: -L/usr/local/cuda/lib64 -lcuda -ldl
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include "cublas.h"

// Opens a library and finds its functions. Returns NULL, or what is wrong.
static const char *load_blas(const char *path, struct blas_library *blas) {
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (library == NULL) return dlerror();
#define FIND(name) if ((blas->name = dlsym(library, #name)) == NULL) return dlerror();
	FIND(cublasCreate_v2) FIND(cublasDestroy_v2) FIND(cublasSetStream_v2) FIND(cublasSetWorkspace_v2)
	FIND(cublasSetMathMode) FIND(cublasSgemm_v2) FIND(cublasGemmEx) FIND(cublasGetStatusString)
#undef FIND
	return NULL;
}

// Returns the path of the file that a library was read from.
static const char *blas_path(const struct blas_library *blas) {
	Dl_info info;
	return dladdr((void *)blas->cublasCreate_v2, &info) != 0 ? info.dli_fname : "";
}

static int open_blas(const struct blas_library *blas, blas_handle *handle, CUstream stream, CUdeviceptr workspace, size_t size) {
	int status = blas->cublasCreate_v2(handle);
	if (status == BLAS_SUCCESS) status = blas->cublasSetStream_v2(*handle, stream);
	if (status == BLAS_SUCCESS) status = blas->cublasSetWorkspace_v2(*handle, (void *)workspace, size);
	return status;
}

static int close_blas(const struct blas_library *blas, blas_handle handle) { return blas->cublasDestroy_v2(handle); }

static const char *blas_status(const struct blas_library *blas, int status) { return blas->cublasGetStatusString(status); }

static int product(const struct blas_library *blas, blas_handle handle, int turn_a, int turn_b, int m, int n, int k, float alpha,
                   CUdeviceptr a, int lda, CUdeviceptr b, int ldb, float beta, CUdeviceptr c, int tensor) {
	int status = blas->cublasSetMathMode(handle, tensor ? BLAS_TF32_MATH : BLAS_DEFAULT_MATH);
	if (status != BLAS_SUCCESS) return status;
	return blas->cublasSgemm_v2(handle, turn_a ? BLAS_TRANSPOSED : BLAS_AS_STORED,
	                            turn_b ? BLAS_TRANSPOSED : BLAS_AS_STORED, m, n, k, &alpha, (const float *)a, lda,
	                            (const float *)b, ldb, &beta, (float *)c, m);
}

static int half_product(const struct blas_library *blas, blas_handle handle, int turn_a, int turn_b, int m, int n, int k,
                        float alpha, CUdeviceptr a, int lda, CUdeviceptr b, int ldb, float beta, CUdeviceptr c) {
	return blas->cublasGemmEx(handle, turn_a ? BLAS_TRANSPOSED : BLAS_AS_STORED,
	                          turn_b ? BLAS_TRANSPOSED : BLAS_AS_STORED, m, n, k,
	                          &alpha, (const void *)a, BLAS_BFLOAT16, lda, (const void *)b, BLAS_BFLOAT16, ldb,
	                          &beta, (void *)c, BLAS_FLOAT32, m, BLAS_COMPUTE_FLOAT32, BLAS_DEFAULT_ALGORITHM);
}
*/
import "C"

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"unsafe"

	"gorgonia.org/cu"
)

// blas is a cuBLAS handle on the GPU's stream. It has its own workspace, so that products can be
// captured and have the same bits in every run.
type blas struct {
	library   *C.struct_blas_library
	handle    C.blas_handle
	workspace cu.DevicePtr
}

// workspaceSize is what cuBLAS recommends for Hopper; earlier cards need less.
const workspaceSize = 32 << 20

// blasVersions are the major versions of cuBLAS that have what is used here, the newest first.
var blasVersions = []int{13, 12, 11}

// blasFiles lists where cuBLAS may be, in the order of the search: where the dynamic loader finds it, in the
// toolkit that CUDA_HOME names, and in the customary place.
func blasFiles() []string {
	folders := []string{""}
	if home := os.Getenv("CUDA_HOME"); home != "" {
		folders = append(folders, filepath.Join(home, "lib64"))
	}
	var files []string
	for _, folder := range append(folders, "/usr/local/cuda/lib64") {
		for _, version := range blasVersions {
			files = append(files, filepath.Join(folder, fmt.Sprintf("libcublas.so.%d", version)))
		}
	}
	return files
}

// openBLAS opens the first of some files that is a cuBLAS and works: a cuBLAS may be too new for the
// driver.
func (g *GPU) openBLAS(files []string) (*blas, error) {
	workspace, err := g.memory(workspaceSize)
	if err != nil {
		return nil, fmt.Errorf("workspace of cublas: %w", err)
	}
	failed := errors.New("kernels: cublas: no libcublas.so.13, .12 or .11, " +
		"neither among the shared libraries nor in $CUDA_HOME/lib64 or /usr/local/cuda/lib64")
	for _, file := range files {
		b := &blas{library: new(C.struct_blas_library), workspace: workspace}
		if !b.load(file) {
			continue
		}
		status := C.open_blas(b.library, &b.handle, g.cStream(), C.CUdeviceptr(workspace), workspaceSize)
		if err := b.check("open "+b.file(), status); err != nil {
			failed = err
			continue
		}
		g.BLAS = b.file()
		return b, nil
	}
	cu.MemFree(workspace)
	return nil, failed
}

// load reports whether a file is there and has the functions of cuBLAS.
func (b *blas) load(file string) bool {
	path := C.CString(file)
	defer C.free(unsafe.Pointer(path))
	return C.load_blas(path, b.library) == nil
}

// file returns the path of the library.
func (b *blas) file() string { return C.GoString(C.blas_path(b.library)) }

func (b *blas) close() error {
	err := b.check("close", C.close_blas(b.library, b.handle))
	if freed := cu.MemFree(b.workspace); err == nil {
		err = freed
	}
	return err
}

// check returns an error unless a status of cuBLAS says success.
func (b *blas) check(what string, status C.int) error {
	if status == C.BLAS_SUCCESS {
		return nil
	}
	return fmt.Errorf("kernels: cublas: %s: %s", what, C.GoString(C.blas_status(b.library, status)))
}

// Precision is the rounding of the factors of a product before they are multiplied, by which a caller
// chooses between [GPU.Product], without and with tensor, and [GPU.HalfProduct] of one term or two. Sums are float32.
type Precision int

const (
	Float32       Precision = iota // no rounding
	TensorFloat32                  // 10 bits of fraction; needs compute capability 8.0
	BFloat16                       // 7 bits of fraction; needs compute capability 8.0
	TwoBFloat16                    // two terms of 7 bits of fraction; needs compute capability 8.0
)

// matrix is a factor of a product as it is stored, row by row. turned selects its transpose.
type matrix struct {
	address Address
	width   int // columns as stored
	turned  bool
}

// product launches c = alpha·x·y + beta·c, with row-major x (rows, inner), y (inner, columns) and
// c (rows, columns). cuBLAS is column-major, so it computes the transpose of c from the factors
// in exchanged order. With tensor, factors are rounded to TF32.
func (g *GPU) product(c Address, alpha float32, x, y matrix, beta float32, rows, inner, columns int, tensor bool) error {
	return g.do(func() error {
		name := fmt.Sprintf("product (%d,%d)·(%d,%d)", rows, inner, inner, columns)
		if err := errors.Join(g.offBranch(), g.starts(name)); err != nil {
			return err
		}
		return g.blas.check(name,
			C.product(g.blas.library, g.blas.handle, truth(y.turned), truth(x.turned), C.int(columns), C.int(rows), C.int(inner),
				C.float(alpha), C.CUdeviceptr(y.address), C.int(y.width), C.CUdeviceptr(x.address), C.int(x.width),
				C.float(beta), C.CUdeviceptr(c), truth(tensor)))
	})
}

// halfProduct launches c = alpha·x·y + beta·c, with x and y in bfloat16 and c in float32.
func (g *GPU) halfProduct(c Address, alpha float32, x, y matrix, beta float32, rows, inner, columns int) error {
	return g.do(func() error {
		name := fmt.Sprintf("bfloat16 product (%d,%d)·(%d,%d)", rows, inner, inner, columns)
		if err := errors.Join(g.offBranch(), g.starts(name)); err != nil {
			return err
		}
		return g.blas.check(name,
			C.half_product(g.blas.library, g.blas.handle, truth(y.turned), truth(x.turned),
				C.int(columns), C.int(rows), C.int(inner), C.float(alpha), C.CUdeviceptr(y.address), C.int(y.width),
				C.CUdeviceptr(x.address), C.int(x.width), C.float(beta), C.CUdeviceptr(c)))
	})
}

func truth(b bool) C.int { return C.int(number(b)) }
