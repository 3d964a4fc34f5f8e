package io.github.glia.kernels.reduce;

import io.github.glia.kernels.Check;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/**
 * Checks what a plan is called with.
 *
 * @param device the name of the plan's device
 */
record ReduceArguments(String device, ReducePlan.Key key) {
  private static final Shape SINGLE = Shape.of(1);

  void forward(Tensor x, Tensor y) {
    Check.tensor("reduce forward", "x", x, device, key.type(), key.shape());
    Check.tensor("reduce forward", "y", y, device, DType.F32, SINGLE);
  }

  void backward(Tensor dy, Tensor dx) {
    Check.tensor("reduce backward", "dy", dy, device, DType.F32, SINGLE);
    Check.tensor("reduce backward", "dx", dx, device, key.type(), key.shape());
  }
}
