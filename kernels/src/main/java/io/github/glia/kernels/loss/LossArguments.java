package io.github.glia.kernels.loss;

import io.github.glia.kernels.Check;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/** Checks of what losses are called with, the same on every device. */
final class LossArguments {
  private static final Shape ONE = Shape.of(1);

  private final String device;
  private final LossPlan.Key key;
  private final Shape truthShape;
  private final String forward;
  private final String backward;

  LossArguments(String device, LossPlan.Key key) {
    this.device = device;
    this.key = key;
    this.truthShape = key.truthShape();
    this.forward = "loss " + key.loss() + " forward";
    this.backward = "loss " + key.loss() + " backward";
  }

  void checkForward(Tensor x, Tensor t, Tensor loss) {
    Check.tensor(forward, "x", x, device, DType.F32, key.logits());
    Check.tensor(forward, "t", t, device, key.truth(), truthShape);
    Check.tensor(forward, "loss", loss, device, DType.F32, ONE);
  }

  void checkBackward(Tensor x, Tensor t, Tensor dLoss, Tensor dx) {
    Check.tensor(backward, "x", x, device, DType.F32, key.logits());
    Check.tensor(backward, "t", t, device, key.truth(), truthShape);
    Check.tensor(backward, "dLoss", dLoss, device, DType.F32, ONE);
    Check.tensor(backward, "dx", dx, device, DType.F32, key.logits());
  }
}
