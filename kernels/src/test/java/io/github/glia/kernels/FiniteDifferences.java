package io.github.glia.kernels;

import java.util.Random;
import java.util.function.UnaryOperator;

/**
 * Checks a hand-written gradient of a reference in double against central differences along random
 * directions: for y = f(x) and a random dy,
 *
 * <pre>  (⟨dy, f(x + h·v)⟩ − ⟨dy, f(x − h·v)⟩) / 2h  =  ⟨dx, v⟩</pre>
 */
public final class FiniteDifferences {
  private static final double STEP = 1e-5;
  private static final double TOLERANCE = 1e-6;
  private static final int DIRECTIONS = 4;

  private FiniteDifferences() {}

  /**
   * @param f the operation as a function of one of its inputs
   * @param x that input
   * @param dy the gradient of f's output
   * @param dx the gradient of x that the backward gives
   */
  public static void check(
      String what, UnaryOperator<double[]> f, double[] x, double[] dy, double[] dx) {
    Random random = new Random(x.length);
    for (int k = 0; k < DIRECTIONS; k++) {
      double[] v = random.doubles(x.length, -1, 1).toArray();
      double numeric =
          (dot(dy, f.apply(plus(x, v, STEP))) - dot(dy, f.apply(plus(x, v, -STEP)))) / (2 * STEP);
      double analytic = dot(dx, v);
      double scale = Math.max(Math.sqrt(dot(dx, dx) * dot(v, v)), 1e-3);
      if (!(Math.abs(numeric - analytic) <= TOLERANCE * scale)) {
        throw new AssertionError(
            what + ": finite differences give " + numeric + ", backward gives " + analytic);
      }
    }
  }

  private static double[] plus(double[] x, double[] v, double h) {
    double[] moved = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      moved[i] = x[i] + h * v[i];
    }
    return moved;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
