/* The products of cuBLAS, in float, for float, half and bfloat16. */
#include "gemm.h"
#include "half.h"
#include "softcuda.h"
#include <cstring>
#include <set>
#include <vector>

namespace {

enum Status { SUCCESS = 0, NOT_INITIALIZED = 1, ALLOCATION_FAILED = 3, INVALID_VALUE = 7, EXECUTION_FAILED = 13, NOT_SUPPORTED = 15 };
enum Type { FLOAT = 0, HALF = 2, BFLOAT16 = 14 };
enum Compute { COMPUTE_FLOAT = 68, COMPUTE_FLOAT_PEDANTIC = 69, COMPUTE_FAST_HALF = 74, COMPUTE_FAST_BFLOAT16 = 75, COMPUTE_FAST_TF32 = 77 };
enum PointerMode { HOST, DEVICE };
enum Operation { AS_IS, TRANSPOSED, CONJUGATE_TRANSPOSED };

struct Handle {
    void *stream = nullptr;
    int pointer_mode = HOST;
    int math_mode = 0;
    int atomics = 0;
    void *workspace = nullptr;
    size_t workspace_bytes = 0;
};

std::set<Handle *> handles;

/* A matrix of columns, as cuBLAS has them. */
struct Matrix {
    const void *data;
    int type;
    int rows, columns;
    int64_t leading;
    long long stride;
};

size_t size_of(int type) { return type == FLOAT ? 4 : 2; }
bool is_type(int type) { return type == FLOAT || type == HALF || type == BFLOAT16; }

float load(const char *data, int type, size_t i)
{
    if (type == FLOAT) {
        return reinterpret_cast<const float *>(data)[i];
    }
    unsigned short bits = reinterpret_cast<const unsigned short *>(data)[i];
    return type == HALF ? soft_half_to_float(bits) : soft_bfloat16_to_float(bits);
}

void store(char *data, int type, size_t i, float value)
{
    if (type == FLOAT) {
        reinterpret_cast<float *>(data)[i] = value;
    } else {
        reinterpret_cast<unsigned short *>(data)[i] = type == HALF ? soft_float_to_half(value) : soft_float_to_bfloat16(value);
    }
}

const char *element(const Matrix &matrix, int batch)
{
    return static_cast<const char *>(matrix.data) + size_t(batch) * size_t(matrix.stride) * size_of(matrix.type);
}

void need(const char *name, const Matrix &matrix, int batch)
{
    size_t elements = size_t(matrix.columns - 1) * size_t(matrix.leading) + size_t(matrix.rows);
    softcuda::need(name, element(matrix, batch), elements * size_of(matrix.type));
}

/* Its transpose with contiguous rows: [columns, rows], or as many of the transposed matrix. */
std::vector<float> rows_of(const Matrix &matrix, int batch, bool transposed)
{
    std::vector<float> rows(size_t(matrix.rows) * size_t(matrix.columns));
    const char *data = element(matrix, batch);
    for (int c = 0; c < matrix.columns; c++) {
        for (int r = 0; r < matrix.rows; r++) {
            float value = load(data, matrix.type, size_t(c) * size_t(matrix.leading) + size_t(r));
            rows[transposed ? size_t(r) * size_t(matrix.columns) + size_t(c) : size_t(c) * size_t(matrix.rows) + size_t(r)] = value;
        }
    }
    return rows;
}

struct Product {
    bool a_transposed, b_transposed;
    int m, n, k;
    Matrix a, b, c;
    int batches;
    const float *alpha_pointer, *beta_pointer;
    float alpha, beta;
};

/* The columns of C = op(A) op(B) are the rows of op(B)^T op(A)^T. */
void multiply(const Product &p, float alpha, float beta, int batch)
{
    size_t m = size_t(p.m), n = size_t(p.n), k = size_t(p.k);
    std::vector<float> product(m * n);
    if (alpha != 0 && k > 0) {
        need("A", p.a, batch);
        need("B", p.b, batch);
        std::vector<float> a = rows_of(p.a, batch, p.a_transposed);
        std::vector<float> b = rows_of(p.b, batch, p.b_transposed);
        softcuda::multiply_add(n, m, k, b.data(), k, a.data(), m, product.data(), m);
    }
    need("C", p.c, batch);
    char *c = const_cast<char *>(element(p.c, batch));
    for (size_t j = 0; j < n; j++) {
        for (size_t i = 0; i < m; i++) {
            size_t at = j * size_t(p.c.leading) + i;
            float before = beta == 0 ? 0 : beta * load(c, p.c.type, at);
            store(c, p.c.type, at, alpha * product[j * m + i] + before);
        }
    }
}

bool is_supported(const Product &p, int compute)
{
    bool computes = compute == COMPUTE_FLOAT || compute == COMPUTE_FLOAT_PEDANTIC || compute == COMPUTE_FAST_HALF ||
                    compute == COMPUTE_FAST_BFLOAT16 || compute == COMPUTE_FAST_TF32;
    bool types = is_type(p.a.type) && p.a.type == p.b.type && (p.c.type == p.a.type || p.c.type == FLOAT);
    return computes && types;
}

bool is_valid(const Product &p)
{
    auto holds = [](const Matrix &matrix) { return matrix.leading >= std::max(1, matrix.rows); };
    return p.m >= 0 && p.n >= 0 && p.k >= 0 && p.batches >= 0 && holds(p.a) && holds(p.b) && holds(p.c) &&
           p.alpha_pointer != nullptr && p.beta_pointer != nullptr;
}

bool is_operation(int operation) { return operation >= AS_IS && operation <= CONJUGATE_TRANSPOSED; }

int run(void *handle, Product p, int compute)
{
    auto *known = static_cast<Handle *>(handle);
    if (handles.count(known) == 0) {
        return NOT_INITIALIZED;
    }
    if (!is_valid(p)) {
        return INVALID_VALUE;
    }
    if (!is_supported(p, compute)) {
        return NOT_SUPPORTED;
    }
    if (p.m == 0 || p.n == 0 || p.batches == 0) {
        return SUCCESS;
    }
    bool on_device = known->pointer_mode == DEVICE;
    if (!on_device) {
        p.alpha = *p.alpha_pointer;
        p.beta = *p.beta_pointer;
    }
    int status = softcuda::submit(known->stream, "cuBLAS product", [p, on_device] {
        if (on_device) {
            softcuda::need("alpha", p.alpha_pointer, sizeof(float));
            softcuda::need("beta", p.beta_pointer, sizeof(float));
        }
        float alpha = on_device ? *p.alpha_pointer : p.alpha;
        float beta = on_device ? *p.beta_pointer : p.beta;
        for (int batch = 0; batch < p.batches; batch++) {
            multiply(p, alpha, beta, batch);
        }
    });
    return status == 0 ? SUCCESS : EXECUTION_FAILED;
}

Product product(int ta, int tb, int m, int n, int k, const void *alpha, const void *beta)
{
    Product p = {};
    p.a_transposed = ta != AS_IS;
    p.b_transposed = tb != AS_IS;
    p.m = m;
    p.n = n;
    p.k = k;
    p.batches = 1;
    p.alpha_pointer = static_cast<const float *>(alpha);
    p.beta_pointer = static_cast<const float *>(beta);
    return p;
}

Matrix matrix(const void *data, int type, int64_t leading, long long stride, int rows, int columns, bool transposed)
{
    return {data, type, transposed ? columns : rows, transposed ? rows : columns, leading, stride};
}

} // namespace

#define ENTER_WITH(handle)                                                     \
    SOFTCUDA_ENTER()                                                           \
    if (handles.count(static_cast<Handle *>(handle)) == 0) {                   \
        return NOT_INITIALIZED;                                                \
    }

SOFTCUDA_API(cublasCreate_v2, Handle **handle)
{
    SOFTCUDA_ENTER()
    if (softcuda::unusable() != 0 || softcuda::forbidden_while_capturing() != 0) {
        return NOT_INITIALIZED;
    }
    *handle = *handles.insert(new Handle).first;
    softcuda::add(softcuda::Count::CUBLAS_HANDLES, 1);
    return SUCCESS;
}

SOFTCUDA_API(cublasDestroy_v2, Handle *handle)
{
    ENTER_WITH(handle)
    handles.erase(handle);
    delete handle;
    softcuda::add(softcuda::Count::CUBLAS_HANDLES, -1);
    return SUCCESS;
}

SOFTCUDA_API(cublasGetVersion_v2, Handle *, int *version)
{
    SOFTCUDA_ENTER()
    uint32_t wanted = softcuda::control().cublas_version;
    *version = wanted == 0 ? 120600 : int(wanted);
    return SUCCESS;
}

SOFTCUDA_API(cublasGetProperty, int which, int *value)
{
    SOFTCUDA_ENTER()
    uint32_t wanted = softcuda::control().cublas_version;
    int version = wanted == 0 ? 120600 : int(wanted);
    if (which < 0 || which > 2) {
        return INVALID_VALUE;
    }
    *value = which == 0 ? version / 10000 : which == 1 ? version / 100 % 100 : version % 100;
    return SUCCESS;
}

extern "C" SOFTCUDA_VISIBLE size_t cublasGetCudartVersion() { return 12060; }

/* A stream's change takes the workspace of the caller away, as cuBLAS does. */
SOFTCUDA_API(cublasSetStream_v2, Handle *handle, void *stream)
{
    ENTER_WITH(handle)
    if (softcuda::unusable_stream(stream) != 0) {
        return INVALID_VALUE;
    }
    handle->stream = stream;
    handle->workspace = nullptr;
    handle->workspace_bytes = 0;
    return SUCCESS;
}

SOFTCUDA_API(cublasGetStream_v2, Handle *handle, void **stream)
{
    ENTER_WITH(handle)
    *stream = handle->stream;
    return SUCCESS;
}

SOFTCUDA_API(cublasSetWorkspace_v2, Handle *handle, void *workspace, size_t bytes)
{
    ENTER_WITH(handle)
    if (softcuda::address_of(workspace) % 256 != 0) {
        return INVALID_VALUE;
    }
    handle->workspace = workspace;
    handle->workspace_bytes = bytes;
    return SUCCESS;
}

SOFTCUDA_API(cublasSetPointerMode_v2, Handle *handle, int mode)
{
    ENTER_WITH(handle)
    handle->pointer_mode = mode;
    return mode == HOST || mode == DEVICE ? SUCCESS : INVALID_VALUE;
}

SOFTCUDA_API(cublasGetPointerMode_v2, Handle *handle, int *mode)
{
    ENTER_WITH(handle)
    *mode = handle->pointer_mode;
    return SUCCESS;
}

SOFTCUDA_API(cublasSetMathMode, Handle *handle, int mode)
{
    ENTER_WITH(handle)
    handle->math_mode = mode;
    return SUCCESS;
}

SOFTCUDA_API(cublasGetMathMode, Handle *handle, int *mode)
{
    ENTER_WITH(handle)
    *mode = handle->math_mode;
    return SUCCESS;
}

SOFTCUDA_API(cublasSetAtomicsMode, Handle *handle, int mode)
{
    ENTER_WITH(handle)
    handle->atomics = mode;
    return SUCCESS;
}

SOFTCUDA_API(cublasSgemm_v2, void *handle, int ta, int tb, int m, int n, int k, const float *alpha, const float *a, int lda,
             const float *b, int ldb, const float *beta, float *c, int ldc)
{
    SOFTCUDA_ENTER()
    if (!is_operation(ta) || !is_operation(tb)) {
        return INVALID_VALUE;
    }
    Product p = product(ta, tb, m, n, k, alpha, beta);
    p.a = matrix(a, FLOAT, lda, 0, m, k, p.a_transposed);
    p.b = matrix(b, FLOAT, ldb, 0, k, n, p.b_transposed);
    p.c = matrix(c, FLOAT, ldc, 0, m, n, false);
    return run(handle, p, COMPUTE_FLOAT);
}

SOFTCUDA_API(cublasGemmEx, void *handle, int ta, int tb, int m, int n, int k, const void *alpha, const void *a, int a_type, int lda,
             const void *b, int b_type, int ldb, const void *beta, void *c, int c_type, int ldc, int compute, int)
{
    SOFTCUDA_ENTER()
    if (!is_operation(ta) || !is_operation(tb)) {
        return INVALID_VALUE;
    }
    Product p = product(ta, tb, m, n, k, alpha, beta);
    p.a = matrix(a, a_type, lda, 0, m, k, p.a_transposed);
    p.b = matrix(b, b_type, ldb, 0, k, n, p.b_transposed);
    p.c = matrix(c, c_type, ldc, 0, m, n, false);
    return run(handle, p, compute);
}

SOFTCUDA_API(cublasGemmStridedBatchedEx, void *handle, int ta, int tb, int m, int n, int k, const void *alpha, const void *a, int a_type,
             int lda, long long a_stride, const void *b, int b_type, int ldb, long long b_stride, const void *beta, void *c, int c_type,
             int ldc, long long c_stride, int batches, int compute, int)
{
    SOFTCUDA_ENTER()
    if (!is_operation(ta) || !is_operation(tb)) {
        return INVALID_VALUE;
    }
    Product p = product(ta, tb, m, n, k, alpha, beta);
    p.batches = batches;
    p.a = matrix(a, a_type, lda, a_stride, m, k, p.a_transposed);
    p.b = matrix(b, b_type, ldb, b_stride, k, n, p.b_transposed);
    p.c = matrix(c, c_type, ldc, c_stride, m, n, false);
    return run(handle, p, compute);
}

extern "C" SOFTCUDA_VISIBLE const char *cublasGetStatusName(int status)
{
    switch (status) {
    case SUCCESS:
        return "CUBLAS_STATUS_SUCCESS";
    case NOT_INITIALIZED:
        return "CUBLAS_STATUS_NOT_INITIALIZED";
    case ALLOCATION_FAILED:
        return "CUBLAS_STATUS_ALLOC_FAILED";
    case INVALID_VALUE:
        return "CUBLAS_STATUS_INVALID_VALUE";
    case EXECUTION_FAILED:
        return "CUBLAS_STATUS_EXECUTION_FAILED";
    case NOT_SUPPORTED:
        return "CUBLAS_STATUS_NOT_SUPPORTED";
    default:
        return "unknown";
    }
}

extern "C" SOFTCUDA_VISIBLE const char *cublasGetStatusString(int status)
{
    switch (status) {
    case SUCCESS:
        return "success";
    case NOT_INITIALIZED:
        return "the library was not initialized";
    case ALLOCATION_FAILED:
        return "the resource allocation failed";
    case INVALID_VALUE:
        return "an unsupported value or parameter was passed to the function";
    case EXECUTION_FAILED:
        return "the function failed to launch on the GPU";
    case NOT_SUPPORTED:
        return "the functionality requested is not supported";
    default:
        return "unknown status";
    }
}
