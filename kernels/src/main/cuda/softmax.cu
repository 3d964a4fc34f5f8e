// Softmax over the channels of each row, and its gradient; the formulas are in SoftmaxPlan.
#include "element.cuh"
#include "lanes.cuh"

// y[c] = exp(x[c] - max) / sum of exp(x[k] - max)
template <typename T> __device__ inline void softmax(const T *x, T *y, long long rows, int channels, int lanes)
{
    int lane = threadIdx.x % lanes;
    FOR_EACH_ROW(row, rows, lanes)
    {
        long long at = row * channels;
        int own = row < rows ? channels : 0;
        float largest = -INFINITY;
        for (int c = lane; c < own; c += lanes) {
            largest = fmaxf(largest, load(x, at + c));
        }
        largest = lanes_max(largest, lanes);
        float sum = 0;
        for (int c = lane; c < own; c += lanes) {
            sum += expf(load(x, at + c) - largest);
        }
        sum = lanes_sum(sum, lanes);
        for (int c = lane; c < own; c += lanes) {
            store(y, at + c, expf(load(x, at + c) - largest) / sum);
        }
    }
}

// dx[c] = y[c] * (dy[c] - sum of dy[k] * y[k])
template <typename T>
__device__ inline void softmax_backward(const T *y, const T *dy, T *dx, long long rows, int channels, int lanes)
{
    int lane = threadIdx.x % lanes;
    FOR_EACH_ROW(row, rows, lanes)
    {
        long long at = row * channels;
        int own = row < rows ? channels : 0;
        float sum = 0;
        for (int c = lane; c < own; c += lanes) {
            sum += load(dy, at + c) * load(y, at + c);
        }
        sum = lanes_sum(sum, lanes);
        for (int c = lane; c < own; c += lanes) {
            store(dx, at + c, load(y, at + c) * (load(dy, at + c) - sum));
        }
    }
}

#define DEFINE(T)                                                                                                        \
    extern "C" __global__ void softmax_##T(const T *x, T *y, long long rows, int channels, int lanes)                    \
    {                                                                                                                    \
        softmax(x, y, rows, channels, lanes);                                                                            \
    }                                                                                                                    \
    extern "C" __global__ void softmax_backward_##T(const T *y, const T *dy, T *dx, long long rows, int channels,        \
                                                    int lanes)                                                           \
    {                                                                                                                    \
        softmax_backward(y, dy, dx, rows, channels, lanes);                                                              \
    }

FOR_COMPUTED_TYPES(DEFINE)
