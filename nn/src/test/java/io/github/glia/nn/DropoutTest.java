package io.github.glia.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.github.glia.tensor.Device;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Which elements are dropped, and when. */
final class DropoutTest extends DeviceTests {
  private static final int COUNT = 20_000;

  private static Tensor ones(Device device) {
    float[] ones = new float[COUNT];
    Arrays.fill(ones, 1);
    return Tensor.of(device, Shape.of(COUNT), ones);
  }

  @TestFactory
  Stream<DynamicTest> drawsTheSameForTheSameSeedAndStep() {
    return onEveryDevice(
        device -> {
          Layer dropout = new Dropout(0.4f);
          Tensor x = ones(device);
          float[] mask = dropout.forward(Tape.training(3, 5), x).toFloats();
          assertArrayEquals(mask, dropout.forward(Tape.training(3, 5), x).toFloats());
          assertFalse(differsLittle(mask, dropout.forward(Tape.training(3, 6), x)), "other step");
          assertFalse(differsLittle(mask, dropout.forward(Tape.training(4, 5), x)), "other seed");
          Tape tape = Tape.training(3, 5);
          assertArrayEquals(mask, dropout.forward(tape, x).toFloats());
          assertFalse(differsLittle(mask, dropout.forward(tape, x)), "other layer of the step");
        });
  }

  /** Masks that have nothing to do with each other differ in 2 p (1 − p) = 48 % of elements. */
  private static boolean differsLittle(float[] mask, Tensor other) {
    float[] values = other.toFloats();
    int differing = 0;
    for (int i = 0; i < COUNT; i++) {
      differing += mask[i] == values[i] ? 0 : 1;
    }
    return Math.abs(differing - 0.48 * COUNT) > 0.02 * COUNT;
  }

  @TestFactory
  Stream<DynamicTest> keepsOneMinusPAndScalesThemUp() {
    return onEveryDevice(
        device -> {
          for (float p : new float[] {0.1f, 0.5f, 0.75f}) {
            int kept = 0;
            for (float y : new Dropout(p).forward(Tape.training(1, 0), ones(device)).toFloats()) {
              if (y != 0) {
                assertEquals(1 / (1 - p), y, 1e-6);
                kept++;
              }
            }
            // Four deviations of a binomial count.
            assertEquals((1 - p) * COUNT, kept, 4 * Math.sqrt(p * (1 - p) * COUNT));
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> sendsGradientsWhereItLetValuesThrough() {
    return onEveryDevice(
        device -> {
          Tape tape = Tape.training(1, 0);
          Tensor x = ones(device);
          tape.watch(x);
          Tensor y = new Dropout(0.5f).forward(tape, x);
          tape.backward(y, ones(device));
          assertArrayEquals(y.toFloats(), tape.gradient(x).toFloats());
        });
  }

  @TestFactory
  Stream<DynamicTest> doesNothingAtInference() {
    return onEveryDevice(
        device -> {
          Tensor x = ones(device);
          assertSame(x, new Dropout(0.9f).predict(x));
          assertSame(x, new Dropout(0).forward(Tape.training(1, 0), x));
        });
  }

  @TestFactory
  Stream<DynamicTest> refusesWhatIsNoProbability() {
    return onEveryDevice(
        device -> {
          for (float p : new float[] {-0.1f, 1, Float.NaN}) {
            refused("the probability must be in [0, 1)", () -> new Dropout(p));
          }
        });
  }
}
