package io.github.glia.kernels.globalavgpool;

import io.github.glia.kernels.Check;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/** Checks what a plan is called with. */
final class GlobalAvgPoolArguments {
  private final String device;
  private final GlobalAvgPoolPlan.Key key;
  private final Shape input;
  private final Shape output;

  /**
   * @param device the name of the plan's device
   */
  GlobalAvgPoolArguments(String device, GlobalAvgPoolPlan.Key key) {
    this.device = device;
    this.key = key;
    input = key.shape().input();
    output = key.shape().output();
  }

  void forward(Tensor x, Tensor y) {
    check("forward", "x", x, input);
    check("forward", "y", y, output);
  }

  void backward(Tensor dy, Tensor dx) {
    check("backward", "dy", dy, output);
    check("backward", "dx", dx, input);
  }

  private void check(String direction, String argument, Tensor t, Shape shape) {
    Check.tensor("globalavgpool", direction, argument, t, device, key.type(), shape);
  }
}
