// Upsampling by whole numbers; the formulas are in UpsamplePlan. A thread computes one pack of channels at one place;
// gradients are gathered, so that no two threads add to the same one.
#include "element.cuh"
#include "pack.cuh"
#include "images.cuh"

struct Upsampling {
    int height, width, scaleHeight, scaleWidth, packs;
};

template <typename T, int N>
__device__ inline void nearest_forward(const pack<T, N> *x, pack<T, N> *y, const Upsampling &s, long long count)
{
    FOR_EACH_ELEMENT(i, count)
    {
        Place p = place(i, s.height * s.scaleHeight, s.width * s.scaleWidth, s.packs);
        y[i] = x[index(p, p.row / s.scaleHeight, p.column / s.scaleWidth, s.height, s.width, s.packs)];
    }
}

template <typename T, int N>
__device__ inline void nearest_backward(const pack<T, N> *dy, pack<T, N> *dx, const Upsampling &s, long long count)
{
    FOR_EACH_ELEMENT(i, count)
    {
        Place p = place(i, s.height, s.width, s.packs);
        float sum[N] = {};
#pragma unroll 1
        for (int u = 0; u < s.scaleHeight; u++) {
#pragma unroll 1
            for (int v = 0; v < s.scaleWidth; v++) {
                int row = p.row * s.scaleHeight + u;
                int column = p.column * s.scaleWidth + v;
                pack<T, N> gradient =
                    dy[index(p, row, column, s.height * s.scaleHeight, s.width * s.scaleWidth, s.packs)];
                for (int k = 0; k < N; k++) {
                    sum[k] += load(gradient.element, k);
                }
            }
        }
        store(dx, i, sum);
    }
}

// An output place of one dimension is (1 - fraction) · x[lower] + fraction · x[lower + 1].
struct Tap {
    int lower;
    float fraction;
};

// t = (i + ½) / scale - ½ = (2i + 1 - scale) / 2·scale, in whole numbers, so that the fraction is rounded only once.
__device__ inline Tap tap(int i, int scale, int size)
{
    unsigned middle = 2u * i + 1;
    unsigned unit = 2u * scale;
    Tap result = {0, 0};
    if (middle > (unsigned)scale) {
        unsigned t = middle - scale;
        result.lower = (int)(t / unit);
        if (result.lower < size - 1) {
            result.fraction = (float)(t % unit) / (float)unit;
        }
    }
    return result;
}

// What is not part of an output is not multiplied by zero either, since that would spread infinities and NaN.
__device__ inline float mix(float lower, float upper, float fraction)
{
    return fraction == 0 ? lower : (1 - fraction) * lower + fraction * upper;
}

template <typename T, int N>
__device__ inline void bilinear_forward(const pack<T, N> *x, pack<T, N> *y, const Upsampling &s, long long count)
{
    FOR_EACH_ELEMENT(i, count)
    {
        Place p = place(i, s.height * s.scaleHeight, s.width * s.scaleWidth, s.packs);
        Tap row = tap(p.row, s.scaleHeight, s.height);
        Tap column = tap(p.column, s.scaleWidth, s.width);
        int below = row.lower + (row.fraction != 0);
        int right = column.lower + (column.fraction != 0);
        pack<T, N> upperLeft = x[index(p, row.lower, column.lower, s.height, s.width, s.packs)];
        pack<T, N> upperRight = x[index(p, row.lower, right, s.height, s.width, s.packs)];
        pack<T, N> lowerLeft = x[index(p, below, column.lower, s.height, s.width, s.packs)];
        pack<T, N> lowerRight = x[index(p, below, right, s.height, s.width, s.packs)];
        float result[N];
        for (int k = 0; k < N; k++) {
            float upper = mix(load(upperLeft.element, k), load(upperRight.element, k), column.fraction);
            float lower = mix(load(lowerLeft.element, k), load(lowerRight.element, k), column.fraction);
            result[k] = mix(upper, lower, row.fraction);
        }
        store(y, i, result);
    }
}

// The first output place whose lower input place is at least k.
__device__ inline int first_output(int k, int scale, int size)
{
    if (k <= 0) {
        return 0;
    }
    return k < size ? k * scale + scale / 2 : size * scale;
}

// The weight of input place k in an output place whose lower input place is k or k - 1.
__device__ inline float weight(const Tap &output, int k)
{
    return output.lower == k ? 1 - output.fraction : output.fraction;
}

template <typename T, int N>
__device__ inline void bilinear_backward(const pack<T, N> *dy, pack<T, N> *dx, const Upsampling &s, long long count)
{
    FOR_EACH_ELEMENT(i, count)
    {
        Place p = place(i, s.height, s.width, s.packs);
        int endRow = first_output(p.row + 1, s.scaleHeight, s.height);
        int firstColumn = first_output(p.column - 1, s.scaleWidth, s.width);
        int endColumn = first_output(p.column + 1, s.scaleWidth, s.width);
        float sum[N] = {};
#pragma unroll 1
        for (int row = first_output(p.row - 1, s.scaleHeight, s.height); row < endRow; row++) {
            float a = weight(tap(row, s.scaleHeight, s.height), p.row);
#pragma unroll 1
            for (int column = firstColumn; a != 0 && column < endColumn; column++) {
                float b = weight(tap(column, s.scaleWidth, s.width), p.column);
                if (b == 0) {
                    continue;
                }
                pack<T, N> gradient =
                    dy[index(p, row, column, s.height * s.scaleHeight, s.width * s.scaleWidth, s.packs)];
                for (int k = 0; k < N; k++) {
                    sum[k] += a * b * load(gradient.element, k);
                }
            }
        }
        store(dx, i, sum);
    }
}

#define KERNEL(NAME, FORM, T, N)                                                                                         \
    extern "C" __global__ void NAME##_##FORM(                                                                           \
        const pack<T, N> *from, pack<T, N> *to, int height, int width, int scaleHeight, int scaleWidth, int packs,       \
        long long count)                                                                                                 \
    {                                                                                                                    \
        Upsampling s = {height, width, scaleHeight, scaleWidth, packs};                                                  \
        NAME<T, N>(from, to, s, count);                                                                                  \
    }

#define KERNELS(FORM, T, N)                                                                                              \
    KERNEL(nearest_forward, FORM, T, N)                                                                                  \
    KERNEL(nearest_backward, FORM, T, N)                                                                                 \
    KERNEL(bilinear_forward, FORM, T, N)                                                                                 \
    KERNEL(bilinear_backward, FORM, T, N)

#define DEFINE(T, N) KERNELS(T, T, 1) KERNELS(T##_packed, T, N)

DEFINE(f32, 4)
DEFINE(bf16, 8)
DEFINE(f16, 8)
