package io.github.glia.kernels.upsample;

/** Upsampling in plain Java: what {@link UpsamplePlan} says, loop by loop. */
public final class ReferenceUpsample {
  private ReferenceUpsample() {}

  public static double[] forward(UpsampleShape s, Interpolation interpolation, double[] x) {
    double[] y = new double[(int) s.output().count()];
    eachProduct(s, interpolation, (xi, weight, yi) -> y[yi] += weight * x[xi]);
    return y;
  }

  public static double[] backward(UpsampleShape s, Interpolation interpolation, double[] dy) {
    double[] dx = new double[(int) s.input().count()];
    eachProduct(s, interpolation, (xi, weight, yi) -> dx[xi] += weight * dy[yi]);
    return dx;
  }

  /** Visits every x with its weight in every y that it is part of. */
  private static void eachProduct(UpsampleShape s, Interpolation interpolation, Product visit) {
    for (int n = 0; n < s.batch(); n++) {
      for (int i = 0; i < s.outHeight(); i++) {
        for (int j = 0; j < s.outWidth(); j++) {
          int yi = ((n * s.outHeight() + i) * s.outWidth() + j) * s.channels();
          for (int k = 0; k < s.height(); k++) {
            double a = weight(interpolation, i, k, s.scaleHeight(), s.height());
            for (int l = 0; a != 0 && l < s.width(); l++) {
              double b = weight(interpolation, j, l, s.scaleWidth(), s.width());
              int xi = ((n * s.height() + k) * s.width() + l) * s.channels();
              for (int c = 0; b != 0 && c < s.channels(); c++) {
                visit.at(xi + c, a * b, yi + c);
              }
            }
          }
        }
      }
    }
  }

  /** The weight of input place k in output place i. */
  private static double weight(Interpolation interpolation, int i, int k, int scale, int size) {
    return switch (interpolation) {
      case NEAREST -> i / scale == k ? 1 : 0;
      case BILINEAR -> {
        double t = (i + 0.5) / scale - 0.5;
        double inside = Math.max(0, Math.min(t, size - 1));
        yield Math.max(0, 1 - Math.abs(inside - k));
      }
    };
  }

  private interface Product {
    void at(int xi, double weight, int yi);
  }
}
