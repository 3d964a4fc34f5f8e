package io.github.glia.nn;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.pool.MaxPool2dPlan;
import io.github.glia.kernels.pool.Pool2dShape;
import io.github.glia.nn.Ready.Planned;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Tensor;

/** The largest values of windows: {@link MaxPool2dPlan} says what it computes. */
public final class MaxPool2d extends Layer {
  private final Window window;
  private final Ready<Planned<MaxPool2dPlan>> ready = new Ready<>(this::planFor);

  /** Square windows side by side. */
  public MaxPool2d(int kernel) {
    this(Window.square(kernel));
  }

  public MaxPool2d(Window window) {
    if (window == null) {
      throw Check.failed("MaxPool2d", "the window is null");
    }
    this.window = window;
  }

  @Override
  protected Tensor compute(Tape tape, Tensor x) {
    MaxPool2dPlan plan = ready.of(x).plan();
    Tensor y = Tensor.empty(x.device(), x.dtype(), ready.of(x).output());
    if (!tape.wants(x)) {
      plan.forward(x, y, null);
      if (tape.hasSteps(x)) {
        tape.setSteps(y, tape.steps(x));
      }
      return y;
    }
    Tensor indices = Tensor.empty(x.device(), DType.U8, plan.indices());
    plan.forward(x, y, indices);
    tape.record(
        y,
        dy -> {
          Tensor dx = x.emptyLike();
          plan.backward(dy, indices, dx);
          tape.add(x, dx);
          indices.close();
        });
    return y;
  }

  private Planned<MaxPool2dPlan> planFor(Tensor x) {
    requireImages(x);
    Pool2dShape shape = window.over(x.shape());
    MaxPool2dPlan.Key key = new MaxPool2dPlan.Key(shape, x.dtype());
    return new Planned<>(MaxPool2dPlan.on(x.device(), key), shape.output());
  }

  @Override
  public String name() {
    return "MaxPool2d " + window;
  }
}
