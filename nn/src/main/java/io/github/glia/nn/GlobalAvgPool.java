package io.github.glia.nn;

import io.github.glia.kernels.globalavgpool.GlobalAvgPoolPlan;
import io.github.glia.kernels.globalavgpool.GlobalAvgPoolShape;
import io.github.glia.nn.Ready.Planned;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/**
 * The mean of each channel: {@code [batch, height, width, channels]} to {@code [batch, 1, 1,
 * channels]}.
 */
public final class GlobalAvgPool extends Layer {
  private final Ready<Planned<GlobalAvgPoolPlan>> ready = new Ready<>(this::planFor);

  @Override
  protected Tensor compute(Tape tape, Tensor x) {
    GlobalAvgPoolPlan plan = ready.of(x).plan();
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

  private Planned<GlobalAvgPoolPlan> planFor(Tensor x) {
    requireImages(x);
    Shape s = x.shape();
    GlobalAvgPoolShape shape = new GlobalAvgPoolShape(s.size(0), s.size(1), s.size(2), s.size(3));
    GlobalAvgPoolPlan.Key key = new GlobalAvgPoolPlan.Key(shape, x.dtype());
    return new Planned<>(
        GlobalAvgPoolPlan.on(x.device(), key), Shape.of(s.size(0), 1, 1, s.size(3)));
  }
}
