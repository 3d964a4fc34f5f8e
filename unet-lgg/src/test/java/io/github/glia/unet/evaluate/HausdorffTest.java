package io.github.glia.unet.evaluate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.glia.tensor.Philox;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class HausdorffTest {
  private static final double EXACT = 1e-12;

  @Test
  void distancesAreThoseOfAllPairs() {
    Philox random = new Philox(1, 0);
    for (int round = 0; round < 200; round++) {
      int depth = 1 + random.nextInt(4);
      int height = 1 + random.nextInt(9);
      int width = 1 + random.nextInt(9);
      Mask mask = Drawn.random(random, depth, height, width, round % 2 == 0 ? 0.05 : 0.3);
      boolean[] near = new boolean[depth * height * width];
      mask.bits().stream().forEach(i -> near[i] = true);
      double[] expected = new double[near.length];
      for (int i = 0; i < near.length; i++) {
        int voxel = i;
        expected[i] =
            mask.bits().stream()
                .mapToDouble(other -> squared(mask, voxel, other))
                .min()
                .orElse(Double.POSITIVE_INFINITY);
      }
      assertArrayEquals(expected, DistanceTransform.squared(near, depth, height, width));
    }
  }

  @Test
  void percentileIsThatOfAllPairsOfTheSurfaces() {
    Philox random = new Philox(2, 0);
    for (int round = 0; round < 200; round++) {
      int depth = 1 + random.nextInt(3);
      Mask a = Drawn.random(random, depth, 8, 7, 0.6);
      Mask b = Drawn.random(random, depth, 8, 7, round % 2 == 0 ? 0.6 : 0.05);
      if (a.isEmpty() || b.isEmpty()) {
        continue;
      }
      double expected = Math.max(directed(a, b), directed(b, a));
      assertEquals(expected, Hausdorff.percentile95(a, b), EXACT);
      assertEquals(expected, Hausdorff.percentile95(b, a), EXACT);
    }
  }

  @Test
  void threeRightAndFourDownAreFive() {
    assertEquals(
        5,
        Hausdorff.percentile95(
            Drawn.mask("#...", "....", "....", "....", "...."),
            Drawn.mask("....", "....", "....", "....", "...#")));
  }

  @Test
  void theInsideDoesNotCount() {
    // A ring and the same ring filled have the same surface, but for the hole's edge.
    Mask full = Drawn.mask("#####", "#####", "#####", "#####", "#####");
    Mask hollow = Drawn.mask("#####", "#####", "##.##", "#####", "#####");
    // 16 of the ring's pixels are at distance 0, the 4 around the hole at distance 1.
    assertEquals(1, Hausdorff.percentile95(full, hollow), EXACT);
    assertEquals(0, Hausdorff.percentile95(full, full));
  }

  @Test
  void oneStrayPixelOfManyIsForgiven() {
    String line = "#".repeat(100);
    String nothing = ".".repeat(100);
    Mask clean = Drawn.mask(line, nothing, nothing, nothing, nothing, nothing);
    Mask stray = Drawn.mask(line, nothing, nothing, nothing, nothing, ".".repeat(99) + "#");
    assertEquals(0, Hausdorff.percentile95(clean, stray), EXACT);
  }

  @Test
  void toNothingThereIsNoDistance() {
    Mask empty = Drawn.mask("..", "..");
    Mask full = Drawn.mask("##", "##");
    assertEquals(Double.NaN, Hausdorff.percentile95(empty, full));
    assertEquals(Double.NaN, Hausdorff.percentile95(full, empty));
    assertEquals(Double.NaN, Hausdorff.percentile95(empty, empty));
  }

  private static double directed(Mask from, Mask to) {
    List<Integer> there = surface(to);
    double[] distances =
        surface(from).stream()
            .mapToDouble(
                i ->
                    Math.sqrt(
                        there.stream().mapToDouble(j -> squared(to, i, j)).min().orElseThrow()))
            .sorted()
            .toArray();
    double place = 0.95 * (distances.length - 1);
    int below = (int) place;
    return below + 1 == distances.length
        ? distances[below]
        : distances[below] + (place - below) * (distances[below + 1] - distances[below]);
  }

  /** Set voxels one of whose neighbours is not: the six of a volume, the four of a slice. */
  private static List<Integer> surface(Mask mask) {
    int[][] steps = {{0, 0, 1}, {0, 0, -1}, {0, 1, 0}, {0, -1, 0}, {1, 0, 0}, {-1, 0, 0}};
    List<Integer> surface = new ArrayList<>();
    for (int i : mask.bits().stream().toArray()) {
      int[] at = place(mask, i);
      boolean open =
          Arrays.stream(steps)
              .filter(step -> mask.depth() > 1 || step[0] == 0)
              .anyMatch(step -> !set(mask, at[0] + step[0], at[1] + step[1], at[2] + step[2]));
      if (open) {
        surface.add(i);
      }
    }
    return surface;
  }

  private static boolean set(Mask mask, int z, int y, int x) {
    boolean inside =
        z >= 0 && z < mask.depth() && y >= 0 && y < mask.height() && x >= 0 && x < mask.width();
    return inside && mask.bits().get((z * mask.height() + y) * mask.width() + x);
  }

  private static int[] place(Mask mask, int i) {
    int area = mask.height() * mask.width();
    return new int[] {i / area, i % area / mask.width(), i % mask.width()};
  }

  private static double squared(Mask mask, int i, int j) {
    int[] a = place(mask, i);
    int[] b = place(mask, j);
    double sum = 0;
    for (int axis = 0; axis < 3; axis++) {
      sum += Math.pow(a[axis] - b[axis], 2);
    }
    return sum;
  }
}
