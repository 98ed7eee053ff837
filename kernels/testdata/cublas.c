// Compiles if cublas.h has the values and the signatures of a toolkit's cublas_v2.h.
#include "../cublas.h"

#include <cublas_v2.h>

#define SAME(ours, theirs) _Static_assert((int)(ours) == (int)(theirs), #theirs)
SAME(BLAS_SUCCESS, CUBLAS_STATUS_SUCCESS);
SAME(BLAS_AS_STORED, CUBLAS_OP_N);
SAME(BLAS_TRANSPOSED, CUBLAS_OP_T);
SAME(BLAS_DEFAULT_MATH, CUBLAS_DEFAULT_MATH);
SAME(BLAS_TF32_MATH, CUBLAS_TF32_TENSOR_OP_MATH);
SAME(BLAS_FLOAT32, CUDA_R_32F);
SAME(BLAS_BFLOAT16, CUDA_R_16BF);
SAME(BLAS_COMPUTE_FLOAT32, CUBLAS_COMPUTE_32F);
SAME(BLAS_DEFAULT_ALGORITHM, CUBLAS_GEMM_DEFAULT);
_Static_assert(sizeof(cublasStatus_t) == sizeof(int) && sizeof(cublasOperation_t) == sizeof(int) &&
                   sizeof(cublasMath_t) == sizeof(int) && sizeof(cudaDataType) == sizeof(int) &&
                   sizeof(cublasComputeType_t) == sizeof(int) && sizeof(cublasGemmAlgo_t) == sizeof(int),
               "sizes of enumerations");

// The same arguments as in the pointers of blas_library, but for enumerations, which are ints.
int create(blas_handle *handle) { return cublasCreate_v2(handle); }
int destroy(blas_handle handle) { return cublasDestroy_v2(handle); }
int set_stream(blas_handle handle, CUstream stream) { return cublasSetStream_v2(handle, stream); }
int set_workspace(blas_handle handle, void *workspace, size_t size) { return cublasSetWorkspace_v2(handle, workspace, size); }
int set_math_mode(blas_handle handle, int mode) { return cublasSetMathMode(handle, mode); }
int sgemm(blas_handle handle, int op_a, int op_b, int m, int n, int k, const float *alpha, const float *a, int lda,
          const float *b, int ldb, const float *beta, float *c, int ldc) {
	return cublasSgemm_v2(handle, op_a, op_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}
int gemm_ex(blas_handle handle, int op_a, int op_b, int m, int n, int k, const void *alpha, const void *a, int type_a,
            int lda, const void *b, int type_b, int ldb, const void *beta, void *c, int type_c, int ldc, int compute,
            int algorithm) {
	return cublasGemmEx(handle, op_a, op_b, m, n, k, alpha, a, type_a, lda, b, type_b, ldb, beta, c, type_c, ldc,
	                    (cublasComputeType_t)compute, algorithm);
}
const char *status_string(int status) { return cublasGetStatusString(status); }

struct blas_library library = {create,        destroy, set_stream, set_workspace,
                               set_math_mode, sgemm,   gemm_ex,    status_string};
