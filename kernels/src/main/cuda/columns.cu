// The columns of a matrix in rows: their sums (ColumnSum), and a bias for each with a ReLU (ColumnBias).
#include "element.cuh"
#include "pack.cuh"

// sums[part, c] = Σ(r of part) x[r, c]; the parts are blocks of one column of the grid, and 256 columns are a row of it.
//
// Neighbouring threads read neighbouring columns, and where there are fewer columns than threads the next rows. The sums
// are taken in the same order each time.
template <typename T> __device__ inline void column_sum(const T *x, float *sums, long long rows, int columns)
{
    __shared__ float shared[256];
    int first = blockIdx.y * blockDim.x;
    int width = columns - first < (int)blockDim.x ? columns - first : blockDim.x;
    int height = blockDim.x / width;
    int row = threadIdx.x / width;
    int column = first + threadIdx.x % width;
    long long each = (rows + gridDim.x - 1) / gridDim.x;
    long long end = (blockIdx.x + 1) * each < rows ? (blockIdx.x + 1) * each : rows;
    float sum = 0;
    if (row < height) {
        for (long long r = blockIdx.x * each + row; r < end; r += height) sum += load(x, r * columns + column);
    }
    shared[threadIdx.x] = sum;
    __syncthreads();
    for (int n = height; n > 1; n = (n + 1) / 2) {
        int half = (n + 1) / 2;
        if (row < n - half) shared[threadIdx.x] += shared[threadIdx.x + half * width];
        __syncthreads();
    }
    if (row == 0) sums[blockIdx.x * (long long)columns + column] = shared[threadIdx.x];
}

// v = b + v, and 0 where that is negative; NaN stays NaN.
__device__ inline float biased(float v, const float *b, int column, int relu)
{
    if (b) v += b[column];
    return relu && v < 0 ? 0 : v;
}

// y[r, c] = biased(y[r, c]), N columns at a time; b may be null.
template <int N, typename T> __device__ inline void bias_packs(T *y, const float *b, long long count, int columns, int relu)
{
    long long thread = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    long long threads = gridDim.x * (long long)blockDim.x;
    int column = (int)(thread * N % columns);
    int skipped = (int)(threads * N % columns);
    for (long long i = thread; i < count / N; i += threads) {
        pack<T, N> v = load_pack<T, N>(y, i);
        for (int k = 0; k < N; k++) {
            store(v.element, k, biased(load(v.element, k), b, column + k, relu));
        }
        store_pack<T, N>(y, i, v);
        column += skipped;
        if (column >= columns) column -= columns;
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

#define DEFINE(T)                                                                                                        \
    extern "C" __global__ void column_sum_##T(const T *x, float *sums, long long rows, int columns)                      \
    {                                                                                                                    \
        column_sum(x, sums, rows, columns);                                                                              \
    }                                                                                                                    \
    extern "C" __global__ void bias_relu_##T(T *y, const float *b, long long count, int columns, int relu)               \
    {                                                                                                                    \
        bias_relu(y, b, count, columns, relu);                                                                           \
    }

FOR_COMPUTED_TYPES(DEFINE)
