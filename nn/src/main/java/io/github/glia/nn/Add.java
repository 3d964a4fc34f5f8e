package io.github.glia.nn;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.elementwise.AddPlan;
import io.github.glia.tensor.Tensor;

/** The sum of two tensors of the same shape: how residual connections join. */
public final class Add {
  private Add() {}

  public static Tensor forward(Tape tape, Tensor a, Tensor b) {
    Check.present("add", "the tape", tape);
    Check.present("add", "a", a);
    Check.present("add", "b", b);
    Tensor y = a.emptyLike();
    AddPlan.on(a.device(), new AddPlan.Key(a.shape(), a.dtype())).forward(a, b, y);
    if (tape.wants(a) || tape.wants(b)) {
      tape.record(
          y,
          dy -> {
            for (Tensor x : new Tensor[] {a, b}) {
              if (tape.wants(x)) {
                Tensor dx = dy.emptyLike();
                dx.copyFrom(dy);
                tape.add(x, dx);
              }
            }
          });
    }
    return y;
  }
}
