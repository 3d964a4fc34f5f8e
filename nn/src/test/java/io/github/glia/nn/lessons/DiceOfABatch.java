package io.github.glia.nn.lessons;

import io.github.glia.kernels.loss.Bce;
import io.github.glia.kernels.loss.Dice;
import io.github.glia.kernels.loss.Loss;
import io.github.glia.nn.Objective;
import io.github.glia.nn.Tape;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.Locale;

/** Dice of a batch is not the mean of the Dice of its images. */
public final class DiceOfABatch {
  /** Logits of probabilities 3/4, 1/4 and 1/10. */
  private static final float YES = (float) Math.log(3);

  private static final float NO = -YES;
  private static final float NEVER = (float) -Math.log(9);

  private static final float[] WITH_TUMOUR = {YES, YES, NO, NO};
  private static final float[] TUMOUR = {1, 1, 0, 0};
  private static final float[] WITHOUT = {NEVER, NEVER, NEVER, NEVER};
  private static final float[] NOTHING = {0, 0, 0, 0};

  private DiceOfABatch() {}

  public static void main(String[] args) {
    for (Loss loss : new Loss[] {new Bce(), new Dice(1)}) {
      float first = loss(loss, WITH_TUMOUR, TUMOUR);
      float second = loss(loss, WITHOUT, NOTHING);
      float both = loss(loss, join(WITH_TUMOUR, WITHOUT), join(TUMOUR, NOTHING));
      System.out.println(loss.getClass().getSimpleName());
      print("  image with a tumour", first);
      print("  image without", second);
      print("  mean of the two", (first + second) / 2);
      print("  both as one batch", both);
    }
    print("dx of a pixel of the image without, alone", gradient(WITHOUT, NOTHING));
    print(
        "the same pixel in the batch", gradient(join(WITHOUT, WITH_TUMOUR), join(NOTHING, TUMOUR)));
  }

  private static float loss(Loss loss, float[] logits, float[] truth) {
    Device device = Device.cpu();
    Shape shape = Shape.of(logits.length / 4, 2, 2, 1);
    try (Scope scope = Scope.open()) {
      return new Objective(loss)
          .forward(
              Tape.inference(), Tensor.of(device, shape, logits), Tensor.of(device, shape, truth))
          .item();
    }
  }

  /** Of Dice, by the first logit. */
  private static float gradient(float[] logits, float[] truth) {
    Device device = Device.cpu();
    Shape shape = Shape.of(logits.length / 4, 2, 2, 1);
    try (Scope scope = Scope.open()) {
      Tape tape = Tape.training(1, 0);
      Tensor x = Tensor.of(device, shape, logits);
      tape.watch(x);
      tape.backward(new Objective(new Dice(1)).forward(tape, x, Tensor.of(device, shape, truth)));
      return tape.gradient(x).toFloats()[0];
    }
  }

  private static float[] join(float[] a, float[] b) {
    float[] joined = new float[a.length + b.length];
    System.arraycopy(a, 0, joined, 0, a.length);
    System.arraycopy(b, 0, joined, a.length, b.length);
    return joined;
  }

  private static void print(String what, float value) {
    System.out.printf(Locale.ROOT, "%-44s %.4f%n", what, value);
  }
}
