package io.github.glia.kernels;

import io.github.glia.tensor.Shape;

/** Shapes for operations that work element by element. */
public final class FlatShapes {
  private FlatShapes() {}

  /**
   * Any rank from 1 to 5, with odd sizes; one in eight is larger than a part of a parallel loop.
   */
  public static Shape any(Case c) {
    if (c.random().nextInt(8) == 0) {
      return Shape.of(3, c.between(70, 90), c.between(70, 90), 3);
    }
    int[] sizes = new int[c.between(1, 5)];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = c.oneOf(1, 2, 3, 5, 8, 17);
    }
    return Shape.of(sizes);
  }
}
