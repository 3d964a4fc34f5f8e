// The sum of each channel of images, in two launches: of parts of the rows, and then of the parts.
//
// Needs element.cuh, reduce.cuh and tiles.cuh.
#pragma once

// Σx of a part of each channel, at [image][channel][part]. A thread adds up few rows, in F32.
template <class T, int W> __device__ inline void sums_of_parts(const T *x, double *sums, const Tiles &tiles)
{
    Tile tile(tiles);
    float sum[W] = {};
    for_each_rows<4>(tile, holds_packs<T, W>(x), [&](auto rows, int row) {
        pack<T, W> packs[decltype(rows)::count];
        load_rows(rows, packs, x, tile, tiles, row);
        for (int r = 0; r < decltype(rows)::count; r++) {
            for (int k = 0; k < W; k++) {
                sum[k] += load(packs[r].element, k);
            }
        }
    });
    double total[W];
    for (int k = 0; k < W; k++) {
        total[k] = sum[k];
    }
    column_sums(total, Tile::columns_of_block(tiles), Tile::rows_of_block(tiles));
    if (tile.holds_sums(tiles)) {
        long long channel = (tile.image * tiles.packs + tile.pack) * W;
        for (int k = 0; k < W; k++) {
            sums[(channel + k) * tiles.parts + tile.part] = total[k];
        }
    }
}

// The sum of the parts of the channel of each block, in every thread of it.
__device__ inline double sum_of_channel(const double *sums, int parts)
{
    double sum = 0;
    for (int i = threadIdx.x; i < parts; i += blockDim.x) {
        sum += sums[(long long)blockIdx.x * parts + i];
    }
    return block_sum(sum);
}
