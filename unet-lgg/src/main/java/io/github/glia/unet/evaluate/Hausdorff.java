package io.github.glia.unet.evaluate;

import java.util.Arrays;

/**
 * How far two surfaces are apart: for each voxel of the one the distance to the nearest of the
 * other, of these the 95th percentile, and of the two directions the larger.
 */
final class Hausdorff {
  private Hausdorff() {}

  /**
   * The distance in voxels. A voxel of the surface has a neighbour, across a face, that is not in
   * the mask; of a single slice only the neighbours within the slice count.
   *
   * @return not a number if one of the masks is empty: then there is no distance
   */
  static double percentile95(Mask a, Mask b) {
    if (a.isEmpty() || b.isEmpty()) {
      return Double.NaN;
    }
    Box box = Box.of(a).union(Box.of(b));
    boolean[] surfaceA = surface(a, box);
    boolean[] surfaceB = surface(b, box);
    return Math.max(directed(surfaceA, surfaceB, box), directed(surfaceB, surfaceA, box));
  }

  private static double directed(boolean[] from, boolean[] to, Box box) {
    double[] squared = DistanceTransform.squared(to, box.depth(), box.height(), box.width());
    double[] distances = new double[from.length];
    int count = 0;
    for (int i = 0; i < from.length; i++) {
      if (from[i]) {
        distances[count++] = Math.sqrt(squared[i]);
      }
    }
    double[] sorted = Arrays.copyOf(distances, count);
    Arrays.sort(sorted);
    return Statistics.quantile(sorted, 0.95);
  }

  private static boolean[] surface(Mask mask, Box box) {
    boolean[] surface = new boolean[box.depth() * box.height() * box.width()];
    int i = 0;
    for (int z = box.fromZ(); z < box.toZ(); z++) {
      for (int y = box.fromY(); y < box.toY(); y++) {
        for (int x = box.fromX(); x < box.toX(); x++) {
          surface[i++] = mask.at(z, y, x) && isOpen(mask, z, y, x);
        }
      }
    }
    return surface;
  }

  private static boolean isOpen(Mask mask, int z, int y, int x) {
    return !mask.at(z, y - 1, x)
        || !mask.at(z, y + 1, x)
        || !mask.at(z, y, x - 1)
        || !mask.at(z, y, x + 1)
        || (mask.depth() > 1 && (!mask.at(z - 1, y, x) || !mask.at(z + 1, y, x)));
  }
}
