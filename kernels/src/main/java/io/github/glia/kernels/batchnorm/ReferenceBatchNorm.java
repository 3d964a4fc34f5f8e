package io.github.glia.kernels.batchnorm;

/** Batch normalization in plain Java: what {@link BatchNormPlan} says, loop by loop. */
public final class ReferenceBatchNorm {
  private ReferenceBatchNorm() {}

  public static double[] mean(BatchNormShape s, double[] x) {
    double[] mean = new double[s.channels()];
    for (int i = 0; i < x.length; i++) {
      mean[i % s.channels()] += x[i] / s.valuesPerChannel();
    }
    return mean;
  }

  /** The biased variance. */
  public static double[] variance(BatchNormShape s, double[] x, double[] mean) {
    double[] variance = new double[s.channels()];
    for (int i = 0; i < x.length; i++) {
      double deviation = x[i] - mean[i % s.channels()];
      variance[i % s.channels()] += deviation * deviation / s.valuesPerChannel();
    }
    return variance;
  }

  /** With given statistics: in training, those of x. */
  public static double[] forward(
      BatchNormShape s,
      double[] x,
      double[] gamma,
      double[] beta,
      double[] mean,
      double[] variance,
      double epsilon) {
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      int c = i % s.channels();
      y[i] = gamma[c] * (x[i] - mean[c]) / Math.sqrt(variance[c] + epsilon) + beta[c];
    }
    return y;
  }

  public static double[] backwardGamma(
      BatchNormShape s, double[] x, double[] dy, double[] mean, double[] variance, double epsilon) {
    double[] dgamma = new double[s.channels()];
    for (int i = 0; i < x.length; i++) {
      int c = i % s.channels();
      dgamma[c] += dy[i] * (x[i] - mean[c]) / Math.sqrt(variance[c] + epsilon);
    }
    return dgamma;
  }

  public static double[] backwardBeta(BatchNormShape s, double[] dy) {
    double[] dbeta = new double[s.channels()];
    for (int i = 0; i < dy.length; i++) {
      dbeta[i % s.channels()] += dy[i];
    }
    return dbeta;
  }

  /** The gradient of x where the statistics are constants. */
  public static double[] backwardInference(
      BatchNormShape s, double[] dy, double[] gamma, double[] variance, double epsilon) {
    double[] dx = new double[dy.length];
    for (int i = 0; i < dy.length; i++) {
      int c = i % s.channels();
      dx[i] = gamma[c] / Math.sqrt(variance[c] + epsilon) * dy[i];
    }
    return dx;
  }

  /** The gradient of x where the statistics are its own. */
  public static double[] backwardTraining(
      BatchNormShape s,
      double[] x,
      double[] dy,
      double[] gamma,
      double[] mean,
      double[] variance,
      double epsilon) {
    double[] dgamma = backwardGamma(s, x, dy, mean, variance, epsilon);
    double[] dbeta = backwardBeta(s, dy);
    double m = s.valuesPerChannel();
    double[] dx = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      int c = i % s.channels();
      double deviation = Math.sqrt(variance[c] + epsilon);
      double normalized = (x[i] - mean[c]) / deviation;
      dx[i] = gamma[c] / deviation * (dy[i] - dbeta[c] / m - normalized * dgamma[c] / m);
    }
    return dx;
  }

  /** One running statistic after a batch whose own is {@code batch}. */
  public static double[] running(double[] batch, double momentum, double[] running) {
    double[] moved = new double[running.length];
    for (int c = 0; c < moved.length; c++) {
      moved[c] = running[c] + momentum * (batch[c] - running[c]);
    }
    return moved;
  }
}
