package io.github.glia.kernels.linear;

/** The affine map in plain Java: what {@link LinearPlan} says, loop by loop. */
public final class ReferenceLinear {
  private ReferenceLinear() {}

  /** {@code b} may be null. */
  public static double[] forward(LinearShape s, double[] x, double[] w, double[] b) {
    double[] y = new double[(int) s.output().count()];
    for (int r = 0; r < s.rows(); r++) {
      for (int o = 0; o < s.outFeatures(); o++) {
        double sum = b == null ? 0 : b[o];
        for (int i = 0; i < s.inFeatures(); i++) {
          sum += x[r * s.inFeatures() + i] * w[o * s.inFeatures() + i];
        }
        y[r * s.outFeatures() + o] = sum;
      }
    }
    return y;
  }

  public static double[] backwardData(LinearShape s, double[] dy, double[] w) {
    double[] dx = new double[(int) s.input().count()];
    for (int r = 0; r < s.rows(); r++) {
      for (int o = 0; o < s.outFeatures(); o++) {
        for (int i = 0; i < s.inFeatures(); i++) {
          dx[r * s.inFeatures() + i] += dy[r * s.outFeatures() + o] * w[o * s.inFeatures() + i];
        }
      }
    }
    return dx;
  }

  public static double[] backwardWeights(LinearShape s, double[] x, double[] dy) {
    double[] dw = new double[(int) s.weights().count()];
    for (int r = 0; r < s.rows(); r++) {
      for (int o = 0; o < s.outFeatures(); o++) {
        for (int i = 0; i < s.inFeatures(); i++) {
          dw[o * s.inFeatures() + i] += dy[r * s.outFeatures() + o] * x[r * s.inFeatures() + i];
        }
      }
    }
    return dw;
  }

  public static double[] backwardBias(LinearShape s, double[] dy) {
    double[] db = new double[s.outFeatures()];
    for (int r = 0; r < s.rows(); r++) {
      for (int o = 0; o < s.outFeatures(); o++) {
        db[o] += dy[r * s.outFeatures() + o];
      }
    }
    return db;
  }
}
