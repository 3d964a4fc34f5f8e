package io.github.glia.kernels.concat;

import java.util.ArrayList;
import java.util.List;

/** Concatenation in plain Java: what {@link ConcatPlan} says, loop by loop. */
public final class ReferenceConcat {
  private ReferenceConcat() {}

  public static double[] forward(ConcatShape s, List<double[]> xs) {
    double[] y = new double[(int) s.output().count()];
    eachPair(s, (m, xi, yi) -> y[yi] = xs.get(m)[xi]);
    return y;
  }

  public static List<double[]> backward(ConcatShape s, double[] dy) {
    List<double[]> dxs = new ArrayList<>();
    for (int m = 0; m < s.inputs(); m++) {
      dxs.add(new double[(int) s.input(m).count()]);
    }
    eachPair(s, (m, xi, yi) -> dxs.get(m)[xi] = dy[yi]);
    return dxs;
  }

  /** Visits every element of every input together with its place in the output. */
  private static void eachPair(ConcatShape s, Pair visit) {
    int places = s.batch() * s.height() * s.width();
    int yi = 0;
    for (int place = 0; place < places; place++) {
      for (int m = 0; m < s.inputs(); m++) {
        int channels = s.channels().get(m);
        for (int c = 0; c < channels; c++) {
          visit.at(m, place * channels + c, yi++);
        }
      }
    }
  }

  private interface Pair {
    void at(int m, int xi, int yi);
  }
}
