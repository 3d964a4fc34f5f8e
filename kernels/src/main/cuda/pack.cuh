// Elements side by side that are loaded and stored at once, and functions of whole arrays that use them.
#pragma once

// N elements; their address is a multiple of their size, or of 16 where that is more than one instruction loads.
template <typename T, int N> struct alignas(N * sizeof(T) < 16 ? N * sizeof(T) : 16) pack {
    T element[N];
};

template <typename T, int N> __device__ inline bool holds_packs(const T *x)
{
    return (unsigned long long)x % alignof(pack<T, N>) == 0;
}

template <typename T, int N> __device__ inline pack<T, N> load_pack(const T *x, long long i)
{
    return ((const pack<T, N> *)x)[i];
}

template <typename T, int N> __device__ inline void store_pack(T *y, long long i, const pack<T, N> &elements)
{
    ((pack<T, N> *)y)[i] = elements;
}

// The elements that a thread moves at once: 16 bytes.
template <typename T> constexpr int packed = 16 / sizeof(T);

// y = f(x) for each element; y may be x. Arrays that do not begin at a multiple of 16 bytes are read one by one.
template <typename T, typename F> __device__ inline void map(const T *x, T *y, long long count, F f)
{
    constexpr int N = packed<T>;
    long long packs = holds_packs<T, N>(x) && holds_packs<T, N>(y) ? count / N : 0;
    FOR_EACH_ELEMENT(i, packs)
    {
        pack<T, N> elements = load_pack<T, N>(x, i);
        for (int k = 0; k < N; k++) {
            store(elements.element, k, f(load(elements.element, k)));
        }
        store_pack<T, N>(y, i, elements);
    }
    FOR_EACH_ELEMENT(i, count - N * packs)
    {
        long long at = N * packs + i;
        store(y, at, f(load(x, at)));
    }
}

// y = f(a, b) for each element; y may be a or b.
template <typename T, typename F> __device__ inline void map(const T *a, const T *b, T *y, long long count, F f)
{
    constexpr int N = packed<T>;
    bool fits = holds_packs<T, N>(a) && holds_packs<T, N>(b) && holds_packs<T, N>(y);
    long long packs = fits ? count / N : 0;
    FOR_EACH_ELEMENT(i, packs)
    {
        pack<T, N> left = load_pack<T, N>(a, i);
        pack<T, N> right = load_pack<T, N>(b, i);
        for (int k = 0; k < N; k++) {
            store(left.element, k, f(load(left.element, k), load(right.element, k)));
        }
        store_pack<T, N>(y, i, left);
    }
    FOR_EACH_ELEMENT(i, count - N * packs)
    {
        long long at = N * packs + i;
        store(y, at, f(load(a, at), load(b, at)));
    }
}
