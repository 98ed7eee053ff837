// The part of cuBLAS that this project uses: handles, and products of column-major matrices.
#include <cstdarg>
#include <csignal>
#include <cstring>
#include <thread>

#include <cublas_v2.h>

#include "simulator.h"

namespace cudasim {

struct Blas : Object {
    CUstream stream = nullptr;
    CUdeviceptr workspace = 0;
    size_t workspace_size = 0;
    cublasMath_t mode = CUBLAS_DEFAULT_MATH;
    Blas(Context *c) : Object("cuBLAS handle", c) {}
};

// A matrix argument of cuBLAS: rows by columns as stored.
struct Matrix {
    CUdeviceptr at;
    cudaDataType type;
    int stride, rows, columns;
    bool transposed;

    size_t element() const { return type == CUDA_R_32F ? 4 : 2; }
    size_t bytes() const { return ((size_t)stride * (columns - 1) + rows) * element(); }
};

struct Product {
    int m, n, k;
    float alpha, beta;
    bool tf32;
    Matrix a, b, c;
};

// Returns x rounded to the 10 bits of fraction of TF32, ties away from zero.
static float tf32(float x) {
    uint32_t bits;
    memcpy(&bits, &x, 4);
    if ((bits & 0x7F800000u) != 0x7F800000u) bits = (bits + 0x1000u) & ~0x1FFFu;
    memcpy(&x, &bits, 4);
    return x;
}

// Element (i, l) of the operand, as the product reads it.
static float element(const Matrix &x, const char *bytes, bool round, int i, int l) {
    size_t at = x.transposed ? (size_t)i * x.stride + l : (size_t)l * x.stride + i;
    if (x.type == CUDA_R_32F) {
        float value = ((const float *)bytes)[at];
        return round ? tf32(value) : value;
    }
    uint32_t bits = (uint32_t)((const uint16_t *)bytes)[at] << 16; // bfloat16
    float value;
    memcpy(&value, &bits, 4);
    return value;
}

// The product is computed in tiles of 16 by 6 over at most 256 inner terms. Both operands are
// first copied in the order in which a tile reads them.
enum { tile_rows = 16, tile_columns = 6, depth = 256 };
typedef float column __attribute__((vector_size(4 * tile_rows)));

__attribute__((target_clones("avx512f", "arch=haswell", "default"))) static void
multiply_tile(float *tile, const float *a, const float *b, int terms) {
    column sum[tile_columns] = {};
    for (int l = 0; l < terms; l++) {
        column x;
        memcpy(&x, a + l * tile_rows, sizeof x);
        for (int j = 0; j < tile_columns; j++) sum[j] += x * b[l * tile_columns + j];
    }
    memcpy(tile, sum, sizeof sum);
}

// Computes columns [first, last) of the product.
static void multiply(const Product &p, const char *a, const char *b, float *c, int first, int last) {
    int panels = (last - first + tile_columns - 1) / tile_columns;
    std::vector<float> packed_a(tile_rows * depth), packed_b((size_t)panels * tile_columns * depth);
    float tile[tile_columns][tile_rows];
    for (int j = first; j < last; j++) {
        for (int i = 0; i < p.m; i++) {
            float &z = c[(size_t)j * p.c.stride + i];
            z = p.beta == 0 ? 0 : p.beta * z;
        }
    }
    for (int start = 0; start < p.k; start += depth) {
        int terms = std::min<int>(depth, p.k - start);
        for (int j = 0; j < panels * tile_columns; j++) {
            float *to = &packed_b[(size_t)(j / tile_columns) * tile_columns * depth + j % tile_columns];
            for (int l = 0; l < terms; l++) {
                to[l * tile_columns] = first + j < last ? element(p.b, b, p.tf32, start + l, first + j) : 0;
            }
        }
        for (int row = 0; row < p.m; row += tile_rows) {
            int height = std::min<int>(tile_rows, p.m - row);
            for (int i = 0; i < tile_rows; i++) {
                for (int l = 0; l < terms; l++) {
                    packed_a[l * tile_rows + i] = i < height ? element(p.a, a, p.tf32, row + i, start + l) : 0;
                }
            }
            for (int panel = 0; panel < panels; panel++) {
                multiply_tile(tile[0], packed_a.data(), &packed_b[(size_t)panel * tile_columns * depth], terms);
                for (int j = 0; j < tile_columns && first + panel * tile_columns + j < last; j++) {
                    float *z = c + (size_t)(first + panel * tile_columns + j) * p.c.stride + row;
                    for (int i = 0; i < height; i++) z[i] += p.alpha * tile[j][i];
                }
            }
        }
    }
}

static void run(const Product &p) {
    auto a = (const char *)view(p.a.at, p.a.bytes(), "A"), b = (const char *)view(p.b.at, p.b.bytes(), "B");
    auto c = (float *)view(p.c.at, p.c.bytes(), "C");
    if (!a || !b || !c) return;
    count("products", 1);
    const int64_t large = 1 << 20; // multiplications above which a second thread pays
    int middle = p.n / 2 / tile_columns * tile_columns;
    if ((int64_t)p.m * p.n * p.k < large || middle == 0) return multiply(p, a, b, c, 0, p.n);
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before); // none of Go's signals for the new thread
    std::thread other([&] { multiply(p, a, b, c, 0, middle); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    multiply(p, a, b, c, middle, p.n);
    other.join();
}

static bool overlap(const Matrix &x, const Matrix &y) {
    return x.at < y.at + y.bytes() && y.at < x.at + x.bytes();
}

static bool check_matrix(const Matrix &x, const char *name) {
    if (x.stride < std::max(1, x.rows)) {
        violation(CUDA_ERROR_INVALID_VALUE, "%s: leading dimension %d, want at least %d", name, x.stride, x.rows);
        return false;
    }
    if (x.at % x.element()) {
        violation(CUDA_ERROR_INVALID_VALUE, "%s: 0x%llx is not aligned to %zu bytes", name, x.at, x.element());
        return false;
    }
    return view(x.at, x.bytes(), name) != nullptr;
}

static cublasStatus_t product(Blas *h, const char *name, const Product &p) {
    if (p.m < 1 || p.n < 1 || p.k < 1) {
        violation(CUDA_ERROR_INVALID_VALUE, "m %d, n %d, k %d", p.m, p.n, p.k);
        return CUBLAS_STATUS_INVALID_VALUE;
    }
    if (!check_matrix(p.a, "A") || !check_matrix(p.b, "B") || !check_matrix(p.c, "C")) return CUBLAS_STATUS_INVALID_VALUE;
    if (overlap(p.c, p.a) || overlap(p.c, p.b)) {
        violation(CUDA_ERROR_INVALID_VALUE, "C overlaps an operand");
        return CUBLAS_STATUS_INVALID_VALUE;
    }
    if (is_capturing(h->stream) && !h->workspace) {
        violation(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "captured without a workspace of its own (cublasSetStream takes it away)");
        return CUBLAS_STATUS_EXECUTION_FAILED;
    }
    CUdeviceptr workspace = h->workspace;
    size_t size = std::min<size_t>(h->workspace_size, 4096);
    CUresult code = submit(h->stream, name, [=] {
        if (workspace) memset(view(workspace, size, "workspace"), 0xFF, size); // a workspace does not keep its contents
        run(p);
    });
    return code == CUDA_SUCCESS ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_EXECUTION_FAILED;
}

static Blas *blas(cublasHandle_t handle) { return checked<Blas>(handle, "cuBLAS handle"); }

static Matrix operand(cublasOperation_t op, const void *at, cudaDataType type, int stride, int rows, int columns) {
    if (op == CUBLAS_OP_N) return {(CUdeviceptr)at, type, stride, rows, columns, false};
    return {(CUdeviceptr)at, type, stride, columns, rows, true};
}

} // namespace cudasim

using namespace cudasim;

extern "C" {

cublasStatus_t cublasCreate_v2(cublasHandle_t *out) {
    Call call("cublasCreate");
    Context *context = current();
    if (!context || !may_run_in_capture(true)) return CUBLAS_STATUS_NOT_INITIALIZED;
    *out = (cublasHandle_t) new Blas(context);
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasDestroy_v2(cublasHandle_t handle) {
    Call call("cublasDestroy");
    Blas *h = blas(handle);
    if (!h || !may_run_in_capture(true)) return CUBLAS_STATUS_NOT_INITIALIZED;
    finish_streams(false);
    h->end();
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetStream_v2(cublasHandle_t handle, cudaStream_t stream) {
    Call call("cublasSetStream");
    Blas *h = blas(handle);
    if (!h || (stream && !checked(stream, "stream"))) return CUBLAS_STATUS_NOT_INITIALIZED;
    h->stream = stream;
    h->workspace = 0;
    h->workspace_size = 0;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetWorkspace_v2(cublasHandle_t handle, void *workspace, size_t size) {
    Call call("cublasSetWorkspace");
    Blas *h = blas(handle);
    auto at = (CUdeviceptr)workspace;
    if (!h || !view(at, size, "workspace")) return CUBLAS_STATUS_INVALID_VALUE;
    if (at % 256) {
        violation(CUDA_ERROR_INVALID_VALUE, "workspace 0x%llx is not aligned to 256 bytes", at);
        return CUBLAS_STATUS_INVALID_VALUE;
    }
    h->workspace = at;
    h->workspace_size = size;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetMathMode(cublasHandle_t handle, cublasMath_t mode) {
    Call call("cublasSetMathMode");
    Blas *h = blas(handle);
    if (!h) return CUBLAS_STATUS_NOT_INITIALIZED;
    if (mode != CUBLAS_DEFAULT_MATH && mode != CUBLAS_PEDANTIC_MATH && mode != CUBLAS_TF32_TENSOR_OP_MATH) {
        violation(CUDA_ERROR_INVALID_VALUE, "math mode %d is not simulated", mode);
        return CUBLAS_STATUS_INVALID_VALUE;
    }
    h->mode = mode;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSgemm_v2(cublasHandle_t handle, cublasOperation_t op_a, cublasOperation_t op_b, int m, int n, int k,
                              const float *alpha, const float *a, int lda, const float *b, int ldb, const float *beta,
                              float *c, int ldc) {
    Call call("cublasSgemm");
    Blas *h = blas(handle);
    if (!h) return CUBLAS_STATUS_NOT_INITIALIZED;
    return product(h, "cublasSgemm", {m, n, k, *alpha, *beta, h->mode == CUBLAS_TF32_TENSOR_OP_MATH,
                                      operand(op_a, a, CUDA_R_32F, lda, m, k), operand(op_b, b, CUDA_R_32F, ldb, k, n),
                                      operand(CUBLAS_OP_N, c, CUDA_R_32F, ldc, m, n)});
}

cublasStatus_t cublasGemmEx(cublasHandle_t handle, cublasOperation_t op_a, cublasOperation_t op_b, int m, int n, int k,
                            const void *alpha, const void *a, cudaDataType type_a, int lda, const void *b,
                            cudaDataType type_b, int ldb, const void *beta, void *c, cudaDataType type_c, int ldc,
                            cublasComputeType_t compute, cublasGemmAlgo_t) {
    Call call("cublasGemmEx");
    Blas *h = blas(handle);
    if (!h) return CUBLAS_STATUS_NOT_INITIALIZED;
    if (type_a != type_b || (type_a != CUDA_R_32F && type_a != CUDA_R_16BF) || type_c != CUDA_R_32F ||
        (compute != CUBLAS_COMPUTE_32F && compute != CUBLAS_COMPUTE_32F_FAST_TF32)) {
        violation(CUDA_ERROR_INVALID_VALUE, "types %d, %d, %d with compute type %d are not simulated", type_a, type_b, type_c, compute);
        return CUBLAS_STATUS_NOT_SUPPORTED;
    }
    bool round = type_a == CUDA_R_32F && (h->mode == CUBLAS_TF32_TENSOR_OP_MATH || compute == CUBLAS_COMPUTE_32F_FAST_TF32);
    return product(h, "cublasGemmEx", {m, n, k, *(const float *)alpha, *(const float *)beta, round,
                                       operand(op_a, a, type_a, lda, m, k), operand(op_b, b, type_b, ldb, k, n),
                                       operand(CUBLAS_OP_N, c, type_c, ldc, m, n)});
}

const char *cublasGetStatusString(cublasStatus_t status) {
    switch (status) {
    case CUBLAS_STATUS_SUCCESS: return "CUBLAS_STATUS_SUCCESS";
    case CUBLAS_STATUS_NOT_INITIALIZED: return "CUBLAS_STATUS_NOT_INITIALIZED";
    case CUBLAS_STATUS_ALLOC_FAILED: return "CUBLAS_STATUS_ALLOC_FAILED";
    case CUBLAS_STATUS_INVALID_VALUE: return "CUBLAS_STATUS_INVALID_VALUE";
    case CUBLAS_STATUS_EXECUTION_FAILED: return "CUBLAS_STATUS_EXECUTION_FAILED";
    case CUBLAS_STATUS_NOT_SUPPORTED: return "CUBLAS_STATUS_NOT_SUPPORTED";
    default: return "an unknown status";
    }
}

} // extern "C"
