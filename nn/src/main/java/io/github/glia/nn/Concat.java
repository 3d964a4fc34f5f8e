package io.github.glia.nn;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.concat.ConcatPlan;
import io.github.glia.kernels.concat.ConcatShape;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.nio.FloatBuffer;
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
    List<Integer> channels = new ArrayList<>(inputs.length);
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
    if (tape.hasSteps(y)) {
      tape.setSteps(y, steps(tape, xs));
    }
    if (anyIsWanted(tape, xs)) {
      tape.record(y, dy -> backward(tape, plan, xs, dy));
    }
    return y;
  }

  private static float[] steps(Tape tape, List<Tensor> xs) {
    int channels = xs.stream().mapToInt(x -> x.shape().size(-1)).sum();
    FloatBuffer all = FloatBuffer.allocate(channels);
    xs.forEach(x -> all.put(tape.steps(x)));
    return all.array();
  }

  private static boolean anyIsWanted(Tape tape, List<Tensor> xs) {
    for (int i = 0; i < xs.size(); i++) {
      if (tape.wants(xs.get(i))) {
        return true;
      }
    }
    return false;
  }

  private static void backward(Tape tape, ConcatPlan plan, List<Tensor> xs, Tensor dy) {
    List<Tensor> dxs = new ArrayList<>(xs.size());
    for (int i = 0; i < xs.size(); i++) {
      dxs.add(tape.wants(xs.get(i)) ? xs.get(i).emptyLike() : null);
    }
    plan.backward(dy, dxs);
    for (int i = 0; i < xs.size(); i++) {
      if (dxs.get(i) != null) {
        tape.add(xs.get(i), dxs.get(i));
      }
    }
  }
}
