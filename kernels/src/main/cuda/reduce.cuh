// Sums over the threads of a warp and of a block, always in the same order: the same bits each time.
//
// Blocks have a multiple of 32 threads, THREADS at most, and all of them must call. T is float or double.
#pragma once

constexpr int WARP = 32;
constexpr int THREADS = 256; // CudaBackend.THREADS

// Every lane gets the sum.
template <class T> __device__ inline T warp_sum(T value)
{
    for (int distance = WARP / 2; distance > 0; distance /= 2) {
        value += __shfl_xor_sync(0xffffffffu, value, distance);
    }
    return value;
}

// Every thread gets the sum.
template <class T> __device__ inline T block_sum(T value)
{
    __shared__ T of_warp[THREADS / WARP];
    int lane = threadIdx.x % WARP;
    int warps = blockDim.x / WARP;
    value = warp_sum(value);
    if (lane == 0) {
        of_warp[threadIdx.x / WARP] = value;
    }
    __syncthreads();
    value = warp_sum(lane < warps ? of_warp[lane] : T(0));
    __syncthreads(); // the next call writes of_warp again
    return value;
}

// The threads lie in rows of `columns`, the first columns · rows of them, and each has N values. The threads of the
// first row get the sums over their columns; for the others the values are undefined.
template <int N, class T> __device__ inline void column_sums(T (&value)[N], int columns, int rows)
{
    __shared__ T shared[N][THREADS];
    int t = threadIdx.x;
    for (int k = 0; k < N; k++) {
        shared[k][t] = value[k];
    }
    for (int left = rows; left > 1;) {
        int half = (left + 1) / 2;
        __syncthreads();
        if (t < (left - half) * columns) {
            for (int k = 0; k < N; k++) {
                shared[k][t] += shared[k][t + half * columns];
            }
        }
        left = half;
    }
    for (int k = 0; k < N; k++) {
        value[k] = shared[k][t];
    }
    __syncthreads(); // the next call writes shared again
}
