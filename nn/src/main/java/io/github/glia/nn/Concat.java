package io.github.glia.nn;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.concat.ConcatPlan;
import io.github.glia.kernels.concat.ConcatShape;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Channels of several images side by side: how a U-Net's skips join its decoder. */
public final class Concat {
  private Concat() {}

  public static Tensor forward(Tape tape, Tensor... inputs) {
    Check.present("concat", "the tape", tape);
    if (Check.present("concat", "the array of inputs", inputs).length == 0) {
      throw Check.failed("concat", "there is nothing to concatenate");
    }
    List<Integer> channels = new ArrayList<>();
    for (Tensor x : inputs) {
      Check.image("concat", "an input", x);
      channels.add(x.shape().size(3));
    }
    List<Tensor> xs = List.of(inputs);
    Tensor first = xs.get(0);
    Shape s = first.shape();
    ConcatShape shape = new ConcatShape(s.size(0), s.size(1), s.size(2), channels);
    ConcatPlan plan = ConcatPlan.on(first.device(), new ConcatPlan.Key(shape, first.dtype()));
    Tensor y = Tensor.empty(first.device(), first.dtype(), shape.output());
    plan.forward(xs, y);
    if (xs.stream().noneMatch(tape::wants)) {
      return y;
    }
    tape.record(
        y,
        dy -> {
          List<Tensor> dxs = new ArrayList<>();
          xs.forEach(
              x ->
                  dxs.add(tape.wants(x) ? Tensor.empty(dy.device(), dy.dtype(), x.shape()) : null));
          plan.backward(dy, dxs);
          for (int i = 0; i < dxs.size(); i++) {
            if (dxs.get(i) != null) {
              tape.add(xs.get(i), dxs.get(i));
            }
          }
        });
    return y;
  }
}
