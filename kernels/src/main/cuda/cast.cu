// The same numbers in another type: CastPlan.
#include "element.cuh"
#include "pack.cuh"

// Packs of four, so that those of the larger of two types have 16 bytes.
template <typename From, typename To> __device__ inline void cast(const From *x, To *y, long long count)
{
    long long packs = holds_packs<From, 4>(x) && holds_packs<To, 4>(y) ? count / 4 : 0;
    FOR_EACH_ELEMENT(i, packs)
    {
        pack<From, 4> from = load_pack<From, 4>(x, i);
        pack<To, 4> to;
        for (int k = 0; k < 4; k++) {
            store(to.element, k, load(from.element, k));
        }
        store_pack<To, 4>(y, i, to);
    }
    FOR_EACH_ELEMENT(i, count - 4 * packs)
    {
        long long at = 4 * packs + i;
        store(y, at, load(x, at));
    }
}

#define CAST(FROM, TO)                                                                                                   \
    extern "C" __global__ void cast_##FROM##_##TO(const FROM *x, TO *y, long long count) { cast(x, y, count); }
#define DEFINE(TO) CAST(f32, TO) CAST(bf16, TO) CAST(f16, TO) CAST(u8, TO)

FOR_COMPUTED_TYPES(DEFINE)
