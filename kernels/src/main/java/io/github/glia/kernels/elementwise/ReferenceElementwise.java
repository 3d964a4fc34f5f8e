package io.github.glia.kernels.elementwise;

/** Sums, products and multiples in plain Java. */
public final class ReferenceElementwise {
  private ReferenceElementwise() {}

  public static double[] add(double[] a, double[] b) {
    double[] y = new double[a.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = a[i] + b[i];
    }
    return y;
  }

  /** Also the gradients of a product: da = dy · b, db = dy · a. */
  public static double[] multiply(double[] a, double[] b) {
    double[] y = new double[a.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = a[i] * b[i];
    }
    return y;
  }

  /** Also the gradient of a multiple: dx = factor · dy. */
  public static double[] scale(double[] x, double factor) {
    double[] y = new double[x.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = factor * x[i];
    }
    return y;
  }
}
