// The same numbers in another type: CastPlan.
#include "element.cuh"
#include "vector.cuh"

template <typename From, typename To> __device__ inline void cast(const From *x, To *y, long long count)
{
    long long fours = holds_fours(x) && holds_fours(y) ? count / 4 : 0;
    FOR_EACH_ELEMENT(i, fours)
    {
        four<From> in = ((const four<From> *)x)[i];
        four<To> out;
        for (int k = 0; k < 4; k++) store(out.at, k, load(in.at, k));
        ((four<To> *)y)[i] = out;
    }
    FOR_EACH_ELEMENT(i, count - 4 * fours) store(y, 4 * fours + i, load(x, 4 * fours + i));
}

#define CAST(FROM, TO)                                                                                                   \
    extern "C" __global__ void cast_##FROM##_##TO(const FROM *x, TO *y, long long count) { cast(x, y, count); }
#define DEFINE(TO) CAST(f32, TO) CAST(bf16, TO) CAST(f16, TO) CAST(u8, TO)

FOR_COMPUTED_TYPES(DEFINE)
