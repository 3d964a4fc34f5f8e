// The average of each channel of each image, and its gradient; the formulas are in GlobalAvgPoolPlan.
#include "element.cuh"
#include "pack.cuh"
#include "reduce.cuh"
#include "tiles.cuh"
#include "sums.cuh"

// y = Σx / rows of the channel of each block.
template <class T> __device__ inline void average(const double *sums, T *y, int parts, long long rows)
{
    double sum = sum_of_channel(sums, parts);
    if (threadIdx.x == 0) {
        store(y, blockIdx.x, (float)(sum / rows));
    }
}

// dx = dy / rows, in each row.
template <class T, int W> __device__ inline void spread(const T *dy, T *dx, const Tiles &tiles)
{
    Tile tile(tiles);
    if (tile.row >= tile.end) {
        return;
    }
    float gradient[W];
    load_pack(gradient, dy, tile.image * tiles.packs + tile.pack);
    for (int k = 0; k < W; k++) {
        gradient[k] /= tiles.rows;
    }
    for_each_rows<1>(tile, holds_packs<T, W>(dx), [&](auto rows, int row) {
        store_row(rows, dx, tile.index(tiles, row), gradient);
    });
}

#define DEFINE_WIDTH(T, W)                                                                                             \
    extern "C" __global__ void globalavgpool_sums_##T##_##W(const T *x, double *sums, long long rows, int packs,       \
                                                            int parts, long long rows_of_part)                         \
    {                                                                                                                  \
        sums_of_parts<T, W>(x, sums, {rows, packs, parts, rows_of_part});                                              \
    }                                                                                                                  \
    extern "C" __global__ void globalavgpool_backward_##T##_##W(const T *dy, T *dx, long long rows, int packs,         \
                                                                int parts, long long rows_of_part)                     \
    {                                                                                                                  \
        spread<T, W>(dy, dx, {rows, packs, parts, rows_of_part});                                                      \
    }

#define DEFINE(T)                                                                                                      \
    DEFINE_WIDTH(T, 1)                                                                                                 \
    DEFINE_WIDTH(T, 8)                                                                                                 \
    extern "C" __global__ void globalavgpool_average_##T(const double *sums, T *y, int parts, long long rows)          \
    {                                                                                                                  \
        average(sums, y, parts, rows);                                                                                 \
    }

FOR_COMPUTED_TYPES(DEFINE)
