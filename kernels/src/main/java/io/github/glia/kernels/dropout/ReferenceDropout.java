package io.github.glia.kernels.dropout;

import io.github.glia.tensor.Philox;

/** Dropout in plain Java: what {@link DropoutPlan} says. */
public final class ReferenceDropout {
  private ReferenceDropout() {}

  public static double[] mask(int count, float probability, long seed, long stream) {
    Philox random = new Philox(seed, stream);
    double[] mask = new double[count];
    for (int i = 0; i < count; i++) {
      mask[i] = random.nextFloat() >= probability ? 1 / (1.0 - probability) : 0;
    }
    return mask;
  }

  public static double[] forward(double[] x, double[] mask) {
    double[] y = new double[x.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = x[i] * mask[i];
    }
    return y;
  }

  public static double[] backward(double[] dy, double[] mask) {
    double[] dx = new double[dy.length];
    for (int i = 0; i < dx.length; i++) {
      dx[i] = dy[i] * mask[i];
    }
    return dx;
  }
}
