package io.github.glia.kernels.groupnorm;

/** Group normalization in plain Java: what {@link GroupNormPlan} says, loop by loop. */
public final class ReferenceGroupNorm {
  private ReferenceGroupNorm() {}

  public static double[] mean(GroupNormShape s, double[] x) {
    double[] mean = new double[s.batch() * s.groups()];
    for (int i = 0; i < x.length; i++) {
      mean[group(s, i)] += x[i] / s.valuesPerGroup();
    }
    return mean;
  }

  /** The biased variance. */
  public static double[] variance(GroupNormShape s, double[] x, double[] mean) {
    double[] variance = new double[s.batch() * s.groups()];
    for (int i = 0; i < x.length; i++) {
      double deviation = x[i] - mean[group(s, i)];
      variance[group(s, i)] += deviation * deviation / s.valuesPerGroup();
    }
    return variance;
  }

  public static double[] forward(
      GroupNormShape s, double[] x, double[] gamma, double[] beta, double epsilon) {
    double[] normalized = normalized(s, x, epsilon);
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      int c = i % s.channels();
      y[i] = gamma[c] * normalized[i] + beta[c];
    }
    return y;
  }

  public static double[] backwardData(
      GroupNormShape s, double[] x, double[] dy, double[] gamma, double epsilon) {
    double[] normalized = normalized(s, x, epsilon);
    double[] variance = variance(s, x, mean(s, x));
    double[] sum = new double[variance.length];
    double[] sumNormalized = new double[variance.length];
    for (int i = 0; i < x.length; i++) {
      sum[group(s, i)] += gamma[i % s.channels()] * dy[i];
      sumNormalized[group(s, i)] += gamma[i % s.channels()] * dy[i] * normalized[i];
    }
    double m = s.valuesPerGroup();
    double[] dx = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      int g = group(s, i);
      dx[i] =
          (gamma[i % s.channels()] * dy[i] - sum[g] / m - normalized[i] * sumNormalized[g] / m)
              / Math.sqrt(variance[g] + epsilon);
    }
    return dx;
  }

  public static double[] backwardGamma(GroupNormShape s, double[] x, double[] dy, double epsilon) {
    double[] normalized = normalized(s, x, epsilon);
    double[] dgamma = new double[s.channels()];
    for (int i = 0; i < x.length; i++) {
      dgamma[i % s.channels()] += dy[i] * normalized[i];
    }
    return dgamma;
  }

  public static double[] backwardBeta(GroupNormShape s, double[] dy) {
    double[] dbeta = new double[s.channels()];
    for (int i = 0; i < dy.length; i++) {
      dbeta[i % s.channels()] += dy[i];
    }
    return dbeta;
  }

  /** x̂. */
  private static double[] normalized(GroupNormShape s, double[] x, double epsilon) {
    double[] mean = mean(s, x);
    double[] variance = variance(s, x, mean);
    double[] normalized = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      int g = group(s, i);
      normalized[i] = (x[i] - mean[g]) / Math.sqrt(variance[g] + epsilon);
    }
    return normalized;
  }

  /** The group, of all groups of the batch, that element i belongs to. */
  private static int group(GroupNormShape s, int i) {
    int image = i / (s.height() * s.width() * s.channels());
    return image * s.groups() + i % s.channels() / s.channelsPerGroup();
  }
}
