/* The 16-bit types, exactly. */
#include "half.h"
#include <cmath>
#include <cstdint>
#include <cstring>

namespace {

uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

float float_of(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* bits / 2^shift, rounded to the nearest, ties to even */
uint32_t round_shift(uint32_t bits, unsigned shift)
{
    uint32_t half = 1u << (shift - 1);
    uint32_t quotient = bits >> shift;
    uint32_t rest = bits & ((1u << shift) - 1);
    return quotient + (rest > half || (rest == half && (quotient & 1) != 0) ? 1 : 0);
}

} // namespace

float soft_half_to_float(unsigned short bits)
{
    uint32_t sign = uint32_t(bits & 0x8000) << 16;
    uint32_t exponent = (bits >> 10) & 31;
    uint32_t mantissa = bits & 1023;
    if (exponent == 31) {
        return float_of(sign | 0x7f800000 | mantissa << 13);
    }
    if (exponent == 0) {
        float magnitude = float(mantissa) * 0x1p-24f;
        return sign != 0 ? -magnitude : magnitude;
    }
    return float_of(sign | (exponent + 112) << 23 | mantissa << 13);
}

unsigned short soft_float_to_half(float value)
{
    uint32_t bits = bits_of(value);
    uint32_t sign = (bits >> 16) & 0x8000;
    uint32_t magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) {
        return static_cast<unsigned short>(0x7fff);
    }
    if (magnitude >= 0x477ff000) { /* 65520 and more round to infinity */
        return static_cast<unsigned short>(sign | 0x7c00);
    }
    if (magnitude >= 0x38800000) { /* 2^-14: normal; a carry of the mantissa goes into the exponent, as it should */
        return static_cast<unsigned short>(sign | round_shift(magnitude - 0x38000000, 13));
    }
    if (magnitude < 0x33000000) { /* less than 2^-25 */
        return static_cast<unsigned short>(sign);
    }
    uint32_t exponent = magnitude >> 23;
    return static_cast<unsigned short>(sign | round_shift((magnitude & 0x7fffff) | 0x800000, 126 - exponent));
}

float soft_bfloat16_to_float(unsigned short bits) { return float_of(uint32_t{bits} << 16); }

unsigned short soft_float_to_bfloat16(float value)
{
    if (std::isnan(value)) {
        return 0x7fff;
    }
    return static_cast<unsigned short>(round_shift(bits_of(value), 16));
}
