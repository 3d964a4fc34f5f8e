package io.github.glia.nn;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.elementwise.ScalePlan;
import io.github.glia.tensor.Tensor;

/** A tensor times a number: how losses are weighted. */
public final class Scale {
  private Scale() {}

  public static Tensor forward(Tape tape, Tensor x, float factor) {
    Check.present("scale", "the tape", tape);
    Check.present("scale", "x", x);
    ScalePlan plan = ScalePlan.on(x.device(), new ScalePlan.Key(x.shape(), x.dtype()));
    Tensor y = x.emptyLike();
    plan.forward(x, factor, y);
    if (tape.wants(x)) {
      tape.record(
          y,
          dy -> {
            Tensor dx = dy.emptyLike();
            plan.forward(dy, factor, dx);
            tape.add(x, dx);
          });
    }
    return y;
  }
}
