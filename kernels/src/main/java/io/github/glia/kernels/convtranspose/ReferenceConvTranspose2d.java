package io.github.glia.kernels.convtranspose;

/** Transposed convolution in plain Java: what {@link ConvTranspose2dPlan} says, loop by loop. */
public final class ReferenceConvTranspose2d {
  private ReferenceConvTranspose2d() {}

  /** {@code b} may be null. */
  public static double[] forward(ConvTranspose2dShape s, double[] x, double[] w, double[] b) {
    double[] y = new double[(int) s.output().count()];
    eachProduct(s, (xi, wi, yi) -> y[yi] += x[xi] * w[wi]);
    if (b != null) {
      for (int i = 0; i < y.length; i++) {
        y[i] += b[i % s.outChannels()];
      }
    }
    return y;
  }

  public static double[] backwardData(ConvTranspose2dShape s, double[] dy, double[] w) {
    double[] dx = new double[(int) s.input().count()];
    eachProduct(s, (xi, wi, yi) -> dx[xi] += dy[yi] * w[wi]);
    return dx;
  }

  public static double[] backwardWeights(ConvTranspose2dShape s, double[] x, double[] dy) {
    double[] dw = new double[(int) s.weights().count()];
    eachProduct(s, (xi, wi, yi) -> dw[wi] += x[xi] * dy[yi]);
    return dw;
  }

  public static double[] backwardBias(ConvTranspose2dShape s, double[] dy) {
    double[] db = new double[s.outChannels()];
    for (int i = 0; i < dy.length; i++) {
      db[i % s.outChannels()] += dy[i];
    }
    return db;
  }

  /**
   * Visits every product x·w that is part of some y. The sum of the forward and both of the
   * backward run over these, and only what is summed differs.
   */
  private static void eachProduct(ConvTranspose2dShape s, Product visit) {
    for (int n = 0; n < s.batch(); n++) {
      for (int i = 0; i < s.height(); i++) {
        for (int j = 0; j < s.width(); j++) {
          for (int c = 0; c < s.inChannels(); c++) {
            int xi = ((n * s.height() + i) * s.width() + j) * s.inChannels() + c;
            for (int u = 0; u < s.kernelHeight(); u++) {
              int k = s.strideHeight() * i + u - s.paddingHeight();
              for (int v = 0; v < s.kernelWidth(); v++) {
                int l = s.strideWidth() * j + v - s.paddingWidth();
                if (k < 0 || k >= s.outHeight() || l < 0 || l >= s.outWidth()) {
                  continue;
                }
                int wi = ((c * s.kernelHeight() + u) * s.kernelWidth() + v) * s.outChannels();
                int yi = ((n * s.outHeight() + k) * s.outWidth() + l) * s.outChannels();
                for (int o = 0; o < s.outChannels(); o++) {
                  visit.at(xi, wi + o, yi + o);
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
