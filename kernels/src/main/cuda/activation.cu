// Activations and their gradients, element by element; the formulas are in ActivationPlan.
#include "element.cuh"
#include "pack.cuh"

#define DEFINE(T)                                                                                                        \
    /* y = max(0, x), and NaN stays NaN */                                                                               \
    extern "C" __global__ void relu_##T(const T *x, T *y, long long count)                                               \
    {                                                                                                                    \
        map(x, y, count, [](float v) { return v <= 0 ? 0 : v; });                                                        \
    }                                                                                                                    \
    /* y = x where it is above 0, slope times x elsewhere */                                                             \
    extern "C" __global__ void leaky_relu_##T(const T *x, float slope, T *y, long long count)                            \
    {                                                                                                                    \
        map(x, y, count, [=](float v) { return v > 0 ? v : slope * v; });                                                \
    }                                                                                                                    \
    /* dx = slope times dy where y is not above 0, dy elsewhere: of both ReLUs */                                        \
    extern "C" __global__ void relu_backward_##T(const T *y, const T *dy, float slope, T *dx, long long count)           \
    {                                                                                                                    \
        map(y, dy, dx, count, [=](float v, float d) { return d * (v <= 0 ? slope : 1); });                               \
    }                                                                                                                    \
    /* y = 1 / (1 + exp(-x)) */                                                                                          \
    extern "C" __global__ void sigmoid_##T(const T *x, T *y, long long count)                                            \
    {                                                                                                                    \
        map(x, y, count, [](float v) { return 1 / (1 + expf(-v)); });                                                    \
    }                                                                                                                    \
    /* dx = dy * y * (1 - y) */                                                                                          \
    extern "C" __global__ void sigmoid_backward_##T(const T *y, const T *dy, T *dx, long long count)                     \
    {                                                                                                                    \
        map(y, dy, dx, count, [](float v, float d) { return d * v * (1 - v); });                                         \
    }

FOR_COMPUTED_TYPES(DEFINE)
