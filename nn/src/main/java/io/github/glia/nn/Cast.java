package io.github.glia.nn;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.cast.CastPlan;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Tensor;

/** A tensor in another type: at the entrance of a network that computes in half precision. */
public final class Cast {
  private Cast() {}

  /** The tensor itself where it has the type already. */
  public static Tensor forward(Tape tape, Tensor x, DType type) {
    Check.present("cast", "the tape", tape);
    Check.present("cast", "x", x);
    Check.present("cast", "the type", type);
    if (x.dtype() == type) {
      return x;
    }
    Tensor y = Tensor.empty(x.device(), type, x.shape());
    CastPlan.on(x.device(), new CastPlan.Key(x.shape(), x.dtype(), type)).forward(x, y);
    if (tape.wants(x)) {
      tape.record(
          y,
          dy -> {
            Tensor dx = x.emptyLike();
            CastPlan.on(x.device(), new CastPlan.Key(x.shape(), type, x.dtype())).forward(dy, dx);
            tape.add(x, dx);
          });
    }
    return y;
  }
}
