package io.github.glia.kernels.softmax;

/** Softmax in plain Java: what {@link SoftmaxPlan} says, row by row. */
public final class ReferenceSoftmax {
  private ReferenceSoftmax() {}

  /** {@code channels} is the size of the last dimension. */
  public static double[] forward(int channels, double[] x) {
    double[] y = new double[x.length];
    for (int row = 0; row < x.length; row += channels) {
      double max = Double.NEGATIVE_INFINITY;
      for (int c = 0; c < channels; c++) {
        max = Math.max(max, x[row + c]);
      }
      double sum = 0;
      for (int c = 0; c < channels; c++) {
        y[row + c] = Math.exp(x[row + c] - max);
        sum += y[row + c];
      }
      for (int c = 0; c < channels; c++) {
        y[row + c] /= sum;
      }
    }
    return y;
  }

  public static double[] backward(int channels, double[] y, double[] dy) {
    double[] dx = new double[y.length];
    for (int row = 0; row < y.length; row += channels) {
      double sum = 0;
      for (int c = 0; c < channels; c++) {
        sum += dy[row + c] * y[row + c];
      }
      for (int c = 0; c < channels; c++) {
        dx[row + c] = y[row + c] * (dy[row + c] - sum);
      }
    }
    return dx;
  }
}
