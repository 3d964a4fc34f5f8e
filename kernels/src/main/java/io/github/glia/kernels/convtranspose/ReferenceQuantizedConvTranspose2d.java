package io.github.glia.kernels.convtranspose;

import io.github.glia.kernels.conv.ReferenceQuantizedConv2d;

/** Transposed convolution of bytes in plain Java. */
public final class ReferenceQuantizedConvTranspose2d {
  private ReferenceQuantizedConvTranspose2d() {}

  public static double[] forward(
      QuantizedConvTranspose2dPlan.Key key, double[] x, double[] w, double[] scale, double[] bias) {
    return ReferenceQuantizedConv2d.scaled(
        ReferenceConvTranspose2d.forward(key.shape(), x, w, null),
        scale,
        bias,
        false,
        key.output());
  }
}
