package io.github.glia.kernels;

import io.github.glia.tensor.Tensor;

/**
 * A plan that copies weights into the type and layout that forward computes with, so that inference
 * prepares them once, and whose {@code forwardPacked} takes them instead of weights.
 */
public interface PackingPlan extends Plan {
  /** The size of packed weights. */
  long packedBytes();

  /** Writes {@code packed}, U8 of {@link #packedBytes} elements. */
  void pack(Tensor w, Tensor packed);
}
