// Four neighbouring elements, loaded and stored in one transaction.
#pragma once

template <typename T> struct alignas(4 * sizeof(T)) four {
    T at[4];
};

// Whether four elements at a time can be read from an address.
template <typename T> __device__ inline bool holds_fours(const T *x)
{
    return (unsigned long long)x % sizeof(four<T>) == 0;
}
