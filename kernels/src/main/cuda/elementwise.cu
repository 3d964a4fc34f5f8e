// Sum, product and multiple, element by element; the formulas are in AddPlan, MultiplyPlan and ScalePlan.
#include "element.cuh"
#include "pack.cuh"

#define DEFINE(T)                                                                                                        \
    extern "C" __global__ void add_##T(const T *a, const T *b, T *y, long long count)                                    \
    {                                                                                                                    \
        map(a, b, y, count, [](float left, float right) { return left + right; });                                       \
    }                                                                                                                    \
    extern "C" __global__ void multiply_##T(const T *a, const T *b, T *y, long long count)                               \
    {                                                                                                                    \
        map(a, b, y, count, [](float left, float right) { return left * right; });                                       \
    }                                                                                                                    \
    extern "C" __global__ void scale_##T(const T *x, float factor, T *y, long long count)                                \
    {                                                                                                                    \
        map(x, y, count, [factor](float value) { return factor * value; });                                              \
    }

FOR_COMPUTED_TYPES(DEFINE)
