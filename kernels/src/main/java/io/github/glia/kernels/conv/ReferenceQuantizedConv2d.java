package io.github.glia.kernels.conv;

import io.github.glia.kernels.quantize.ReferenceQuantize;
import io.github.glia.tensor.DType;

/** Convolution of bytes in plain Java. */
public final class ReferenceQuantizedConv2d {
  private ReferenceQuantizedConv2d() {}

  public static double[] forward(
      QuantizedConv2dPlan.Key key, double[] x, double[] w, double[] scale, double[] bias) {
    return scaled(
        ReferenceConv2d.forward(key.shape(), x, w, null), scale, bias, key.relu(), key.output());
  }

  /** Of the sums of products of each channel, what {@code QuantizedPlan} writes. */
  public static double[] scaled(
      double[] sums, double[] scale, double[] bias, boolean relu, DType output) {
    double[] y = new double[sums.length];
    for (int i = 0; i < y.length; i++) {
      int channel = i % scale.length;
      double value = scale[channel] * sums[i] + bias[channel];
      double positive = relu ? Math.max(0, value) : value;
      y[i] = output == DType.I8 ? ReferenceQuantize.saturated(positive, DType.I8) : positive;
    }
    return y;
  }
}
