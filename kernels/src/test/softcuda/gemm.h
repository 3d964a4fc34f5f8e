#pragma once
#include <cstddef>

namespace softcuda {

/*
 * C[m, n] += A[m, k] B[k, n], rows contiguous, leading dimensions in elements. Sums in float: 256 products at a time, in
 * order, without fused multiply-add, so sums of small integers are exact.
 */
void multiply_add(size_t m, size_t n, size_t k, const float *a, size_t lda, const float *b, size_t ldb, float *c, size_t ldc);

} // namespace softcuda
