package io.github.glia.kernels.cast;

import io.github.glia.kernels.Check;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.HalfPrecision;

/** Casts in plain Java, of one number after the other. */
public final class ReferenceCast {
  private ReferenceCast() {}

  public static double[] forward(DType to, double[] x) {
    double[] y = new double[x.length];
    for (int i = 0; i < y.length; i++) {
      float value = (float) x[i];
      y[i] =
          switch (to) {
            case F32 -> value;
            case BF16 -> HalfPrecision.fromBf16(HalfPrecision.toBf16(value));
            case F16 -> HalfPrecision.fromF16(HalfPrecision.toF16(value));
            case U8, I8 -> throw Check.failed("cast", "the type to cast to must be floating");
          };
    }
    return y;
  }
}
