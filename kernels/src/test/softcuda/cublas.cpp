/* The products of cuBLAS, in float, for float, half and bfloat16. */
#include "gemm.h"
#include "half.h"
#include "softcuda.h"
#include <algorithm>
#include <cstring>
#include <set>
#include <vector>

namespace {

enum Status { SUCCESS = 0, NOT_INITIALIZED = 1, INVALID_VALUE = 7, EXECUTION_FAILED = 13, NOT_SUPPORTED = 15 };
enum Type { FLOAT = 0, HALF = 2, BFLOAT16 = 14 };
enum Compute { COMPUTE_FLOAT = 68, COMPUTE_FAST_TF32 = 77 };
enum Operation { AS_IS, TRANSPOSED, CONJUGATE_TRANSPOSED };
constexpr unsigned char SCRIBBLE = 0xa5;
constexpr size_t SCRIBBLED = 4096;

struct Handle {
    void *stream = nullptr;
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

void need(const char *name, const Matrix &matrix)
{
    size_t elements = size_t(matrix.columns - 1) * size_t(matrix.leading) + size_t(matrix.rows);
    softcuda::need(name, matrix.data, elements * size_of(matrix.type));
}

/* Its transpose with contiguous rows: [columns, rows], or as many of the transposed matrix. */
std::vector<float> rows_of(const Matrix &matrix, bool transposed)
{
    std::vector<float> rows(size_t(matrix.rows) * size_t(matrix.columns));
    auto *data = static_cast<const char *>(matrix.data);
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
    float alpha, beta;
    void *workspace;
    size_t workspace_bytes;
};

/* What a product leaves in the workspace is nobody's result. */
void use_workspace(const Product &p)
{
    if (p.workspace_bytes > 0) {
        softcuda::need("workspace", p.workspace, p.workspace_bytes);
        memset(p.workspace, SCRIBBLE, std::min(p.workspace_bytes, SCRIBBLED));
    }
}

/* The columns of C = op(A) op(B) are the rows of op(B)^T op(A)^T. */
void multiply(const Product &p)
{
    size_t m = size_t(p.m), n = size_t(p.n), k = size_t(p.k);
    std::vector<float> product(m * n);
    if (p.alpha != 0 && k > 0) {
        need("A", p.a);
        need("B", p.b);
        std::vector<float> a = rows_of(p.a, p.a_transposed);
        std::vector<float> b = rows_of(p.b, p.b_transposed);
        softcuda::multiply_add(n, m, k, b.data(), k, a.data(), m, product.data(), m);
    }
    need("C", p.c);
    auto *c = static_cast<char *>(const_cast<void *>(p.c.data));
    for (size_t j = 0; j < n; j++) {
        for (size_t i = 0; i < m; i++) {
            size_t at = j * size_t(p.c.leading) + i;
            float before = p.beta == 0 ? 0 : p.beta * load(c, p.c.type, at);
            store(c, p.c.type, at, p.alpha * product[j * m + i] + before);
        }
    }
}

bool is_supported(const Product &p, int compute)
{
    bool computes = compute == COMPUTE_FLOAT || compute == COMPUTE_FAST_TF32;
    bool types = is_type(p.a.type) && p.a.type == p.b.type && (p.c.type == p.a.type || p.c.type == FLOAT);
    return computes && types;
}

bool is_valid(const Product &p)
{
    auto holds = [](const Matrix &matrix) { return matrix.leading >= std::max(1, matrix.rows); };
    return p.m >= 0 && p.n >= 0 && p.k >= 0 && holds(p.a) && holds(p.b) && holds(p.c);
}

bool is_operation(int operation) { return operation >= AS_IS && operation <= CONJUGATE_TRANSPOSED; }

Matrix matrix(const void *data, int type, int64_t leading, int rows, int columns, bool transposed)
{
    return {data, type, transposed ? columns : rows, transposed ? rows : columns, leading};
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

/* Products are in float whatever the mode. */
SOFTCUDA_API(cublasSetMathMode, Handle *handle, int)
{
    ENTER_WITH(handle)
    return SUCCESS;
}

/* alpha and beta are the host's: nobody asks for the other mode. */
SOFTCUDA_API(cublasGemmEx, Handle *handle, int ta, int tb, int m, int n, int k, const float *alpha, const void *a, int a_type, int lda,
             const void *b, int b_type, int ldb, const float *beta, void *c, int c_type, int ldc, int compute, int)
{
    ENTER_WITH(handle)
    if (!is_operation(ta) || !is_operation(tb) || alpha == nullptr || beta == nullptr) {
        return INVALID_VALUE;
    }
    bool a_transposed = ta != AS_IS, b_transposed = tb != AS_IS;
    Product p = {a_transposed,
                 b_transposed,
                 m,
                 n,
                 k,
                 matrix(a, a_type, lda, m, k, a_transposed),
                 matrix(b, b_type, ldb, k, n, b_transposed),
                 matrix(c, c_type, ldc, m, n, false),
                 *alpha,
                 *beta,
                 handle->workspace,
                 handle->workspace_bytes};
    if (!is_valid(p)) {
        return INVALID_VALUE;
    }
    if (!is_supported(p, compute)) {
        return NOT_SUPPORTED;
    }
    if (m == 0 || n == 0) {
        return SUCCESS;
    }
    int status = softcuda::submit(handle->stream, "cuBLAS product", [p] {
        use_workspace(p);
        multiply(p);
    });
    return status == 0 ? SUCCESS : EXECUTION_FAILED;
}
