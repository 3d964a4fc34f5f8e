// Sum or mean of all elements, and its gradient; the formulas are in ReducePlan.
#include "element.cuh"
#include "reduce.cuh"

// The sum, in double, of those elements that fall to each block.
template <class T> __device__ inline void sum_of_block(const T *x, double *sums, long long count)
{
    double sum = 0;
    FOR_EACH_ELEMENT(i, count) sum += load(x, i);
    sum = block_sum(sum);
    if (threadIdx.x == 0) {
        sums[blockIdx.x] = sum;
    }
}

// y = factor · Σ sums, by one block.
extern "C" __global__ void reduce_total(const double *sums, int count, double factor, float *y)
{
    double sum = 0;
    for (int i = threadIdx.x; i < count; i += blockDim.x) {
        sum += sums[i];
    }
    sum = block_sum(sum);
    if (threadIdx.x == 0) {
        *y = (float)(sum * factor);
    }
}

// dx = factor · dy in every element.
#define DEFINE(T)                                                                                                      \
    extern "C" __global__ void reduce_sums_##T(const T *x, double *sums, long long count)                              \
    {                                                                                                                  \
        sum_of_block(x, sums, count);                                                                                  \
    }                                                                                                                  \
    extern "C" __global__ void reduce_backward_##T(const float *dy, double factor, T *dx, long long count)             \
    {                                                                                                                  \
        float gradient = (float)(*dy * factor);                                                                        \
        FOR_EACH_ELEMENT(i, count) store(dx, i, gradient);                                                             \
    }

FOR_COMPUTED_TYPES(DEFINE)
