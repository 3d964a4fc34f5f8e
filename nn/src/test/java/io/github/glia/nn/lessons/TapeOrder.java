package io.github.glia.nn.lessons;

import io.github.glia.nn.Multiply;
import io.github.glia.nn.Tape;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A tape is a list that is walked from its end. */
public final class TapeOrder {
  private TapeOrder() {}

  /** a = w·x, loss = a², with a tape of our own: what to do with each gradient, in order. */
  static float gradient(float w, float x, boolean fromTheEnd) {
    float[] dw = {0};
    float[] da = {0};
    float[] dLoss = {1};
    List<Runnable> tape = new ArrayList<>();
    float a = w * x;
    tape.add(() -> dw[0] += da[0] * x);
    tape.add(() -> da[0] += dLoss[0] * 2 * a); // of loss = a²
    if (fromTheEnd) {
      Collections.reverse(tape);
    }
    tape.forEach(Runnable::run);
    return dw[0];
  }

  /** The same with Glia's. */
  static float gradient(Device device, float w, float x) {
    try (Scope scope = Scope.open()) {
      Tape tape = Tape.training(1, 0);
      Tensor weight = Tensor.of(device, Shape.of(1), w);
      tape.watch(weight);
      Tensor a = Multiply.forward(tape, weight, Tensor.of(device, Shape.of(1), x));
      tape.backward(Multiply.forward(tape, a, a));
      return tape.gradient(weight).item();
    }
  }

  public static void main(String[] args) {
    System.out.println("from the first to the last: " + gradient(2, 3, false));
    System.out.println("from the last to the first: " + gradient(2, 3, true));
    System.out.println("by Glia's tape:             " + gradient(Device.cpu(), 2, 3));
  }
}
