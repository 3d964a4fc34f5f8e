package io.github.glia.nn.lessons;

import io.github.glia.kernels.batchnorm.BatchNormShape;
import io.github.glia.kernels.batchnorm.ReferenceBatchNorm;
import java.util.Locale;

/** Batch norm's gradient has three terms, since x moves the mean and the variance too. */
public final class BatchNormBackward {
  /** One channel of four values. */
  private static final BatchNormShape SHAPE = new BatchNormShape(1, 2, 2, 1);

  private static final double[] X = {1, 2, 3, 6};
  private static final double[] DY = {1, 0, 0, 0};
  private static final double[] ONE = {1};
  private static final double[] ZERO = {0};
  private static final double EPSILON = 1e-5;

  private BatchNormBackward() {}

  static double[] forward(double[] x) {
    double[] mean = ReferenceBatchNorm.mean(SHAPE, x);
    double[] variance = ReferenceBatchNorm.variance(SHAPE, x, mean);
    return ReferenceBatchNorm.forward(SHAPE, x, ONE, ZERO, mean, variance, EPSILON);
  }

  /** dx with the first terms of the formula: 1, 2 or 3 of them. */
  static double[] backward(int terms) {
    double[] mean = ReferenceBatchNorm.mean(SHAPE, X);
    double[] variance = ReferenceBatchNorm.variance(SHAPE, X, mean);
    double[] normalized = forward(X);
    double sumOfDy = dot(DY, new double[] {1, 1, 1, 1});
    double sumOfDyNormalized = dot(DY, normalized);
    double[] dx = new double[4];
    for (int i = 0; i < 4; i++) {
      dx[i] = DY[i];
      dx[i] -= terms > 1 ? sumOfDy / 4 : 0;
      dx[i] -= terms > 2 ? normalized[i] * sumOfDyNormalized / 4 : 0;
      dx[i] /= Math.sqrt(variance[0] + EPSILON);
    }
    return dx;
  }

  static double[] byDifferences() {
    double[] dx = new double[4];
    double h = 1e-5;
    for (int i = 0; i < 4; i++) {
      double[] more = X.clone();
      double[] less = X.clone();
      more[i] += h;
      less[i] -= h;
      dx[i] = (dot(DY, forward(more)) - dot(DY, forward(less))) / (2 * h);
    }
    return dx;
  }

  public static void main(String[] args) {
    print("y", forward(X));
    print("by differences", byDifferences());
    print("one term", backward(1));
    print("two terms", backward(2));
    print("three terms", backward(3));
    double[] mean = ReferenceBatchNorm.mean(SHAPE, X);
    double[] variance = ReferenceBatchNorm.variance(SHAPE, X, mean);
    print(
        "ReferenceBatchNorm",
        ReferenceBatchNorm.backwardTraining(SHAPE, X, DY, ONE, mean, variance, EPSILON));
    double[] dx = backward(3);
    System.out.println("dx sums to 0:         " + isZero(dot(dx, new double[] {1, 1, 1, 1})));
    System.out.println("dx · y sums to 0:     " + isZero(dot(dx, forward(X))));
  }

  private static boolean isZero(double value) {
    return Math.abs(value) < 1e-5;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static void print(String what, double[] values) {
    StringBuilder line = new StringBuilder(String.format("%-20s", what));
    for (double value : values) {
      line.append(String.format(Locale.ROOT, "%9.4f", value));
    }
    System.out.println(line);
  }
}
