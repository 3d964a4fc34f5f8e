package io.github.glia.kernels.pool;

/** Max pooling in plain Java: what {@link MaxPool2dPlan} says, loop by loop. */
public final class ReferenceMaxPool2d {
  private ReferenceMaxPool2d() {}

  public static double[] forward(Pool2dShape s, double[] x) {
    int[] taken = taken(s, x);
    double[] y = new double[taken.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = x[taken[i]];
    }
    return y;
  }

  public static double[] backward(Pool2dShape s, double[] x, double[] dy) {
    int[] taken = taken(s, x);
    double[] dx = new double[x.length];
    for (int i = 0; i < dy.length; i++) {
      dx[taken[i]] += dy[i];
    }
    return dx;
  }

  /** For each y the place in x it is taken from. */
  private static int[] taken(Pool2dShape s, double[] x) {
    int[] taken = new int[(int) s.output().count()];
    for (int n = 0; n < s.batch(); n++) {
      for (int i = 0; i < s.outHeight(); i++) {
        for (int j = 0; j < s.outWidth(); j++) {
          for (int c = 0; c < s.channels(); c++) {
            int yi = ((n * s.outHeight() + i) * s.outWidth() + j) * s.channels() + c;
            taken[yi] = largestInWindow(s, x, n, i, j, c);
          }
        }
      }
    }
    return taken;
  }

  private static int largestInWindow(Pool2dShape s, double[] x, int n, int i, int j, int c) {
    int largest = -1;
    for (int u = 0; u < s.kernelHeight(); u++) {
      int k = s.strideHeight() * i + u - s.paddingHeight();
      for (int v = 0; v < s.kernelWidth(); v++) {
        int l = s.strideWidth() * j + v - s.paddingWidth();
        if (k < 0 || k >= s.height() || l < 0 || l >= s.width()) {
          continue;
        }
        int xi = ((n * s.height() + k) * s.width() + l) * s.channels() + c;
        if (largest < 0 || x[xi] > x[largest] || Double.isNaN(x[xi])) {
          largest = xi;
        }
      }
    }
    return largest;
  }
}
