package io.github.glia.kernels.linear;

import io.github.glia.kernels.Check;
import io.github.glia.tensor.Shape;

/** Every size of a linear map of rows of features. */
public record LinearShape(int rows, int inFeatures, int outFeatures) {

  public LinearShape {
    Check.atLeast("linear", "rows", rows, 1);
    Check.atLeast("linear", "input features", inFeatures, 1);
    Check.atLeast("linear", "output features", outFeatures, 1);
  }

  public Shape input() {
    return Shape.of(rows, inFeatures);
  }

  public Shape output() {
    return Shape.of(rows, outFeatures);
  }

  /** {@code [output features, input features]}. */
  public Shape weights() {
    return Shape.of(outFeatures, inFeatures);
  }

  public Shape bias() {
    return Shape.of(outFeatures);
  }

  /** Multiplications and additions of one direction. */
  public long flops() {
    return 2 * output().count() * inFeatures;
  }
}
