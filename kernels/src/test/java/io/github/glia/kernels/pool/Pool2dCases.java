package io.github.glia.kernels.pool;

import static org.junit.jupiter.api.Assertions.assertFalse;

import io.github.glia.kernels.Case;
import io.github.glia.kernels.Plan;

/** What the contracts of both poolings are tested on. */
final class Pool2dCases {
  private Pool2dCases() {}

  static Pool2dShape shape(Case c) {
    while (true) {
      int kernelHeight = c.between(1, 5);
      int kernelWidth = c.between(1, 5);
      try {
        return new Pool2dShape(
            c.between(1, 3),
            c.between(1, 13),
            c.between(1, 13),
            c.oneOf(1, 2, 3, 5, 8, 16, 17, 32, 33),
            kernelHeight,
            kernelWidth,
            c.between(1, 4),
            c.between(1, 4),
            c.between(0, kernelHeight / 2),
            c.between(0, kernelWidth / 2));
      } catch (IllegalArgumentException kernelLargerThanImage) {
        // draw again
      }
    }
  }

  /** The pooling of the U-Net: 2×2, not overlapping. */
  static Pool2dShape halving(int batch, int height, int width, int channels) {
    return new Pool2dShape(batch, height, width, channels, 2, 2, 2, 2, 0, 0);
  }

  static void assertFast(Plan plan) {
    plan.implementations()
        .forEach(
            (use, name) ->
                assertFalse(
                    name.startsWith("ref") || name.startsWith("simple"), use + " is " + name));
  }
}
