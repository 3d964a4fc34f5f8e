package io.github.glia.kernels.globalavgpool;

import io.github.glia.kernels.Check;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/**
 * Checks what a plan is called with.
 *
 * @param device the name of the plan's device
 */
record GlobalAvgPoolArguments(String device, GlobalAvgPoolPlan.Key key) {
  void forward(Tensor x, Tensor y) {
    check("forward", "x", x, key.shape().input());
    check("forward", "y", y, key.shape().output());
  }

  void backward(Tensor dy, Tensor dx) {
    check("backward", "dy", dy, key.shape().output());
    check("backward", "dx", dx, key.shape().input());
  }

  private void check(String direction, String argument, Tensor t, Shape shape) {
    Check.tensor("globalavgpool " + direction, argument, t, device, key.type(), shape);
  }
}
