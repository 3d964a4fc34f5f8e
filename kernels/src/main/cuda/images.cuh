// Places of images [batch, height, width, channels], several neighbouring channels at a time. Needs element.cuh and pack.cuh.
#pragma once

template <typename T, int N> __device__ inline void store(pack<T, N> *y, long long i, const float (&values)[N])
{
    pack<T, N> rounded;
    for (int k = 0; k < N; k++) {
        store(rounded.element, k, values[k]);
    }
    y[i] = rounded;
}

// Where a pack is; `pack` counts those of one place.
struct Place {
    long long image;
    int row, column, pack;
};

// The i-th pack of images of this size.
__device__ inline Place place(long long i, int height, int width, int packs)
{
    Place p;
    p.pack = (int)(i % packs);
    i /= packs;
    p.column = (int)(i % width);
    i /= width;
    p.row = (int)(i % height);
    p.image = i / height;
    return p;
}

// The index of the same pack of the same image, at this row and column of images of this size.
__device__ inline long long index(const Place &p, int row, int column, int height, int width, int packs)
{
    return ((p.image * height + row) * width + column) * packs + p.pack;
}

__device__ inline int smaller(int a, int b) { return a < b ? a : b; }
__device__ inline int larger(int a, int b) { return a > b ? a : b; }
