package io.github.glia.nn;

import io.github.glia.kernels.activation.Activation;
import io.github.glia.kernels.activation.ActivationPlan;
import io.github.glia.tensor.Tensor;

/** A function of each element: {@link ActivationPlan} says which there are. */
public final class Activate extends Layer {
  private final Activation activation;
  private final Ready<ActivationPlan> ready = new Ready<>(this::planFor);

  private Activate(Activation activation) {
    this.activation = activation;
  }

  public static Activate relu() {
    return new Activate(Activation.RELU);
  }

  public static Activate leakyRelu(float slope) {
    return new Activate(Activation.leakyRelu(slope));
  }

  public static Activate sigmoid() {
    return new Activate(Activation.SIGMOID);
  }

  @Override
  protected Tensor compute(Tape tape, Tensor x) {
    ActivationPlan plan = ready.of(x);
    Tensor y = x.emptyLike();
    plan.forward(x, y);
    if (tape.wants(x)) {
      tape.record(
          y,
          dy -> {
            Tensor dx = dy.emptyLike();
            plan.backward(y, dy, dx);
            tape.add(x, dx);
          },
          y);
    }
    return y;
  }

  private ActivationPlan planFor(Tensor x) {
    return ActivationPlan.on(x.device(), new ActivationPlan.Key(x.shape(), x.dtype(), activation));
  }

  @Override
  public String name() {
    return switch (activation.kind()) {
      case RELU -> "ReLU";
      case LEAKY_RELU -> "LeakyReLU " + activation.slope();
      case SIGMOID -> "Sigmoid";
    };
  }
}
