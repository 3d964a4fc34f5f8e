// Max and average pooling; the formulas are in MaxPool2dPlan and AvgPool2dPlan. A thread computes one pack of channels
// at one place; gradients are gathered, so that no two threads add to the same one.
#include "element.cuh"
#include "pack.cuh"
#include "images.cuh"

// Loops over windows are not unrolled: most windows have two rows and columns, and the driver compiles all of this.
struct Pooling {
    int height, width, outHeight, outWidth, packs;
    int kernelHeight, kernelWidth, strideHeight, strideWidth, paddingHeight, paddingWidth;
};

// From first to before end.
struct Span {
    int first, end;
};

// The part of a window that is inside the image, in places of the window, which begins at `start` of the image.
__device__ inline Span inside(int start, int kernel, int size)
{
    Span s = {larger(0, -start), smaller(kernel, size - start)};
    return s;
}

// The windows that a place of the image is in.
__device__ inline Span around(int place, int kernel, int stride, int padding, int windows)
{
    int at = place + padding;
    Span s = {at < kernel ? 0 : (at - kernel) / stride + 1, smaller(at / stride + 1, windows)};
    return s;
}

// `taken` says which place of the window each y is from, row by row; null where nobody wants it.
template <typename T, int N, typename I>
__device__ inline void max_forward(const pack<T, N> *x, pack<T, N> *y, pack<I, N> *taken, const Pooling &s, long long count)
{
    FOR_EACH_ELEMENT(i, count)
    {
        Place p = place(i, s.outHeight, s.outWidth, s.packs);
        int top = p.row * s.strideHeight - s.paddingHeight;
        int left = p.column * s.strideWidth - s.paddingWidth;
        Span rows = inside(top, s.kernelHeight, s.height);
        Span columns = inside(left, s.kernelWidth, s.width);
        pack<T, N> largest = x[index(p, top + rows.first, left + columns.first, s.height, s.width, s.packs)];
        pack<I, N> from;
        for (int k = 0; k < N; k++) {
            from.element[k] = (I)(rows.first * s.kernelWidth + columns.first);
        }
#pragma unroll 1
        for (int u = rows.first; u < rows.end; u++) {
#pragma unroll 1
            for (int v = columns.first; v < columns.end; v++) {
                pack<T, N> here = x[index(p, top + u, left + v, s.height, s.width, s.packs)];
                for (int k = 0; k < N; k++) {
                    float value = load(here.element, k);
                    if (value > load(largest.element, k) || value != value) {
                        largest.element[k] = here.element[k];
                        from.element[k] = (I)(u * s.kernelWidth + v);
                    }
                }
            }
        }
        y[i] = largest;
        if (taken) {
            taken[i] = from;
        }
    }
}

// Whether windows lie side by side and fill the image: then each place is in one of them.
__device__ inline bool tile_the_image(const Pooling &s)
{
    return s.strideHeight == s.kernelHeight && s.strideWidth == s.kernelWidth && s.paddingHeight == 0 && s.paddingWidth == 0 &&
           s.outHeight * s.kernelHeight == s.height && s.outWidth * s.kernelWidth == s.width;
}

// A thread writes all places of its window, instead of looking for the windows of a place.
template <typename T, int N, typename I>
__device__ inline void max_backward_of_tiles(const pack<T, N> *dy, const pack<I, N> *taken, pack<T, N> *dx, const Pooling &s, long long windows)
{
    FOR_EACH_ELEMENT(i, windows)
    {
        Place p = place(i, s.outHeight, s.outWidth, s.packs);
        pack<I, N> from = taken[i];
        pack<T, N> gradient = dy[i];
#pragma unroll 1
        for (int u = 0; u < s.kernelHeight; u++) {
#pragma unroll 1
            for (int v = 0; v < s.kernelWidth; v++) {
                pack<T, N> here;
                for (int k = 0; k < N; k++) {
                    here.element[k] = from.element[k] == (I)(u * s.kernelWidth + v) ? gradient.element[k] : T();
                }
                dx[index(p, p.row * s.kernelHeight + u, p.column * s.kernelWidth + v, s.height, s.width, s.packs)] = here;
            }
        }
    }
}

template <typename T, int N, typename I>
__device__ inline void max_backward(const pack<T, N> *dy, const pack<I, N> *taken, pack<T, N> *dx, const Pooling &s, long long count)
{
    if (tile_the_image(s)) {
        max_backward_of_tiles(dy, taken, dx, s, count / (s.kernelHeight * s.kernelWidth));
        return;
    }
    FOR_EACH_ELEMENT(i, count)
    {
        Place p = place(i, s.height, s.width, s.packs);
        Span rows = around(p.row, s.kernelHeight, s.strideHeight, s.paddingHeight, s.outHeight);
        Span columns = around(p.column, s.kernelWidth, s.strideWidth, s.paddingWidth, s.outWidth);
        float sum[N] = {};
#pragma unroll 1
        for (int row = rows.first; row < rows.end; row++) {
#pragma unroll 1
            for (int column = columns.first; column < columns.end; column++) {
                int u = p.row + s.paddingHeight - row * s.strideHeight;
                int v = p.column + s.paddingWidth - column * s.strideWidth;
                long long at = index(p, row, column, s.outHeight, s.outWidth, s.packs);
                pack<I, N> from = taken[at];
                pack<T, N> gradient = dy[at];
                for (int k = 0; k < N; k++) {
                    if (from.element[k] == (I)(u * s.kernelWidth + v)) {
                        sum[k] += load(gradient.element, k);
                    }
                }
            }
        }
        store(dx, i, sum);
    }
}

// By how much the sum over a window is divided.
__device__ inline float area(const Pooling &s, int countPadding, int row, int column)
{
    if (countPadding) {
        return (float)s.kernelHeight * s.kernelWidth;
    }
    Span rows = inside(row * s.strideHeight - s.paddingHeight, s.kernelHeight, s.height);
    Span columns = inside(column * s.strideWidth - s.paddingWidth, s.kernelWidth, s.width);
    return (float)(rows.end - rows.first) * (columns.end - columns.first);
}

// Sums each row of the window by itself, which loses less in large windows.
template <typename T, int N>
__device__ inline void average_forward(const pack<T, N> *x, pack<T, N> *y, const Pooling &s, int countPadding, long long count)
{
    FOR_EACH_ELEMENT(i, count)
    {
        Place p = place(i, s.outHeight, s.outWidth, s.packs);
        int top = p.row * s.strideHeight - s.paddingHeight;
        int left = p.column * s.strideWidth - s.paddingWidth;
        Span rows = inside(top, s.kernelHeight, s.height);
        Span columns = inside(left, s.kernelWidth, s.width);
        float sum[N] = {};
#pragma unroll 1
        for (int u = rows.first; u < rows.end; u++) {
            float ofRow[N] = {};
#pragma unroll 1
            for (int v = columns.first; v < columns.end; v++) {
                pack<T, N> here = x[index(p, top + u, left + v, s.height, s.width, s.packs)];
                for (int k = 0; k < N; k++) {
                    ofRow[k] += load(here.element, k);
                }
            }
            for (int k = 0; k < N; k++) {
                sum[k] += ofRow[k];
            }
        }
        float divisor = area(s, countPadding, p.row, p.column);
        for (int k = 0; k < N; k++) {
            sum[k] /= divisor;
        }
        store(y, i, sum);
    }
}

template <typename T, int N>
__device__ inline void average_backward(const pack<T, N> *dy, pack<T, N> *dx, const Pooling &s, int countPadding, long long count)
{
    FOR_EACH_ELEMENT(i, count)
    {
        Place p = place(i, s.height, s.width, s.packs);
        Span rows = around(p.row, s.kernelHeight, s.strideHeight, s.paddingHeight, s.outHeight);
        Span columns = around(p.column, s.kernelWidth, s.strideWidth, s.paddingWidth, s.outWidth);
        float sum[N] = {};
#pragma unroll 1
        for (int row = rows.first; row < rows.end; row++) {
#pragma unroll 1
            for (int column = columns.first; column < columns.end; column++) {
                float divisor = area(s, countPadding, row, column);
                pack<T, N> gradient = dy[index(p, row, column, s.outHeight, s.outWidth, s.packs)];
                for (int k = 0; k < N; k++) {
                    sum[k] += load(gradient.element, k) / divisor;
                }
            }
        }
        store(dx, i, sum);
    }
}

// The sizes as arguments of every kernel, in the order of Pooling.
#define SIZES                                                                                                            \
    int height, int width, int outHeight, int outWidth, int packs, int kernelHeight, int kernelWidth, int strideHeight, \
        int strideWidth, int paddingHeight, int paddingWidth
#define POOLING                                                                                                          \
    {                                                                                                                    \
        height, width, outHeight, outWidth, packs, kernelHeight, kernelWidth, strideHeight, strideWidth, paddingHeight, \
            paddingWidth                                                                                                 \
    }

// FORM ends the names; N elements a thread; I holds a place of a window.
#define DEFINE_MAX(FORM, T, N, I)                                                                                        \
    extern "C" __global__ void max_forward_##FORM(                                                                      \
        const pack<T, N> *x, pack<T, N> *y, pack<I, N> *taken, SIZES, long long count)                                   \
    {                                                                                                                    \
        Pooling s = POOLING;                                                                                             \
        max_forward<T, N, I>(x, y, taken, s, count);                                                                     \
    }                                                                                                                    \
    extern "C" __global__ void max_backward_##FORM(                                                                     \
        const pack<T, N> *dy, const pack<I, N> *taken, pack<T, N> *dx, SIZES, long long count)                           \
    {                                                                                                                    \
        Pooling s = POOLING;                                                                                             \
        max_backward<T, N, I>(dy, taken, dx, s, count);                                                                  \
    }

#define DEFINE_AVERAGE(FORM, T, N)                                                                                       \
    extern "C" __global__ void average_forward_##FORM(                                                                  \
        const pack<T, N> *x, pack<T, N> *y, SIZES, int countPadding, long long count)                                    \
    {                                                                                                                    \
        Pooling s = POOLING;                                                                                             \
        average_forward<T, N>(x, y, s, countPadding, count);                                                             \
    }                                                                                                                    \
    extern "C" __global__ void average_backward_##FORM(                                                                 \
        const pack<T, N> *dy, pack<T, N> *dx, SIZES, int countPadding, long long count)                                  \
    {                                                                                                                    \
        Pooling s = POOLING;                                                                                             \
        average_backward<T, N>(dy, dx, s, countPadding, count);                                                          \
    }

#define DEFINE(T, N)                                                                                                     \
    DEFINE_MAX(T, T, 1, u8)                                                                                              \
    DEFINE_MAX(T##_packed, T, N, u8)                                                                                     \
    DEFINE_MAX(large_##T, T, 1, int)                                                                                     \
    DEFINE_MAX(large_##T##_packed, T, N, int)                                                                            \
    DEFINE_AVERAGE(T, T, 1)                                                                                              \
    DEFINE_AVERAGE(T##_packed, T, N)

DEFINE(f32, 4)
DEFINE(bf16, 8)
DEFINE(f16, 8)
