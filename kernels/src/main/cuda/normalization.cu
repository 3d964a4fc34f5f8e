// Batch and group normalization of [images, rows, channels]; the formulas are in BatchNormPlan and GroupNormPlan. A
// group is `size` channels of an image: batch normalization is that of one large image with as many groups as channels.
#include "element.cuh"
#include "pack.cuh"
#include "reduce.cuh"
#include "tiles.cuh"

// Two sums over a part of the rows of a channel, at [image][channel][part].
struct Sums {
    double first;
    double second;
};

// Where a pack's channels lie among [images, channels] and [images, groups].
template <int W> struct Channels {
    int of_image;
    int group[W];

    __device__ Channels(const Tile &tile, const Tiles &tiles, int size)
    {
        of_image = tile.pack * W;
        int groups = (int)tile.image * (tiles.packs * W / size);
        for (int k = 0; k < W; k++) {
            group[k] = groups + (size == 1 ? of_image + k : (of_image + k) / size);
        }
    }
};

template <int W>
__device__ inline void store_sums(Sums *sums, const Tile &tile, const Tiles &tiles, double (&value)[2 * W])
{
    column_sums(value, Tile::columns_of_block(tiles), Tile::rows_of_block(tiles));
    if (tile.holds_sums(tiles)) {
        long long channel = (tile.image * tiles.packs + tile.pack) * W;
        for (int k = 0; k < W; k++) {
            sums[(channel + k) * tiles.parts + tile.part] = {value[k], value[W + k]};
        }
    }
}

// Σx and Σx² of a part of each channel. A thread sums over few rows in F32, the distances from its first value p:
// Σ(x−p)² is at most their number times Σ(x−mean)², wherever they lie, so that little of the variance is lost.
template <class T, int W> __device__ inline void moments(const T *x, Sums *sums, const Tiles &tiles)
{
    Tile tile(tiles);
    float pivot[W] = {};
    float sum[W] = {};
    float squares[W] = {};
    int n = 0;
    if (tile.row < tile.end) {
        load_pack(pivot, x, tile.index(tiles, tile.row));
    }
    for_each_rows<4>(tile, holds_packs<T, W>(x), [&](auto rows, int row) {
        pack<T, W> packs[decltype(rows)::count];
        load_rows(rows, packs, x, tile, tiles, row);
        for (int r = 0; r < decltype(rows)::count; r++) {
            for (int k = 0; k < W; k++) {
                float distance = load(packs[r].element, k) - pivot[k];
                sum[k] += distance;
                squares[k] += distance * distance;
            }
        }
        n += decltype(rows)::count;
    });
    double total[2 * W];
    for (int k = 0; k < W; k++) {
        double p = pivot[k];
        double s = sum[k];
        total[k] = n * p + s;
        total[W + k] = n * p * p + 2 * p * s + squares[k];
    }
    store_sums<W>(sums, tile, tiles, total);
}

// Sums over `count` parts that lie together, by all threads of a block.
__device__ inline Sums sum_parts(const Sums *parts, long long count)
{
    Sums sum = {0, 0};
    for (long long i = threadIdx.x; i < count; i += blockDim.x) {
        sum.first += parts[i].first;
        sum.second += parts[i].second;
    }
    return {block_sum(sum.first), block_sum(sum.second)};
}

// Mean and biased variance of the group of each block, from moments.
extern "C" __global__ void normalization_statistics(const Sums *moments, float *mean, float *variance, int size,
                                                    int parts, long long rows)
{
    Sums sum = sum_parts(moments + (long long)blockIdx.x * size * parts, (long long)size * parts);
    if (threadIdx.x == 0) {
        double m = (double)rows * size;
        double average = sum.first / m;
        double spread = (sum.second - sum.first * average) / m;
        mean[blockIdx.x] = (float)average;
        variance[blockIdx.x] = spread < 0 ? 0.0f : (float)spread; // NaN stays
    }
}

__device__ inline float inverse_deviation(float variance, float epsilon) { return 1.0f / sqrtf(variance + epsilon); }

// y = γ·x̂ + β, or max(0, γ·x̂ + β) where `relu`; bit k of a pack's byte of the mask is whether y > 0 in its element k.
template <class T, int W>
__device__ inline void normalize(const T *x, const float *gamma, const float *beta, const float *mean,
                                 const float *variance, T *y, u8 *mask, float epsilon, bool relu, int size,
                                 const Tiles &tiles)
{
    Tile tile(tiles);
    if (tile.row >= tile.end) {
        return;
    }
    Channels<W> channels(tile, tiles, size);
    float center[W];
    float scale[W];
    float shift[W];
    for (int k = 0; k < W; k++) {
        center[k] = mean[channels.group[k]];
        scale[k] = gamma[channels.of_image + k] * inverse_deviation(variance[channels.group[k]], epsilon);
        shift[k] = beta[channels.of_image + k];
    }
    for_each_rows<4>(tile, holds_packs<T, W>(x) && holds_packs<T, W>(y), [&](auto rows, int row) {
        pack<T, W> packs[decltype(rows)::count];
        load_rows(rows, packs, x, tile, tiles, row);
        for (int r = 0; r < decltype(rows)::count; r++) {
            float value[W];
            unsigned bits = 0;
            for (int k = 0; k < W; k++) {
                value[k] = (load(packs[r].element, k) - center[k]) * scale[k] + shift[k];
                if (relu && value[k] <= 0) {
                    value[k] = 0;
                }
            }
            long long i = tile.index(tiles, row + r * tile.step);
            store_row(rows, y, i, value);
            for (int k = 0; k < W; k++) {
                bits |= value[k] > 0 ? 1u << k : 0;
            }
            if (mask != 0) {
                mask[i] = (u8)bits;
            }
        }
    });
}

// A bit for each element whose gradient counts, in N rows of the thread: those of the mask, or all where there is none.
template <int N>
__device__ inline void load_counts(unsigned (&counts)[N], const u8 *mask, const Tile &tile, const Tiles &tiles, int row)
{
    for (int r = 0; r < N; r++) {
        counts[r] = mask != 0 ? mask[tile.index(tiles, row + r * tile.step)] : ~0u;
    }
}

__device__ inline float counted(float gradient, unsigned counts, int k) { return counts >> k & 1 ? gradient : 0; }

// Σdy and Σdy·x̂ of a part of each channel.
template <class T, int W>
__device__ inline void gradient_sums(const T *x, const T *dy, const float *mean, const float *variance, const u8 *mask,
                                     Sums *sums, float epsilon, int size, const Tiles &tiles)
{
    Tile tile(tiles);
    double total[2 * W] = {};
    if (tile.row < tile.end) {
        Channels<W> channels(tile, tiles, size);
        float center[W];
        float sum[W] = {};
        float products[W] = {};
        for (int k = 0; k < W; k++) {
            center[k] = mean[channels.group[k]];
        }
        for_each_rows<2>(tile, holds_packs<T, W>(x) && holds_packs<T, W>(dy), [&](auto rows, int row) {
            unsigned counts[decltype(rows)::count];
            pack<T, W> gradients[decltype(rows)::count];
            pack<T, W> packs[decltype(rows)::count];
            load_counts(counts, mask, tile, tiles, row);
            load_rows(rows, gradients, dy, tile, tiles, row);
            load_rows(rows, packs, x, tile, tiles, row);
            for (int r = 0; r < decltype(rows)::count; r++) {
                for (int k = 0; k < W; k++) {
                    float gradient = counted(load(gradients[r].element, k), counts[r], k);
                    sum[k] += gradient;
                    products[k] += gradient * (load(packs[r].element, k) - center[k]);
                }
            }
        });
        for (int k = 0; k < W; k++) {
            total[k] = sum[k];
            total[W + k] = (double)products[k] * inverse_deviation(variance[channels.group[k]], epsilon);
        }
    }
    store_sums<W>(sums, tile, tiles, total);
}

// dβ and dγ of the channel of each block: its gradient sums, over all images. Where `means` is not null, the channel is a
// group of its own in one image of `rows` rows, and they are written too: see normalization_means.
extern "C" __global__ void normalization_parameters(const Sums *sums, const float *gamma, float *dgamma, float *dbeta,
                                                    float *means, float *products, long long images, int channels,
                                                    int parts, long long rows)
{
    double first = 0;
    double second = 0;
    for (long long i = threadIdx.x; i < images * parts; i += blockDim.x) {
        Sums part = sums[(i / parts * channels + blockIdx.x) * parts + i % parts];
        first += part.first;
        second += part.second;
    }
    first = block_sum(first);
    second = block_sum(second);
    if (threadIdx.x == 0) {
        dbeta[blockIdx.x] = (float)first;
        dgamma[blockIdx.x] = (float)second;
        if (means != 0) {
            double scale = gamma[blockIdx.x] / (double)rows;
            means[blockIdx.x] = (float)(scale * first);
            products[blockIdx.x] = (float)(scale * second);
        }
    }
}

// Σγ·dy / m and Σγ·dy·x̂ / m of the group of each block, from its gradient sums.
extern "C" __global__ void normalization_means(const Sums *sums, const float *gamma, float *means, float *products,
                                               int groups, int size, int parts, long long rows)
{
    const Sums *of_group = sums + (long long)blockIdx.x * size * parts;
    const float *scale = gamma + (long long)(blockIdx.x % groups) * size;
    double first = 0;
    double second = 0;
    for (long long i = threadIdx.x; i < (long long)size * parts; i += blockDim.x) {
        first += scale[i / parts] * of_group[i].first;
        second += scale[i / parts] * of_group[i].second;
    }
    first = block_sum(first);
    second = block_sum(second);
    if (threadIdx.x == 0) {
        double m = (double)rows * size;
        means[blockIdx.x] = (float)(first / m);
        products[blockIdx.x] = (float)(second / m);
    }
}

// dx = (γ·dy − Σγ·dy/m − x̂·Σγ·dy·x̂/m) / √(variance + ε), without the sums where `means` is null.
template <class T, int W>
__device__ inline void differentiate(const T *x, const T *dy, const float *gamma, const float *mean,
                                     const float *variance, const u8 *mask, const float *means, const float *products,
                                     T *dx, float epsilon, int size, const Tiles &tiles)
{
    Tile tile(tiles);
    if (tile.row >= tile.end) {
        return;
    }
    Channels<W> channels(tile, tiles, size);
    float scale[W];
    float center[W];
    float offset[W];
    float slope[W];
    for (int k = 0; k < W; k++) {
        int group = channels.group[k];
        float inverse = inverse_deviation(variance[group], epsilon);
        scale[k] = gamma[channels.of_image + k] * inverse;
        if (means != 0) {
            center[k] = mean[group];
            offset[k] = means[group] * inverse;
            slope[k] = products[group] * inverse * inverse;
        }
    }
    for_each_rows<2>(tile, holds_packs<T, W>(x) && holds_packs<T, W>(dy) && holds_packs<T, W>(dx), [&](auto rows, int row) {
        unsigned counts[decltype(rows)::count];
        pack<T, W> gradients[decltype(rows)::count];
        pack<T, W> packs[decltype(rows)::count] = {};
        load_counts(counts, mask, tile, tiles, row);
        load_rows(rows, gradients, dy, tile, tiles, row);
        if (means != 0) {
            load_rows(rows, packs, x, tile, tiles, row);
        }
        for (int r = 0; r < decltype(rows)::count; r++) {
            float gradient[W];
            for (int k = 0; k < W; k++) {
                gradient[k] = counted(load(gradients[r].element, k), counts[r], k) * scale[k];
                if (means != 0) {
                    gradient[k] -= offset[k] + (load(packs[r].element, k) - center[k]) * slope[k];
                }
            }
            store_row(rows, dx, tile.index(tiles, row + r * tile.step), gradient);
        }
    });
}

// running += momentum · (factor · batch − running), channel by channel, for mean (factor 1) and variance.
extern "C" __global__ void normalization_running(const float *mean, const float *variance, double factor,
                                                 double momentum, float *running_mean, float *running_variance,
                                                 long long channels)
{
    FOR_EACH_ELEMENT(c, channels)
    {
        double m = running_mean[c];
        double v = running_variance[c];
        running_mean[c] = (float)(m + momentum * (mean[c] - m));
        running_variance[c] = (float)(v + momentum * (factor * variance[c] - v));
    }
}

// Three blocks on a processor keep memory busy; with more registers to a thread it would have two.
#define DEFINE_WIDTH(T, W)                                                                                             \
    extern "C" __global__ void __launch_bounds__(THREADS, 3) normalization_moments_##T##_##W(                                                        \
        const T *x, Sums *sums, long long rows, int packs, int parts, long long rows_of_part)                          \
    {                                                                                                                  \
        moments<T, W>(x, sums, {rows, packs, parts, rows_of_part});                                                    \
    }                                                                                                                  \
    extern "C" __global__ void __launch_bounds__(THREADS, 3) normalization_forward_##T##_##W(                                                        \
        const T *x, const float *gamma, const float *beta, const float *mean, const float *variance, T *y, u8 *mask,   \
        float epsilon, int relu, int size, long long rows, int packs, int parts, long long rows_of_part)               \
    {                                                                                                                  \
        normalize<T, W>(x, gamma, beta, mean, variance, y, mask, epsilon, relu != 0, size,                             \
                        {rows, packs, parts, rows_of_part});                                                           \
    }                                                                                                                  \
    extern "C" __global__ void __launch_bounds__(THREADS, 3) normalization_sums_##T##_##W(                                                           \
        const T *x, const T *dy, const float *mean, const float *variance, const u8 *mask, Sums *sums, float epsilon,  \
        int size, long long rows, int packs, int parts, long long rows_of_part)                                        \
    {                                                                                                                  \
        gradient_sums<T, W>(x, dy, mean, variance, mask, sums, epsilon, size, {rows, packs, parts, rows_of_part});     \
    }                                                                                                                  \
    extern "C" __global__ void __launch_bounds__(THREADS, 3) normalization_backward_##T##_##W(                                                       \
        const T *x, const T *dy, const float *gamma, const float *mean, const float *variance, const u8 *mask,         \
        const float *means, const float *products, T *dx, float epsilon, int size, long long rows, int packs,          \
        int parts, long long rows_of_part)                                                                             \
    {                                                                                                                  \
        differentiate<T, W>(x, dy, gamma, mean, variance, mask, means, products, dx, epsilon, size,                    \
                            {rows, packs, parts, rows_of_part});                                                       \
    }

#define DEFINE(T) DEFINE_WIDTH(T, 1) DEFINE_WIDTH(T, 8)

FOR_COMPUTED_TYPES(DEFINE)
