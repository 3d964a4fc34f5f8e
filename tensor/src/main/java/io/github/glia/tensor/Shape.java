package io.github.glia.tensor;

import java.util.Arrays;

/**
 * The sizes of a tensor, outermost first. Images are {@code [batch, height, width, channels]}.
 *
 * <p>Every size is at least 1, and their product fits a {@code long}.
 */
public final class Shape {
  private static final int MAX_RANK = 8;

  private final int[] sizes;
  private final long count;

  private Shape(int[] sizes) {
    if (sizes.length < 1 || sizes.length > MAX_RANK) {
      throw new IllegalArgumentException(
          "shape " + Arrays.toString(sizes) + ": expected 1 to " + MAX_RANK + " dimensions");
    }
    long product = 1;
    for (int size : sizes) {
      if (size < 1) {
        throw new IllegalArgumentException(
            "shape " + Arrays.toString(sizes) + ": every size must be at least 1");
      }
      if (product > Long.MAX_VALUE / size) {
        throw new IllegalArgumentException(
            "shape " + Arrays.toString(sizes) + ": the number of elements overflows");
      }
      product *= size;
    }
    this.sizes = sizes;
    this.count = product;
  }

  public static Shape of(int... sizes) {
    return new Shape(sizes.clone());
  }

  public int rank() {
    return sizes.length;
  }

  /** The size of one dimension; a negative index counts from the end. */
  public int size(int dimension) {
    int i = dimension < 0 ? dimension + sizes.length : dimension;
    if (i < 0 || i >= sizes.length) {
      throw new IllegalArgumentException("shape " + this + " has no dimension " + dimension);
    }
    return sizes[i];
  }

  /** The number of elements. */
  public long count() {
    return count;
  }

  public int[] toArray() {
    return sizes.clone();
  }

  /** The same shape with another size in one dimension; a negative index counts from the end. */
  public Shape with(int dimension, int size) {
    size(dimension);
    int[] changed = sizes.clone();
    changed[dimension < 0 ? dimension + sizes.length : dimension] = size;
    return new Shape(changed);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape that && Arrays.equals(sizes, that.sizes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(sizes);
  }

  @Override
  public String toString() {
    return Arrays.toString(sizes);
  }
}
