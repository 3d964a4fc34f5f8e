#include "gemm.h"
#include <algorithm>
#include <cstring>
#include <vector>

namespace softcuda {
namespace {

constexpr size_t DEPTH = 256;
constexpr size_t WIDTH = 16;
constexpr size_t HEIGHT = 4;

using Eight = float __attribute__((vector_size(32), aligned(4), may_alias));

/* c[HEIGHT, WIDTH] = rows times panel, where the panel has WIDTH columns */
__attribute__((target_clones("avx2", "default"))) void tile(size_t depth, const float *const rows[HEIGHT], const float *panel,
                                                            float result[HEIGHT][WIDTH])
{
    Eight sums[HEIGHT][2] = {};
    for (size_t k = 0; k < depth; k++) {
        const auto *line = reinterpret_cast<const Eight *>(panel + k * WIDTH);
        for (size_t i = 0; i < HEIGHT; i++) {
            sums[i][0] += rows[i][k] * line[0];
            sums[i][1] += rows[i][k] * line[1];
        }
    }
    memcpy(result, sums, sizeof sums);
}

void multiply_panel(size_t m, size_t n, size_t depth, const float *a, size_t lda, const float *panel, float *c, size_t ldc)
{
    float result[HEIGHT][WIDTH];
    for (size_t i = 0; i < m; i += HEIGHT) {
        const float *rows[HEIGHT];
        for (size_t r = 0; r < HEIGHT; r++) {
            rows[r] = a + std::min(i + r, m - 1) * lda;
        }
        tile(depth, rows, panel, result);
        for (size_t r = 0; r < HEIGHT && i + r < m; r++) {
            for (size_t j = 0; j < n; j++) {
                c[(i + r) * ldc + j] += result[r][j];
            }
        }
    }
}

} // namespace

void multiply_add(size_t m, size_t n, size_t k, const float *a, size_t lda, const float *b, size_t ldb, float *c, size_t ldc)
{
    std::vector<float> panel(DEPTH * WIDTH);
    for (size_t from = 0; from < k; from += DEPTH) {
        size_t depth = std::min(DEPTH, k - from);
        for (size_t j = 0; j < n; j += WIDTH) {
            size_t width = std::min(WIDTH, n - j);
            for (size_t row = 0; row < depth; row++) {
                const float *source = b + (from + row) * ldb + j;
                std::copy(source, source + width, &panel[row * WIDTH]);
            }
            multiply_panel(m, width, depth, a + from, lda, panel.data(), c + j, ldc);
        }
    }
}

} // namespace softcuda
