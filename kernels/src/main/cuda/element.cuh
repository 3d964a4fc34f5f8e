// Elements of each type of tensor, loaded to and stored from float.
//
// The 16-bit types are our own, so that a kernel is the same text for the GPU and, in the tests, for the CPU: no header
// of CUDA's is needed.
#pragma once

struct bf16 {
    unsigned short bits;
};

struct f16 {
    unsigned short bits;
};

typedef float f32;
typedef unsigned char u8;

__device__ inline float float_of_bits(unsigned bits)
{
    union {
        unsigned bits;
        float value;
    } u;
    u.bits = bits;
    return u.value;
}

__device__ inline unsigned bits_of_float(float value)
{
    union {
        unsigned bits;
        float value;
    } u;
    u.value = value;
    return u.bits;
}

__device__ inline float load(const f32 *x, long long i) { return x[i]; }
__device__ inline float load(const u8 *x, long long i) { return x[i]; }
__device__ inline float load(const bf16 *x, long long i) { return float_of_bits((unsigned)x[i].bits << 16); }

__device__ inline float load(const f16 *x, long long i)
{
#ifdef __CUDACC__
    float value;
    asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(x[i].bits));
    return value;
#else
    return soft_half_to_float(x[i].bits);
#endif
}

__device__ inline void store(f32 *y, long long i, float value) { y[i] = value; }

// Rounds to nearest, ties to even; NaN stays NaN, quiet.
__device__ inline void store(bf16 *y, long long i, float value)
{
    unsigned bits = bits_of_float(value);
    if ((bits & 0x7fffffffu) > 0x7f800000u) {
        y[i].bits = (unsigned short)((bits >> 16) | 0x40u);
    } else {
        y[i].bits = (unsigned short)((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
    }
}

__device__ inline void store(f16 *y, long long i, float value)
{
#ifdef __CUDACC__
    unsigned short bits;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(value));
    y[i].bits = bits;
#else
    y[i].bits = soft_float_to_half(value);
#endif
}

// The elements that a thread works on, when all threads of a launch share `count` of them in turns.
#define FOR_EACH_ELEMENT(i, count)                                                             \
    for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < (count);          \
         i += gridDim.x * (long long)blockDim.x)

// Defines a family of kernels for the types that are computed in: DEFINE(f32), DEFINE(bf16), DEFINE(f16).
#define FOR_COMPUTED_TYPES(DEFINE) DEFINE(f32) DEFINE(bf16) DEFINE(f16)
