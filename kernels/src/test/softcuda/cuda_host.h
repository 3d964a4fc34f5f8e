/*
 * CUDA's device language for g++: enough to compile our kernels for this machine. Each thread of a block runs as a fiber
 * (fibers.cpp), one block after the other, so barriers, shuffles and shared memory behave as on a GPU, and atomics need
 * no care. The words __global__ and __shared__ are left to the build (build.sh), which looks for them.
 */
#pragma once
#include "kernel.h"
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <math.h>
#include <type_traits>
#include <utility>

#define __device__
#define __host__
#define __constant__ static
#define __forceinline__ inline
#define __noinline__ __attribute__((noinline))
#define __launch_bounds__(...)
#undef assert
#define assert(condition) ((condition) ? static_cast<void>(0) : softcuda::trap())
#define __align__(n) __attribute__((aligned(n)))

struct uint3 {
    unsigned x, y, z;
};
struct dim3 {
    unsigned x = 1, y = 1, z = 1;
};
extern uint3 threadIdx, blockIdx;
extern dim3 blockDim, gridDim;
constexpr int warpSize = 32;

#define SOFTCUDA_VECTOR(T, name, align)                                                                     \
    struct __align__(2 * align) name##2 { T x, y; };                                                        \
    struct __align__(4 * align > 16 ? 16 : 4 * align) name##4 { T x, y, z, w; };                            \
    inline name##2 make_##name##2(T x, T y) { return {x, y}; }                                              \
    inline name##4 make_##name##4(T x, T y, T z, T w) { return {x, y, z, w}; }
SOFTCUDA_VECTOR(float, float, 4)
SOFTCUDA_VECTOR(int, int, 4)
SOFTCUDA_VECTOR(unsigned, uint, 4)
SOFTCUDA_VECTOR(unsigned short, ushort, 2)
SOFTCUDA_VECTOR(double, double, 8)
#undef SOFTCUDA_VECTOR

namespace softcuda {

constexpr unsigned FULL_WARP = 0xffffffffu;

unsigned current_lane();
void block_barrier();
void warp_barrier(unsigned mask);
/* A block barrier that also sums what the threads bring. */
int block_sum(int value);
/* The 16 bytes that a lane of this thread's warp shows to the others between two barriers. */
char *lane_slot(unsigned lane);
/* Which lanes of this thread's warp did not end. */
unsigned living_lanes();
void *dynamic_shared();
[[noreturn]] void trap();

bool launch(const Kernel &kernel, void **arguments, const unsigned dimensions[6], unsigned dynamic_shared);

template <class... A, size_t... I> void call(void (*kernel)(A...), void **arguments, std::index_sequence<I...>)
{
    kernel(*static_cast<std::remove_const_t<A> *>(arguments[I])...);
}

template <auto kernel> struct Described;
template <class... A, void (*kernel)(A...)> struct Described<kernel> {
    static constexpr size_t sizes[sizeof...(A) + 1] = {sizeof(A)..., 0};
    static void run(void **arguments) { call(kernel, arguments, std::index_sequence_for<A...>{}); }
    static constexpr Kernel make() { return {run, sizeof...(A), sizes, launch}; }
};

/* The value of another lane; all bits set, which is NaN, of one that ended. */
template <class T> T exchange(unsigned mask, T value, unsigned from)
{
    static_assert(sizeof(T) <= 16, "a lane's slot");
    memcpy(lane_slot(current_lane()), &value, sizeof value);
    warp_barrier(mask);
    T result;
    if ((living_lanes() & mask & (1u << from)) != 0) {
        memcpy(&result, lane_slot(from), sizeof result);
    } else {
        memset(static_cast<void *>(&result), 0xff, sizeof result);
    }
    warp_barrier(mask);
    return result;
}

/* Combines the values of all lanes of the mask, in the order of the lanes. */
template <class T, class Combine> T reduce(unsigned mask, T value, Combine combine)
{
    memcpy(lane_slot(current_lane()), &value, sizeof value);
    warp_barrier(mask);
    T result{};
    bool first = true;
    for (unsigned lane = 0; lane < 32; lane++) {
        if ((living_lanes() & mask & (1u << lane)) != 0) {
            T other;
            memcpy(&other, lane_slot(lane), sizeof other);
            result = first ? other : combine(result, other);
            first = false;
        }
    }
    warp_barrier(mask);
    return result;
}

} // namespace softcuda

/* IEEE half precision, rounded to nearest even (half.cpp). */
float soft_half_to_float(unsigned short bits);
unsigned short soft_float_to_half(float value);
float soft_bfloat16_to_float(unsigned short bits);
unsigned short soft_float_to_bfloat16(float value);

inline void __syncthreads() { softcuda::block_barrier(); }
inline int __syncthreads_count(int p) { return softcuda::block_sum(p != 0); }
inline int __syncthreads_or(int p) { return softcuda::block_sum(p != 0) != 0; }
inline int __syncthreads_and(int p) { return softcuda::block_sum(p == 0) == 0; }
inline void __syncwarp(unsigned mask = softcuda::FULL_WARP) { softcuda::warp_barrier(mask); }
inline void __threadfence() {}
inline void __threadfence_block() {}
inline void __threadfence_system() {}
inline void __trap() { softcuda::trap(); }
inline unsigned __activemask() { return softcuda::living_lanes(); }

template <class T> T __shfl_sync(unsigned mask, T value, int lane, int width = 32)
{
    unsigned first = softcuda::current_lane() / unsigned(width) * unsigned(width);
    return softcuda::exchange(mask, value, first + unsigned(lane) % unsigned(width));
}
template <class T> T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32)
{
    unsigned lane = softcuda::current_lane();
    bool inside = lane % unsigned(width) + delta < unsigned(width);
    return softcuda::exchange(mask, value, inside ? lane + delta : lane);
}
template <class T> T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32)
{
    unsigned lane = softcuda::current_lane();
    return softcuda::exchange(mask, value, lane % unsigned(width) >= delta ? lane - delta : lane);
}
template <class T> T __shfl_xor_sync(unsigned mask, T value, int bits, int width = 32)
{
    unsigned lane = softcuda::current_lane();
    unsigned other = lane ^ unsigned(bits);
    return softcuda::exchange(mask, value, other / unsigned(width) <= lane / unsigned(width) ? other : lane);
}
inline unsigned __ballot_sync(unsigned mask, int p)
{
    return softcuda::reduce(mask, p != 0 ? 1u << softcuda::current_lane() : 0u, [](unsigned a, unsigned b) { return a | b; });
}
inline int __any_sync(unsigned mask, int p) { return __ballot_sync(mask, p) != 0; }
inline int __all_sync(unsigned mask, int p) { return __ballot_sync(mask, p == 0) == 0; }
inline unsigned __reduce_add_sync(unsigned mask, unsigned v) { return softcuda::reduce(mask, v, [](unsigned a, unsigned b) { return a + b; }); }
inline unsigned __reduce_max_sync(unsigned mask, unsigned v) { return softcuda::reduce(mask, v, [](unsigned a, unsigned b) { return std::max(a, b); }); }
inline unsigned __reduce_min_sync(unsigned mask, unsigned v) { return softcuda::reduce(mask, v, [](unsigned a, unsigned b) { return std::min(a, b); }); }

#define SOFTCUDA_ATOMIC(name, expression)                                                   \
    template <class T> T atomic##name(T *address, std::common_type_t<T> value)              \
    {                                                                                       \
        T old = *address;                                                                   \
        *address = static_cast<T>(expression);                                              \
        return old;                                                                         \
    }
SOFTCUDA_ATOMIC(Add, old + value)
SOFTCUDA_ATOMIC(Sub, old - value)
SOFTCUDA_ATOMIC(Max, std::max(old, value))
SOFTCUDA_ATOMIC(Min, std::min(old, value))
SOFTCUDA_ATOMIC(And, old & value)
SOFTCUDA_ATOMIC(Or, old | value)
SOFTCUDA_ATOMIC(Xor, old ^ value)
SOFTCUDA_ATOMIC(Exch, value)
SOFTCUDA_ATOMIC(Inc, old >= value ? T(0) : old + 1)
#undef SOFTCUDA_ATOMIC
template <class T> T atomicCAS(T *address, std::common_type_t<T> expected, std::common_type_t<T> value)
{
    T old = *address;
    *address = old == expected ? value : old;
    return old;
}

namespace softcuda {
template <class To, class From> To bits_as(From from)
{
    static_assert(sizeof(To) == sizeof(From), "same bits");
    To to;
    memcpy(&to, &from, sizeof to);
    return to;
}
} // namespace softcuda
inline int __float_as_int(float x) { return softcuda::bits_as<int>(x); }
inline unsigned __float_as_uint(float x) { return softcuda::bits_as<unsigned>(x); }
inline float __int_as_float(int x) { return softcuda::bits_as<float>(x); }
inline float __uint_as_float(unsigned x) { return softcuda::bits_as<float>(x); }
inline long long __double_as_longlong(double x) { return softcuda::bits_as<long long>(x); }
inline double __longlong_as_double(long long x) { return softcuda::bits_as<double>(x); }

template <class T> T __ldg(const T *p) { return *p; }
template <class T> T __ldcs(const T *p) { return *p; }
template <class T> T __ldcg(const T *p) { return *p; }
template <class T> void __stcs(T *p, T value) { *p = value; }
template <class T> void __stcg(T *p, T value) { *p = value; }

inline float rsqrtf(float x) { return 1.0f / sqrtf(x); }
inline double rsqrt(double x) { return 1.0 / sqrt(x); }
inline float __expf(float x) { return expf(x); }
inline float __logf(float x) { return logf(x); }
inline float __powf(float x, float y) { return powf(x, y); }
inline float __sinf(float x) { return sinf(x); }
inline float __cosf(float x) { return cosf(x); }
inline void __sincosf(float x, float *s, float *c) { *s = sinf(x); *c = cosf(x); }
inline float __tanhf(float x) { return tanhf(x); }
inline float __fdividef(float x, float y) { return x / y; }
inline float __frcp_rn(float x) { return 1.0f / x; }
inline float __fsqrt_rn(float x) { return sqrtf(x); }
inline float __fadd_rn(float x, float y) { return x + y; }
inline float __fsub_rn(float x, float y) { return x - y; }
inline float __fmul_rn(float x, float y) { return x * y; }
inline float __fdiv_rn(float x, float y) { return x / y; }
inline float __fmaf_rn(float x, float y, float z) { return fmaf(x, y, z); }
inline double __dadd_rn(double x, double y) { return x + y; }
inline double __dmul_rn(double x, double y) { return x * y; }
inline double __fma_rn(double x, double y, double z) { return fma(x, y, z); }
inline float __saturatef(float x) { return x > 0.0f ? (x < 1.0f ? x : 1.0f) : 0.0f; }
inline float __int2float_rn(int x) { return float(x); }
inline float __uint2float_rn(unsigned x) { return float(x); }
inline int __float2int_rn(float x) { return int(nearbyintf(x)); }
inline int __float2int_rz(float x) { return int(x); }
inline int __float2int_rd(float x) { return int(floorf(x)); }
inline unsigned __umulhi(unsigned x, unsigned y) { return unsigned((uint64_t{x} * y) >> 32); }
inline int __mulhi(int x, int y) { return int((int64_t{x} * y) >> 32); }
inline unsigned long long __umul64hi(unsigned long long x, unsigned long long y)
{
    __extension__ using Wide = unsigned __int128;
    return static_cast<unsigned long long>((Wide(x) * y) >> 64);
}
inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
inline int __clz(int x) { return x == 0 ? 32 : __builtin_clz(unsigned(x)); }
inline int __ffs(int x) { return __builtin_ffs(x); }
template <class A, class B> std::common_type_t<A, B> min(A a, B b) { return b < a ? b : a; }
template <class A, class B> std::common_type_t<A, B> max(A a, B b) { return a < b ? b : a; }
/* the floating ones ignore a NaN, as CUDA's */
inline float min(float a, float b) { return fminf(a, b); }
inline float max(float a, float b) { return fmaxf(a, b); }
