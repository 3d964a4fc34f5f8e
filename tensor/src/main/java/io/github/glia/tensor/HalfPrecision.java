package io.github.glia.tensor;

/** 16-bit floating point numbers to and from {@code float}, rounded to nearest, ties to even. */
public final class HalfPrecision {
  private HalfPrecision() {}

  public static float fromBf16(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  public static short toBf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >>> 16) | 0x40);
    }
    int tieToEven = (bits >>> 16) & 1;
    return (short) ((bits + 0x7fff + tieToEven) >>> 16);
  }

  public static float fromF16(short bits) {
    int sign = (bits & 0x8000) << 16;
    int exponent = (bits >>> 10) & 0x1f;
    int fraction = bits & 0x3ff;
    if (exponent == 0) {
      float magnitude = fraction * 0x1p-24f;
      return sign == 0 ? magnitude : -magnitude;
    }
    if (exponent == 0x1f) {
      return Float.intBitsToFloat(sign | 0x7f80_0000 | (fraction << 13));
    }
    return Float.intBitsToFloat(sign | ((exponent + 127 - 15) << 23) | (fraction << 13));
  }

  public static short toF16(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = (bits >>> 16) & 0x8000;
    if (Float.isNaN(value)) {
      return (short) (sign | 0x7e00 | ((bits >>> 13) & 0x3ff));
    }
    float magnitude = Math.abs(value);
    if (magnitude >= 65520f) {
      return (short) (sign | 0x7c00);
    }
    if (magnitude < 0x1p-14f) {
      // Below the normal range a half is a multiple of 2^-24, and rint rounds ties to even.
      return (short) (sign | (int) Math.rint(magnitude * 0x1p24));
    }
    int shifted = (bits & 0x7fff_ffff) - ((127 - 15) << 23);
    int tieToEven = (shifted >>> 13) & 1;
    return (short) (sign | ((shifted + 0xfff + tieToEven) >>> 13));
  }
}
