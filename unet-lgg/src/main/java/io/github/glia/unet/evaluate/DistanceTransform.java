package io.github.glia.unet.evaluate;

import java.util.Arrays;

/**
 * The exact Euclidean distance of every voxel to the nearest of some voxels, in linear time
 * (Felzenszwalb and Huttenlocher, "Distance transforms of sampled functions", 2012).
 *
 * <p>The square of a distance is a sum over the axes, so one axis is done after the other. Along a
 * line, {@code d(p) = min over q of (p - q)² + f(q)}: the lower envelope of parabolas, one at each
 * q.
 */
final class DistanceTransform {
  private final double[] values;
  private final double[] line;
  private final int[] apex;
  private final double[] start;

  private DistanceTransform(double[] values, int longest) {
    this.values = values;
    line = new double[longest];
    apex = new int[longest];
    start = new double[longest];
  }

  /**
   * The squared distances, in voxels; infinite everywhere if there is nothing to be near to.
   *
   * @param near {@code [depth, height, width]}, true for distance 0
   */
  static double[] squared(boolean[] near, int depth, int height, int width) {
    double[] values = new double[near.length];
    Arrays.setAll(values, i -> near[i] ? 0 : Double.POSITIVE_INFINITY);
    DistanceTransform transform =
        new DistanceTransform(values, Math.max(depth, Math.max(height, width)));
    for (int z = 0; z < depth; z++) {
      for (int y = 0; y < height; y++) {
        transform.alongLine((z * height + y) * width, width, 1);
      }
      for (int x = 0; x < width; x++) {
        transform.alongLine(z * height * width + x, height, width);
      }
    }
    for (int i = 0; i < height * width; i++) {
      transform.alongLine(i, depth, height * width);
    }
    return values;
  }

  private void alongLine(int first, int count, int stride) {
    int parabolas = 0;
    for (int q = 0; q < count; q++) {
      double f = values[first + q * stride];
      line[q] = f;
      if (f == Double.POSITIVE_INFINITY) {
        continue;
      }
      double from = Double.NEGATIVE_INFINITY;
      while (parabolas > 0) {
        from = crossing(apex[parabolas - 1], q);
        if (from > start[parabolas - 1]) {
          break;
        }
        parabolas--;
        from = Double.NEGATIVE_INFINITY;
      }
      apex[parabolas] = q;
      start[parabolas] = from;
      parabolas++;
    }
    if (parabolas == 0) {
      return;
    }
    int current = 0;
    for (int p = 0; p < count; p++) {
      while (current + 1 < parabolas && start[current + 1] < p) {
        current++;
      }
      double away = p - apex[current];
      values[first + p * stride] = away * away + line[apex[current]];
    }
  }

  /** Where the parabola at q becomes lower than the one at p, left of it. */
  private double crossing(int p, int q) {
    return ((line[q] + (double) q * q) - (line[p] + (double) p * p)) / (2.0 * (q - p));
  }
}
