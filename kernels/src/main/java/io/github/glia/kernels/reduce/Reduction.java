package io.github.glia.kernels.reduce;

/** What is made of all elements. */
public enum Reduction {
  SUM,
  MEAN;

  /** What the sum of so many elements is multiplied with. */
  double factor(long count) {
    return this == SUM ? 1 : 1.0 / count;
  }
}
