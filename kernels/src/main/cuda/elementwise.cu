// Sum, product and multiple, element by element; the formulas are in AddPlan, MultiplyPlan and ScalePlan.
#include "element.cuh"

#define DEFINE(T)                                                                                                        \
    extern "C" __global__ void add_##T(const T *a, const T *b, T *y, long long count)                                    \
    {                                                                                                                    \
        FOR_EACH_ELEMENT(i, count) store(y, i, load(a, i) + load(b, i));                                                 \
    }                                                                                                                    \
    extern "C" __global__ void multiply_##T(const T *a, const T *b, T *y, long long count)                               \
    {                                                                                                                    \
        FOR_EACH_ELEMENT(i, count) store(y, i, load(a, i) * load(b, i));                                                 \
    }                                                                                                                    \
    extern "C" __global__ void scale_##T(const T *x, float factor, T *y, long long count)                                \
    {                                                                                                                    \
        FOR_EACH_ELEMENT(i, count) store(y, i, factor * load(x, i));                                                     \
    }

FOR_COMPUTED_TYPES(DEFINE)
