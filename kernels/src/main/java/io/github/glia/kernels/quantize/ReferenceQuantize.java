package io.github.glia.kernels.quantize;

import io.github.glia.tensor.DType;

/** Quantization in plain Java: what {@link QuantizePlan} says, of one number after the other. */
public final class ReferenceQuantize {
  private ReferenceQuantize() {}

  public static double[] forward(double[] x, double step, DType to) {
    double[] y = new double[x.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = saturated(x[i] / step, to);
    }
    return y;
  }

  /** The nearest whole number that the type holds. */
  public static double saturated(double value, DType type) {
    int lowest = type == DType.I8 ? -128 : 0;
    int highest = type == DType.I8 ? 127 : 255;
    return Math.max(lowest, Math.min(highest, Math.rint(value)));
  }
}
