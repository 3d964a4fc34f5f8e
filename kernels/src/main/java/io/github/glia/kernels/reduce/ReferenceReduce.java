package io.github.glia.kernels.reduce;

import java.util.Arrays;

/** The sum or mean in plain Java: what {@link ReducePlan} says. */
public final class ReferenceReduce {
  private ReferenceReduce() {}

  public static double[] forward(Reduction reduction, double[] x) {
    double sum = 0;
    for (double value : x) {
      sum += value;
    }
    return new double[] {reduction == Reduction.MEAN ? sum / x.length : sum};
  }

  /** {@code count} is the number of elements of x. */
  public static double[] backward(Reduction reduction, int count, double[] dy) {
    double[] dx = new double[count];
    Arrays.fill(dx, reduction == Reduction.MEAN ? dy[0] / count : dy[0]);
    return dx;
  }
}
