package io.github.glia.nn.lessons;

import io.github.glia.nn.Add;
import io.github.glia.nn.Concat;
import io.github.glia.nn.Scale;
import io.github.glia.nn.Tape;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;

/** What is used twice has two gradients, and their sum is its gradient. */
public final class UsedTwice {
  private UsedTwice() {}

  /** y = x + 3·x. */
  static float loss(float x) {
    return x + 3 * x;
  }

  /** Backward of y = x + 3·x; each use of x puts its gradient into a map. */
  static float gradient(boolean added) {
    float dy = 1;
    Map<String, Float> gradients = new HashMap<>();
    for (float use : new float[] {dy, dy * 3}) {
      if (added) {
        gradients.merge("x", use, Float::sum);
      } else {
        gradients.put("x", use);
      }
    }
    return gradients.get("x");
  }

  static float residual(Device device, float value) {
    try (Scope scope = Scope.open()) {
      Tape tape = Tape.training(1, 0);
      Tensor x = Tensor.of(device, Shape.of(1), value);
      tape.watch(x);
      tape.backward(Add.forward(tape, x, Scale.forward(tape, x, 3)));
      return tape.gradient(x).item();
    }
  }

  /** The skip of a U-Net: x goes round the deeper levels, here 3·x, and is joined to them. */
  static float skip(Device device, float value) {
    try (Scope scope = Scope.open()) {
      Tape tape = Tape.training(1, 0);
      Tensor x = Tensor.of(device, Shape.of(1, 1, 1, 1), value);
      tape.watch(x);
      Tensor joined = Concat.forward(tape, Scale.forward(tape, x, 3), x);
      tape.backward(joined, Tensor.of(device, joined.shape(), 1, 1));
      return tape.gradient(x).item();
    }
  }

  public static void main(String[] args) {
    System.out.println("by differences:             " + (loss(6) - loss(4)) / 2);
    System.out.println("wrong, the last one stays:  " + gradient(false));
    System.out.println("right, they are added:      " + gradient(true));
    System.out.println("by the tape, added layers:  " + residual(Device.cpu(), 5));
    System.out.println("by the tape, joined layers: " + skip(Device.cpu(), 5));
  }
}
