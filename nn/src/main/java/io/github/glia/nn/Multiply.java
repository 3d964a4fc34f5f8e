package io.github.glia.nn;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.elementwise.MultiplyPlan;
import io.github.glia.tensor.Tensor;

/** The product of two tensors of the same shape, element by element: how attention gates join. */
public final class Multiply {
  private Multiply() {}

  public static Tensor forward(Tape tape, Tensor a, Tensor b) {
    Check.present("multiply", "the tape", tape);
    Check.present("multiply", "a", a);
    Check.present("multiply", "b", b);
    MultiplyPlan plan = MultiplyPlan.on(a.device(), new MultiplyPlan.Key(a.shape(), a.dtype()));
    Tensor y = a.emptyLike();
    plan.forward(a, b, y);
    if (!tape.wants(a) && !tape.wants(b)) {
      return y;
    }
    tape.record(
        y,
        dy -> {
          Tensor da = tape.wants(a) ? dy.emptyLike() : null;
          Tensor db = tape.wants(b) ? dy.emptyLike() : null;
          plan.backward(a, b, dy, da, db);
          if (da != null) {
            tape.add(a, da);
          }
          if (db != null) {
            tape.add(b, db);
          }
        },
        a,
        b);
    return y;
  }
}
