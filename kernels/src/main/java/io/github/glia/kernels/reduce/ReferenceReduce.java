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
    return new double[] {sum * reduction.factor(x.length)};
  }

  /** {@code count} is the number of elements of x. */
  public static double[] backward(Reduction reduction, int count, double[] dy) {
    double[] dx = new double[count];
    Arrays.fill(dx, dy[0] * reduction.factor(count));
    return dx;
  }
}
