package io.github.glia.kernels.globalavgpool;

/** Global average pooling in plain Java: what {@link GlobalAvgPoolPlan} says, loop by loop. */
public final class ReferenceGlobalAvgPool {
  private ReferenceGlobalAvgPool() {}

  public static double[] forward(GlobalAvgPoolShape s, double[] x) {
    double[] y = new double[s.batch() * s.channels()];
    int places = s.height() * s.width();
    for (int n = 0; n < s.batch(); n++) {
      for (int place = 0; place < places; place++) {
        for (int c = 0; c < s.channels(); c++) {
          y[n * s.channels() + c] += x[(n * places + place) * s.channels() + c] / places;
        }
      }
    }
    return y;
  }

  public static double[] backward(GlobalAvgPoolShape s, double[] dy) {
    int places = s.height() * s.width();
    double[] dx = new double[s.batch() * places * s.channels()];
    for (int n = 0; n < s.batch(); n++) {
      for (int place = 0; place < places; place++) {
        for (int c = 0; c < s.channels(); c++) {
          dx[(n * places + place) * s.channels() + c] = dy[n * s.channels() + c] / places;
        }
      }
    }
    return dx;
  }
}
