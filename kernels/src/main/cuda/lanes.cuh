// Rows of channels, such as the pixels of an image: each row is worked on by a few lanes of a warp, side by side.
//
// A row has 1, 2, 4, 8, 16 or 32 lanes, which take its channels in turns: `for (int c = lane; c < channels; c += lanes)`.
#pragma once

// The sum over the lanes of a row, in every one of them and in the same order. All lanes of the warp must call.
template <typename T> __device__ inline T lanes_sum(T value, int lanes)
{
    for (int distance = lanes / 2; distance > 0; distance /= 2) {
        value += __shfl_xor_sync(0xffffffffu, value, distance);
    }
    return value;
}

// The largest number over the lanes of a row, in every one of them; NaN is none. All lanes of the warp must call.
__device__ inline float lanes_max(float value, int lanes)
{
    for (int distance = lanes / 2; distance > 0; distance /= 2) {
        value = fmaxf(value, __shfl_xor_sync(0xffffffffu, value, distance));
    }
    return value;
}

// The rows that a block works on, all its threads in step: `row` is the thread's own, and may be one too many.
#define FOR_EACH_ROW(row, rows, lanes)                                                                                  \
    for (long long first = blockIdx.x * (long long)(blockDim.x / (lanes)), row = first + threadIdx.x / (lanes);          \
         first < (rows);                                                                                                 \
         first += gridDim.x * (long long)(blockDim.x / (lanes)), row = first + threadIdx.x / (lanes))
