// Rows of bytes side by side, and apart again: what ConcatPlan does in both directions, for elements of any type.
#include "element.cuh"
#include "pack.cuh"

// Copies `rows` rows of `units` units from one matrix into another; the strides are in units, too.
#define DEFINE(BYTES, T, N)                                                                                              \
    extern "C" __global__ void copy_rows_##BYTES(                                                                       \
        const pack<T, N> *from, long long fromStride, pack<T, N> *to, long long toStride, int units, long long rows)     \
    {                                                                                                                    \
        FOR_EACH_ELEMENT(i, rows *units)                                                                                 \
        {                                                                                                                \
            long long row = i / units;                                                                                   \
            long long unit = i % units;                                                                                  \
            to[row * toStride + unit] = from[row * fromStride + unit];                                                   \
        }                                                                                                                \
    }

DEFINE(2, unsigned short, 1)
DEFINE(4, unsigned, 1)
DEFINE(8, unsigned, 2)
DEFINE(16, unsigned, 4)
