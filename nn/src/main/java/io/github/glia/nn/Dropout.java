package io.github.glia.nn;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.dropout.DropoutPlan;
import io.github.glia.tensor.Tensor;

/** Dropout: in training, zeroes each element with a probability and scales up the others. */
public final class Dropout extends Layer {
  private final float probability;
  private final Ready<DropoutPlan> ready = new Ready<>(this::planFor);

  public Dropout(float probability) {
    if (!(probability >= 0 && probability < 1)) {
      throw Check.failed("dropout", "the probability must be in [0, 1), but is " + probability);
    }
    this.probability = probability;
  }

  @Override
  protected Tensor compute(Tape tape, Tensor x) {
    if (!tape.isTraining() || probability == 0) {
      return x;
    }
    DropoutPlan plan = ready.of(x);
    Tensor y = x.emptyLike();
    Tensor mask = x.emptyLike();
    plan.forward(x, tape.seed(), tape.nextStream(), y, mask);
    if (tape.wants(x)) {
      tape.record(
          y,
          dy -> {
            Tensor dx = dy.emptyLike();
            plan.backward(dy, mask, dx);
            tape.add(x, dx);
            mask.close();
          });
    } else {
      mask.close();
    }
    return y;
  }

  private DropoutPlan planFor(Tensor x) {
    return DropoutPlan.on(x.device(), new DropoutPlan.Key(x.shape(), x.dtype(), probability));
  }

  @Override
  public String name() {
    return "Dropout " + probability;
  }
}
