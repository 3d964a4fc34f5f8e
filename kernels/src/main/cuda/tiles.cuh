// How the threads of a launch lie on [images, rows, channels], where a row is a pixel. ImageTiles of the Java side is
// the same arithmetic.
//
// A thread works on W neighbouring channels, a pack, of every n-th row; neighbouring threads on neighbouring packs, and
// a block on as many rows at a time as it has threads for. Block x works on one part of the rows of one image, block y
// on the packs from THREADS · y on.
//
// Needs element.cuh, pack.cuh and reduce.cuh.
#pragma once

struct Tiles {
    long long rows;          // of an image
    int packs;               // of a row
    int parts;               // of an image
    long long rows_of_part;
};

struct Tile {
    long long image;
    int part;
    int pack;                // of the row
    long long first;         // the pack in the part's first row, counted from the tensor's start
    int row;                 // the first of this thread, in the part
    int end;                 // of the rows of the part
    int step;                // from row to row
    bool works;              // whether there is a pack for this thread

    __device__ explicit Tile(const Tiles &tiles)
    {
        int columns = columns_of_block(tiles);
        int row_of_block = threadIdx.x / columns;
        image = blockIdx.x / tiles.parts;
        part = blockIdx.x % tiles.parts;
        pack = blockIdx.y * THREADS + threadIdx.x % columns;
        step = rows_of_block(tiles);
        long long begin = part * tiles.rows_of_part;
        long long left = tiles.rows - begin;
        first = (image * tiles.rows + begin) * tiles.packs + pack;
        row = row_of_block;
        end = (int)(left < tiles.rows_of_part ? left : tiles.rows_of_part);
        works = row_of_block < step && pack < tiles.packs;
        if (!works) {
            row = end;
        }
    }

    __device__ static int columns_of_block(const Tiles &tiles) { return tiles.packs < THREADS ? tiles.packs : THREADS; }

    __device__ static int rows_of_block(const Tiles &tiles) { return THREADS / columns_of_block(tiles); }

    // Whether this thread holds the sums over the block's rows after column_sums.
    __device__ bool holds_sums(const Tiles &tiles) const { return works && (int)threadIdx.x < columns_of_block(tiles); }

    // The pack in a row of the part, counted from the tensor's start.
    __device__ long long index(const Tiles &tiles, int of_row) const { return first + of_row * tiles.packs; }
};

template <class T, int W> __device__ inline void load_pack(float (&value)[W], const T *x, long long at)
{
    if (holds_packs<T, W>(x)) {
        pack<T, W> p = ((const pack<T, W> *)x)[at];
        for (int k = 0; k < W; k++) {
            value[k] = load(p.element, k);
        }
    } else {
        for (int k = 0; k < W; k++) {
            value[k] = load(x, at * W + k);
        }
    }
}

// So many rows, as a type, and whether their packs may be loaded and stored whole.
template <int N, bool WHOLE> struct Rows {
    static constexpr int count = N;
    static constexpr bool whole = WHOLE;
};

// Calls f with N rows of the thread at a time, while there are so many, and then with one: f(Rows, the first of them).
// Where packs are not whole, always with one.
//
// To load takes far longer than to compute of it: who loads N packs before using the first waits for them all at once.
template <int N, class F> __device__ inline void for_each_rows(const Tile &tile, bool whole, F f)
{
    int row = tile.row;
    if (whole) {
        for (; row + (N - 1) * tile.step < tile.end; row += N * tile.step) {
            f(Rows<N, true>(), row);
        }
#pragma unroll 1
        for (; row < tile.end; row += tile.step) {
            f(Rows<1, true>(), row);
        }
    } else {
#pragma unroll 1
        for (; row < tile.end; row += tile.step) {
            f(Rows<1, false>(), row);
        }
    }
}

// The packs of the thread in its rows, as they lie in memory.
template <class R, class T, int W, int N>
__device__ inline void load_rows(R, pack<T, W> (&packs)[N], const T *x, const Tile &tile, const Tiles &tiles, int row)
{
    for (int r = 0; r < N; r++) {
        long long at = tile.index(tiles, row + r * tile.step);
        if (R::whole) {
            packs[r] = ((const pack<T, W> *)x)[at];
        } else {
            for (int k = 0; k < W; k++) {
                packs[r].element[k] = x[at * W + k];
            }
        }
    }
}

// Rounds to the type; `value` becomes what is stored.
template <class R, class T, int W> __device__ inline void store_row(R, T *y, long long at, float (&value)[W])
{
    pack<T, W> p;
    for (int k = 0; k < W; k++) {
        store(p.element, k, value[k]);
        value[k] = load(p.element, k);
    }
    if (R::whole) {
        ((pack<T, W> *)y)[at] = p;
    } else {
        for (int k = 0; k < W; k++) {
            y[at * W + k] = p.element[k];
        }
    }
}
