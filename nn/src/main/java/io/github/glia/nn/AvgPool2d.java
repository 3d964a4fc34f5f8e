package io.github.glia.nn;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.pool.AvgPool2dPlan;
import io.github.glia.kernels.pool.Pool2dShape;
import io.github.glia.nn.Ready.Planned;
import io.github.glia.tensor.Tensor;

/** The means of windows: {@link AvgPool2dPlan} says what it computes. */
public final class AvgPool2d extends Layer {
  private final Window window;
  private final boolean countPadding;
  private final Ready<Planned<AvgPool2dPlan>> ready = new Ready<>(this::planFor);

  /** Square windows side by side. */
  public AvgPool2d(int kernel) {
    this(Window.square(kernel), false);
  }

  /**
   * Any windows.
   *
   * @param countPadding whether places outside the image count in the average
   */
  public AvgPool2d(Window window, boolean countPadding) {
    if (window == null) {
      throw Check.failed("AvgPool2d", "the window is null");
    }
    this.window = window;
    this.countPadding = countPadding;
  }

  @Override
  protected Tensor compute(Tape tape, Tensor x) {
    AvgPool2dPlan plan = ready.of(x).plan();
    Tensor y = Tensor.empty(x.device(), x.dtype(), ready.of(x).output());
    plan.forward(x, y);
    if (tape.wants(x)) {
      tape.record(
          y,
          dy -> {
            Tensor dx = x.emptyLike();
            plan.backward(dy, dx);
            tape.add(x, dx);
          });
    }
    return y;
  }

  private Planned<AvgPool2dPlan> planFor(Tensor x) {
    requireImages(x);
    Pool2dShape shape = window.over(x.shape());
    AvgPool2dPlan.Key key = new AvgPool2dPlan.Key(shape, x.dtype(), countPadding);
    return new Planned<>(AvgPool2dPlan.on(x.device(), key), shape.output());
  }

  @Override
  public String name() {
    return "AvgPool2d " + window;
  }
}
