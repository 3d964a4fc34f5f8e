// Dropout; the formulas are in DropoutPlan. The gradient is a product, which elementwise.cu computes.
#include "element.cuh"
#include "pack.cuh"
#include "philox.cuh"

// The factors of the elements 4 block ... 4 block + 3: `kept` where the top 24 bits of an element's random number are
// `first_kept` or more, else 0.
template <typename T>
__device__ inline pack<T, 4> factors(long long seed, long long stream, long long block, unsigned first_kept, float kept)
{
    random_numbers random = philox(seed, stream, block);
    pack<T, 4> mask;
    for (int k = 0; k < 4; k++) {
        store(mask.element, k, random.number[k] >> 8 >= first_kept ? kept : 0.0f);
    }
    return mask;
}

// Writes the mask, and y = x * mask.
template <typename T>
__device__ inline void dropout(const T *x, long long seed, long long stream, unsigned first_kept, float kept, T *y, T *mask,
                               long long count)
{
    bool fits = holds_packs<T, 4>(x) && holds_packs<T, 4>(y) && holds_packs<T, 4>(mask);
    long long packs = fits ? count / 4 : 0;
    FOR_EACH_ELEMENT(block, packs)
    {
        pack<T, 4> factor = factors<T>(seed, stream, block, first_kept, kept);
        pack<T, 4> elements = load_pack<T, 4>(x, block);
        for (int k = 0; k < 4; k++) {
            store(elements.element, k, load(elements.element, k) * load(factor.element, k));
        }
        store_pack<T, 4>(mask, block, factor);
        store_pack<T, 4>(y, block, elements);
    }
    FOR_EACH_ELEMENT(i, count - 4 * packs)
    {
        long long at = 4 * packs + i;
        pack<T, 4> factor = factors<T>(seed, stream, at / 4, first_kept, kept);
        for (int k = 0; k < 4; k++) { // an index that the compiler knows keeps the factors in registers
            if (k == at % 4) {
                mask[at] = factor.element[k];
                store(y, at, load(x, at) * load(factor.element, k));
            }
        }
    }
}

#define DEFINE(T)                                                                                                        \
    extern "C" __global__ void dropout_##T(const T *x, long long seed, long long stream, int first_kept, float kept,     \
                                           T *y, T *mask, long long count)                                               \
    {                                                                                                                    \
        dropout(x, seed, stream, first_kept, kept, y, mask, count);                                                      \
    }

FOR_COMPUTED_TYPES(DEFINE)
