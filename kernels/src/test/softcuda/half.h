#pragma once
/* IEEE half precision and bfloat16, rounded to nearest, ties to even. */
float soft_half_to_float(unsigned short bits);
unsigned short soft_float_to_half(float value);
float soft_bfloat16_to_float(unsigned short bits);
unsigned short soft_float_to_bfloat16(float value);
