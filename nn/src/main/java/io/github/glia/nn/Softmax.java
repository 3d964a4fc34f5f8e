package io.github.glia.nn;

import io.github.glia.kernels.softmax.SoftmaxPlan;
import io.github.glia.tensor.Tensor;

/** Softmax over the channels. Cross-entropy takes logits, so this is for predictions. */
public final class Softmax extends Layer {
  private final Ready<SoftmaxPlan> ready =
      new Ready<>(x -> SoftmaxPlan.on(x.device(), new SoftmaxPlan.Key(x.shape(), x.dtype())));

  @Override
  protected Tensor compute(Tape tape, Tensor x) {
    SoftmaxPlan plan = ready.of(x);
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
}
