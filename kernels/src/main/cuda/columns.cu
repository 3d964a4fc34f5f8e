// The columns of a matrix in rows: their sums (ColumnSum), and a bias for each with a ReLU (ColumnBias).
#include "element.cuh"
#include "pack.cuh"
#include "reduce.cuh"
#include "tiles.cuh"
#include "sums.cuh"

// The biases of N columns from `column` on; where b is null, −0, which changes no number, 0 and −0 included.
template <int N> __device__ inline void load_bias(float (&bias)[N], const float *b, int column)
{
    for (int k = 0; k < N; k++) {
        bias[k] = b ? b[column + k] : -0.0f;
    }
}

// y[r, c] = y[r, c] + b[c], and 0 where that is negative; NaN stays NaN. N columns at a time.
template <int N, typename T> __device__ inline void bias_packs(T *y, const float *b, long long count, int columns, int relu)
{
    int thread = blockIdx.x * blockDim.x + threadIdx.x;
    int threads = gridDim.x * blockDim.x;
    int column = thread * N % columns;
    int skipped = threads * N % columns;
    float bias[N];
    load_bias(bias, b, column);
    for (long long i = thread; i < count / N; i += threads) {
        pack<T, N> v = load_pack<T, N>(y, i);
        for (int k = 0; k < N; k++) {
            float biased = load(v.element, k) + bias[k];
            store(v.element, k, relu && biased < 0 ? 0 : biased);
        }
        store_pack<T, N>(y, i, v);
        if (skipped != 0) {
            column += skipped;
            if (column >= columns) column -= columns;
            load_bias(bias, b, column);
        }
    }
}

template <typename T> __device__ inline void bias_relu(T *y, const float *b, long long count, int columns, int relu)
{
    if (columns % packed<T> == 0 && holds_packs<T, packed<T>>(y)) {
        bias_packs<packed<T>>(y, b, count, columns, relu);
    } else {
        bias_packs<1>(y, b, count, columns, relu);
    }
}

#define DEFINE_WIDTH(T, W)                                                                                               \
    extern "C" __global__ void column_sums_##T##_##W(const T *x, double *sums, long long rows, int packs, int parts,     \
                                                     long long rows_of_part)                                             \
    {                                                                                                                    \
        sums_of_parts<T, W>(x, sums, {rows, packs, parts, rows_of_part});                                                \
    }

#define DEFINE(T)                                                                                                        \
    DEFINE_WIDTH(T, 1)                                                                                                   \
    DEFINE_WIDTH(T, 8)                                                                                                   \
    extern "C" __global__ void bias_relu_##T(T *y, const float *b, long long count, int columns, int relu)               \
    {                                                                                                                    \
        bias_relu(y, b, count, columns, relu);                                                                           \
    }

FOR_COMPUTED_TYPES(DEFINE)

// The sum of the column of each block, from those of parts.
extern "C" __global__ void column_total(const double *sums, float *total, int parts)
{
    double sum = sum_of_channel(sums, parts);
    if (threadIdx.x == 0) {
        total[blockIdx.x] = (float)sum;
    }
}
