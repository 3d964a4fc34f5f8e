package io.github.glia.kernels.conv;

/** Convolution in plain Java: what {@link Conv2dPlan} says, loop by loop. */
public final class ReferenceConv2d {
  private ReferenceConv2d() {}

  /** {@code b} may be null. */
  public static double[] forward(Conv2dShape s, double[] x, double[] w, double[] b) {
    double[] y = new double[(int) s.output().count()];
    eachProduct(s, (xi, wi, yi) -> y[yi] += x[xi] * w[wi]);
    if (b != null) {
      for (int i = 0; i < y.length; i++) {
        y[i] += b[i % s.outChannels()];
      }
    }
    return y;
  }

  public static double[] backwardData(Conv2dShape s, double[] dy, double[] w) {
    double[] dx = new double[(int) s.input().count()];
    eachProduct(s, (xi, wi, yi) -> dx[xi] += dy[yi] * w[wi]);
    return dx;
  }

  public static double[] backwardWeights(Conv2dShape s, double[] x, double[] dy) {
    double[] dw = new double[(int) s.weights().count()];
    eachProduct(s, (xi, wi, yi) -> dw[wi] += dy[yi] * x[xi]);
    return dw;
  }

  public static double[] backwardBias(Conv2dShape s, double[] dy) {
    double[] db = new double[s.outChannels()];
    for (int i = 0; i < dy.length; i++) {
      db[i % s.outChannels()] += dy[i];
    }
    return db;
  }

  /**
   * Visits every product x·w that is part of some y. Each of the three sums of a convolution runs
   * over these, and only what is summed differs.
   */
  private static void eachProduct(Conv2dShape s, Product visit) {
    for (int n = 0; n < s.batch(); n++) {
      for (int i = 0; i < s.outHeight(); i++) {
        for (int j = 0; j < s.outWidth(); j++) {
          for (int o = 0; o < s.outChannels(); o++) {
            int yi = ((n * s.outHeight() + i) * s.outWidth() + j) * s.outChannels() + o;
            int firstChannel = o / s.outChannelsPerGroup() * s.inChannelsPerGroup();
            for (int u = 0; u < s.kernelHeight(); u++) {
              int k = s.strideHeight() * i + s.dilationHeight() * u - s.paddingHeight();
              for (int v = 0; v < s.kernelWidth(); v++) {
                int l = s.strideWidth() * j + s.dilationWidth() * v - s.paddingWidth();
                if (k < 0 || k >= s.height() || l < 0 || l >= s.width()) {
                  continue;
                }
                int xi = ((n * s.height() + k) * s.width() + l) * s.inChannels() + firstChannel;
                int wi =
                    ((o * s.kernelHeight() + u) * s.kernelWidth() + v) * s.inChannelsPerGroup();
                for (int c = 0; c < s.inChannelsPerGroup(); c++) {
                  visit.at(xi + c, wi + c, yi);
                }
              }
            }
          }
        }
      }
    }
  }

  private interface Product {
    void at(int xi, int wi, int yi);
  }
}
