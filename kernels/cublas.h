// What harmonium uses of cuBLAS. The library is opened when a GPU is, so that one build runs with
// its versions 11, 12 and 13, in which these values and signatures are the same.
#ifndef HARMONIUM_CUBLAS_H
#define HARMONIUM_CUBLAS_H

#include <cuda.h>
#include <stddef.h>

typedef struct cublasContext *blas_handle;

enum {
	BLAS_SUCCESS = 0,
	BLAS_AS_STORED = 0, // cublasOperation_t
	BLAS_TRANSPOSED = 1,
	BLAS_DEFAULT_MATH = 0, // cublasMath_t
	BLAS_TF32_MATH = 3,
	BLAS_FLOAT32 = 0, // cudaDataType
	BLAS_BFLOAT16 = 14,
	BLAS_COMPUTE_FLOAT32 = 68, // cublasComputeType_t
	BLAS_DEFAULT_ALGORITHM = -1, // cublasGemmAlgo_t
};

// The functions, by their names in the library.
struct blas_library {
	int (*cublasCreate_v2)(blas_handle *handle);
	int (*cublasDestroy_v2)(blas_handle handle);
	int (*cublasSetStream_v2)(blas_handle handle, CUstream stream);
	int (*cublasSetWorkspace_v2)(blas_handle handle, void *workspace, size_t size);
	int (*cublasSetMathMode)(blas_handle handle, int mode);
	int (*cublasSgemm_v2)(blas_handle handle, int op_a, int op_b, int m, int n, int k, const float *alpha,
	                      const float *a, int lda, const float *b, int ldb, const float *beta, float *c, int ldc);
	int (*cublasGemmEx)(blas_handle handle, int op_a, int op_b, int m, int n, int k, const void *alpha,
	                    const void *a, int type_a, int lda, const void *b, int type_b, int ldb, const void *beta,
	                    void *c, int type_c, int ldc, int compute, int algorithm);
	const char *(*cublasGetStatusString)(int status);
};

#endif
