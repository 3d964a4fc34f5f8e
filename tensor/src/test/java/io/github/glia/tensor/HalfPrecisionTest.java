package io.github.glia.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Both 16-bit formats are compared with the definition of such a format: a sign, an exponent and a
 * fraction, and of two neighbours the nearer one, or the even one if both are as near.
 */
class HalfPrecisionTest {
  private enum Format {
    BF16(8, 7) {
      @Override
      float decode(int bits) {
        return HalfPrecision.fromBf16((short) bits);
      }

      @Override
      int encode(float value) {
        return HalfPrecision.toBf16(value) & 0xffff;
      }
    },
    F16(5, 10) {
      @Override
      float decode(int bits) {
        return HalfPrecision.fromF16((short) bits);
      }

      @Override
      int encode(float value) {
        return HalfPrecision.toF16(value) & 0xffff;
      }
    };

    static final int SIGN = 0x8000;

    final int exponentBits;
    final int fractionBits;
    final int infinity;

    Format(int exponentBits, int fractionBits) {
      this.exponentBits = exponentBits;
      this.fractionBits = fractionBits;
      this.infinity = ((1 << exponentBits) - 1) << fractionBits;
    }

    abstract float decode(int bits);

    abstract int encode(float value);

    /**
     * What a pattern means; for infinity, the number that would follow the largest finite one,
     * which is what rounding to nearest measures the distance to.
     */
    double meaning(int bits) {
      int exponent = (bits & 0x7fff) >>> fractionBits;
      int bias = (1 << (exponentBits - 1)) - 1;
      double fraction = (bits & ((1 << fractionBits) - 1)) / (double) (1 << fractionBits);
      double magnitude =
          exponent == 0
              ? fraction * Math.pow(2, 1 - bias)
              : (1 + fraction) * Math.pow(2, exponent - bias);
      return (bits & SIGN) == 0 ? magnitude : -magnitude;
    }

    /** The pattern nearest to a number that is not NaN, by bisection over all magnitudes. */
    int nearest(float value) {
      double magnitude = Math.min(Math.abs((double) value), meaning(infinity));
      int below = 0;
      int above = infinity;
      while (above - below > 1) {
        int middle = (below + above) / 2;
        if (meaning(middle) <= magnitude) {
          below = middle;
        } else {
          above = middle;
        }
      }
      double fromBelow = magnitude - meaning(below);
      double fromAbove = meaning(above) - magnitude;
      boolean down = fromBelow < fromAbove || (fromBelow == fromAbove && below % 2 == 0);
      return (down ? below : above) | (Float.floatToRawIntBits(value) < 0 ? SIGN : 0);
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyPatternHasItsMeaning(Format format) {
    for (int bits = 0; bits <= 0xffff; bits++) {
      float value = format.decode(bits);
      int magnitude = bits & 0x7fff;
      if (magnitude > format.infinity) {
        assertTrue(Float.isNaN(value), hex(bits));
      } else if (magnitude == format.infinity) {
        assertEquals(bits < Format.SIGN ? Float.POSITIVE_INFINITY : Float.NEGATIVE_INFINITY, value);
      } else {
        assertEquals((float) format.meaning(bits), value, hex(bits));
        assertEquals(format.meaning(bits), (double) value, hex(bits));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyPatternSurvivesTheRoundTrip(Format format) {
    for (int bits = 0; bits <= 0xffff; bits++) {
      int back = format.encode(format.decode(bits));
      boolean nan = (bits & 0x7fff) > format.infinity;
      int quiet = nan ? 1 << (format.fractionBits - 1) : 0;
      assertEquals(hex(bits | quiet), hex(back));
    }
  }

  @ParameterizedTest
  @EnumSource
  void halfwayBetweenAnyTwoNeighboursTheEvenOneWins(Format format) {
    for (int bits = 0; bits < format.infinity; bits++) {
      float tie = (float) ((format.meaning(bits) + format.meaning(bits + 1)) / 2);
      for (int sign : new int[] {0, Format.SIGN}) {
        float signed = sign == 0 ? tie : -tie;
        float nearer = sign == 0 ? Math.nextDown(tie) : Math.nextUp(-tie);
        float farther = sign == 0 ? Math.nextUp(tie) : Math.nextDown(-tie);
        assertEquals(hex((bits + bits % 2) | sign), hex(format.encode(signed)));
        assertEquals(hex(bits | sign), hex(format.encode(nearer)));
        assertEquals(hex((bits + 1) | sign), hex(format.encode(farther)));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void anyFloatGoesToTheNearest(Format format) {
    Random random = new Random(1);
    for (int i = 0; i < 300_000; i++) {
      float value =
          i % 2 == 0
              ? Float.intBitsToFloat(random.nextInt())
              : (float) (random.nextGaussian() * Math.pow(2, random.nextInt(50) - 30));
      if (!Float.isNaN(value)) {
        assertEquals(
            hex(format.nearest(value)), hex(format.encode(value)), () -> String.valueOf(value));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyNanStaysNan(Format format) {
    Random random = new Random(1);
    for (int i = 0; i < 100_000; i++) {
      int payload = i == 0 ? 1 : 1 + random.nextInt(0x7f_ffff);
      int sign = random.nextBoolean() ? 0 : 0x8000_0000;
      float nan = Float.intBitsToFloat(sign | 0x7f80_0000 | payload);
      int encoded = format.encode(nan);
      assertTrue((encoded & 0x7fff) > format.infinity, hex(encoded));
      assertTrue(Float.isNaN(format.decode(encoded)));
    }
  }

  @ParameterizedTest
  @EnumSource
  void extremes(Format format) {
    assertEquals(hex(format.infinity), hex(format.encode(Float.MAX_VALUE)));
    assertEquals(hex(format.infinity), hex(format.encode(Float.POSITIVE_INFINITY)));
    assertEquals(hex(format.infinity | Format.SIGN), hex(format.encode(Float.NEGATIVE_INFINITY)));
    assertEquals(hex(0), hex(format.encode(0f)));
    assertEquals(hex(Format.SIGN), hex(format.encode(-0f)));
    assertEquals(hex(0), hex(format.encode(Float.MIN_VALUE)));
    assertEquals(hex(Format.SIGN), hex(format.encode(-Float.MIN_VALUE)));
  }

  private static String hex(int bits) {
    return String.format("%04x", bits);
  }
}
