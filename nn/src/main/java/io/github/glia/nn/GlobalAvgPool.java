package io.github.glia.nn;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.globalavgpool.GlobalAvgPoolPlan;
import io.github.glia.kernels.globalavgpool.GlobalAvgPoolShape;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/**
 * The mean of each channel: {@code [batch, height, width, channels]} to {@code [batch, 1, 1,
 * channels]}.
 */
public final class GlobalAvgPool extends Layer {
  @Override
  protected Tensor compute(Tape tape, Tensor x) {
    Check.image(name(), "the input", x);
    Shape s = x.shape();
    GlobalAvgPoolShape shape = new GlobalAvgPoolShape(s.size(0), s.size(1), s.size(2), s.size(3));
    GlobalAvgPoolPlan plan =
        GlobalAvgPoolPlan.on(x.device(), new GlobalAvgPoolPlan.Key(shape, x.dtype()));
    Tensor y = Tensor.empty(x.device(), x.dtype(), Shape.of(s.size(0), 1, 1, s.size(3)));
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
}
