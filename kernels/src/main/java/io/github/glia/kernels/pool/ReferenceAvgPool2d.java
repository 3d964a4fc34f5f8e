package io.github.glia.kernels.pool;

import java.util.Arrays;

/** Average pooling in plain Java: what {@link AvgPool2dPlan} says, loop by loop. */
public final class ReferenceAvgPool2d {
  private ReferenceAvgPool2d() {}

  public static double[] forward(Pool2dShape s, boolean countPadding, double[] x) {
    double[] y = new double[(int) s.output().count()];
    double[] area = area(s, countPadding);
    eachPair(s, (xi, yi) -> y[yi] += x[xi] / area[yi]);
    return y;
  }

  public static double[] backward(Pool2dShape s, boolean countPadding, double[] dy) {
    double[] dx = new double[(int) s.input().count()];
    double[] area = area(s, countPadding);
    eachPair(s, (xi, yi) -> dx[xi] += dy[yi] / area[yi]);
    return dx;
  }

  private static double[] area(Pool2dShape s, boolean countPadding) {
    double[] area = new double[(int) s.output().count()];
    if (countPadding) {
      Arrays.fill(area, (double) s.kernelHeight() * s.kernelWidth());
    } else {
      eachPair(s, (xi, yi) -> area[yi]++);
    }
    return area;
  }

  /** Visits every x together with every y whose window it is in. */
  private static void eachPair(Pool2dShape s, Pair visit) {
    for (int n = 0; n < s.batch(); n++) {
      for (int i = 0; i < s.outHeight(); i++) {
        for (int j = 0; j < s.outWidth(); j++) {
          for (int u = 0; u < s.kernelHeight(); u++) {
            int k = s.strideHeight() * i + u - s.paddingHeight();
            for (int v = 0; v < s.kernelWidth(); v++) {
              int l = s.strideWidth() * j + v - s.paddingWidth();
              if (k < 0 || k >= s.height() || l < 0 || l >= s.width()) {
                continue;
              }
              int xi = ((n * s.height() + k) * s.width() + l) * s.channels();
              int yi = ((n * s.outHeight() + i) * s.outWidth() + j) * s.channels();
              for (int c = 0; c < s.channels(); c++) {
                visit.at(xi + c, yi + c);
              }
            }
          }
        }
      }
    }
  }

  private interface Pair {
    void at(int xi, int yi);
  }
}
