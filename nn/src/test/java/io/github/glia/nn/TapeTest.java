package io.github.glia.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.kernels.loss.Bce;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Memory;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What is recorded, in which order it is walked, and what is freed when. */
final class TapeTest extends DeviceTests {
  private static final Shape PAIR = Shape.of(1, 1, 1, 2);

  @TestFactory
  Stream<DynamicTest> addsUpTheGradientsOfWhatIsUsedTwice() {
    return onEveryDevice(
        device -> {
          Tape tape = Tape.training(1, 0);
          Tensor x = Tensor.of(device, PAIR, 1, -2);
          tape.watch(x);
          Tensor three = Scale.forward(tape, x, 3);
          Tensor y = Add.forward(tape, Add.forward(tape, three, x), three);
          tape.backward(y, Tensor.of(device, PAIR, 1, 10));
          assertArrayEquals(new float[] {7, -14}, y.toFloats());
          assertArrayEquals(new float[] {7, 70}, tape.gradient(x).toFloats());
        });
  }

  @TestFactory
  Stream<DynamicTest> addsUpWhereBothSidesAreTheSameTensor() {
    return onEveryDevice(
        device -> {
          Tape tape = Tape.training(1, 0);
          Tensor x = Tensor.of(device, PAIR, 3, -2);
          tape.watch(x);
          Tensor square = Multiply.forward(tape, x, x);
          Tensor y = Concat.forward(tape, square, square);
          tape.backward(y, Tensor.of(device, y.shape(), 1, 1, 10, 100));
          assertArrayEquals(new float[] {11 * 2 * 3, 101 * 2 * -2}, tape.gradient(x).toFloats());
        });
  }

  @TestFactory
  Stream<DynamicTest> freesEachActivationWhenItsEntryHasRun() {
    return onEveryDevice(
        device -> {
          int length = 6;
          Memory memory = device.memory();
          long before = memory.liveBytes();
          Tape tape = Tape.training(1, 0);
          Tensor x = Tensor.zeros(device, DType.F32, Shape.of(1000));
          tape.watch(x);
          List<Long> tensorsInBackward = new ArrayList<>();
          Tensor y = x;
          for (int i = 0; i < length; i++) {
            Tensor from = y;
            y = copy(from);
            tape.record(
                y,
                dy -> {
                  tensorsInBackward.add((memory.liveBytes() - before) / x.bytes());
                  tape.add(from, copy(dy));
                });
          }
          assertEquals((length + 1) * x.bytes(), memory.liveBytes() - before);
          tape.backward(y, y.emptyLike());
          // x, y₁ … yᵢ, the gradient of yᵢ, and the output, which is the caller's.
          assertEquals(List.of(8L, 8L, 7L, 6L, 5L, 4L), tensorsInBackward);
          // x and its gradient, and the output.
          assertEquals(3 * x.bytes(), memory.liveBytes() - before);
          assertFalse(y.isClosed());
        });
  }

  private static Tensor copy(Tensor x) {
    Tensor copy = x.emptyLike();
    copy.copyFrom(x);
    return copy;
  }

  @TestFactory
  Stream<DynamicTest> releasesWhatNothingNeeds() {
    return onEveryDevice(
        device -> {
          Tape tape = Tape.training(1, 0);
          Tensor unneeded = Tensor.of(device, PAIR, 1, 2);
          Tensor needed = Tensor.of(device, PAIR, 1, 2);
          Tensor kept = tape.keep(Tensor.of(device, PAIR, 1, 2));
          Tensor y = Tensor.of(device, PAIR, 1, 2);
          tape.record(y, dy -> assertEquals(1, needed.toFloats()[0]), needed);
          tape.release(unneeded);
          tape.release(needed);
          tape.release(kept);
          assertTrue(unneeded.isClosed());
          assertFalse(needed.isClosed());
          assertFalse(kept.isClosed());
          tape.backward(y, y.emptyLike());

          Tape inference = Tape.inference();
          Tensor z = Tensor.of(device, PAIR, 1, 2);
          inference.record(z, dy -> {}, z);
          inference.release(z);
          assertTrue(z.isClosed(), "a tape for inference records no needs");
        });
  }

  @TestFactory
  Stream<DynamicTest> keepsWhatIsKeptThroughBackward() {
    return onEveryDevice(
        device -> {
          Tape tape = Tape.training(1, 0);
          Tensor x = Tensor.of(device, PAIR, 1, 2);
          tape.watch(x);
          Tensor kept = tape.keep(Scale.forward(tape, x, 2));
          Tensor freed = Scale.forward(tape, kept, 2);
          Tensor y = Scale.forward(tape, freed, 2);
          tape.backward(y, Tensor.of(device, PAIR, 1, 1));
          assertArrayEquals(new float[] {2, 4}, kept.toFloats());
          assertArrayEquals(new float[] {8, 16}, y.toFloats(), "the output is kept");
          assertTrue(freed.isClosed());
        });
  }

  @TestFactory
  Stream<DynamicTest> wantsOnlyWhatLeadsBackToSomething() {
    return onEveryDevice(
        device -> {
          Tape tape = Tape.training(1, 0);
          Tensor watched = Tensor.of(device, PAIR, 1, 2);
          Tensor unwatched = Tensor.of(device, PAIR, 1, 2);
          tape.watch(watched);
          tape.watch(watched);
          assertTrue(tape.wants(watched));
          assertTrue(tape.wants(Scale.forward(tape, watched, 2)));
          assertFalse(tape.wants(unwatched));
          assertFalse(tape.wants(Scale.forward(tape, unwatched, 2)));
          Tensor gradient = Tensor.of(device, PAIR, 1, 1);
          tape.add(unwatched, gradient);
          assertTrue(gradient.isClosed(), "a gradient that nobody wants is freed");
        });
  }

  @TestFactory
  Stream<DynamicTest> recordsNothingForInference() {
    return onEveryDevice(
        device -> {
          try (Layer conv = new Conv2d(2, 2, 1)) {
            conv.initialize(device, 1);
            Tape tape = Tape.inference();
            assertFalse(tape.isTraining());
            Tensor y = conv.forward(tape, Tensor.of(device, PAIR, 1, 2));
            assertFalse(tape.wants(y));
            refused(
                IllegalStateException.class,
                "this tape is for inference: use Tape.training(seed, step)",
                () -> tape.backward(y, y.emptyLike()));
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> refusesTheOutputOfAnotherTape() {
    return onEveryDevice(
        device -> {
          Tape tape = Tape.training(1, 0);
          Tensor foreign = Tensor.of(device, Shape.of(1), 1);
          refused(
              IllegalStateException.class, "no layer recorded F32", () -> tape.backward(foreign));
        });
  }

  @TestFactory
  Stream<DynamicTest> refusesASecondBackward() {
    return onEveryDevice(
        device -> {
          Tape tape = Tape.training(1, 0);
          Tensor x = Tensor.of(device, Shape.of(1), 1);
          tape.watch(x);
          Tensor loss = Scale.forward(tape, x, 2);
          tape.backward(loss);
          refused(IllegalStateException.class, "a tape serves one step", () -> tape.backward(loss));
          assertEquals(2, tape.gradient(x).item());
        });
  }

  @TestFactory
  Stream<DynamicTest> multipliesTheGradient() {
    return onEveryDevice(
        device -> {
          Tensor logits = random(device, 1, 2, 3, 3, 1);
          Tensor truth = Tensor.zeros(device, DType.F32, logits.shape());
          float[] whole = gradient(logits, truth, 1);
          float[] quarter = gradient(logits, truth, 0.25f);
          for (int i = 0; i < whole.length; i++) {
            assertNotEquals(0, whole[i]);
            assertEquals(whole[i] / 4, quarter[i], Math.abs(whole[i]) * 1e-6);
          }
        });
  }

  private static float[] gradient(Tensor logits, Tensor truth, float multiple) {
    try (Scope scope = Scope.open()) {
      Tape tape = Tape.training(1, 0);
      tape.watch(logits);
      tape.backward(new Objective(new Bce()).forward(tape, logits, truth), multiple);
      return tape.gradient(logits).toFloats();
    }
  }

  @TestFactory
  Stream<DynamicTest> refusesALossThatIsNotOneNumber() {
    return onEveryDevice(
        device -> {
          Tape tape = Tape.training(1, 0);
          Tensor two = Tensor.of(device, PAIR, 1, 2);
          tape.watch(two);
          refused("a loss is one F32 number, but is F32[1, 1, 1, 2]", () -> tape.backward(two));
          Tensor bytes = Tensor.zeros(device, DType.U8, Shape.of(1));
          refused("a loss is one F32 number, but is U8[1]", () -> tape.backward(bytes));
        });
  }

  @TestFactory
  Stream<DynamicTest> refusesGradientsOfAnotherShapeOrType() {
    return onEveryDevice(
        device -> {
          Tape tape = Tape.training(1, 0);
          Tensor x = Tensor.of(device, PAIR, 1, 2);
          tape.watch(x);
          refused("but is F32[2]", () -> tape.add(x, Tensor.of(device, Shape.of(2), 1, 2)));
          refused("but is U8", () -> tape.add(x, Tensor.zeros(device, DType.U8, PAIR)));
        });
  }

  @TestFactory
  Stream<DynamicTest> hasGradientsOnlyOfWatchedInputs() {
    return onEveryDevice(
        device -> {
          Tape tape = Tape.training(1, 0);
          Tensor x = Tensor.of(device, PAIR, 1, 2);
          Tensor unused = Tensor.of(device, PAIR, 1, 2);
          tape.watch(x);
          tape.watch(unused);
          Tensor y = Scale.forward(tape, x, 2);
          refused("only inputs are watched", () -> tape.watch(y));
          refused(IllegalStateException.class, "nothing depends on it", () -> tape.gradient(x));
          tape.backward(y, Tensor.of(device, PAIR, 1, 1));
          assertArrayEquals(new float[] {2, 2}, tape.gradient(x).toFloats());
          refused(
              IllegalStateException.class, "nothing depends on it", () -> tape.gradient(unused));
          refused(IllegalStateException.class, "was not watched", () -> tape.gradient(y));
        });
  }

  @TestFactory
  Stream<DynamicTest> computesNoGradientOfAnUnwatchedInput() {
    return Stream.of(
            new Conv2d(16, 1, 1), new ConvTranspose2d(16, 1, 1, 1), (Layer) new Linear(16, 1))
        .flatMap(
            layer ->
                onEveryDevice(
                    layer.name(),
                    device -> {
                      Tensor x = random(device, 1, 1, 32, 32, 16);
                      layer.initialize(device, 1);
                      bytesAtBackwardsPeak(layer, x, false); // plans take their workspaces
                      long unwatched = bytesAtBackwardsPeak(layer, x, false);
                      long watched = bytesAtBackwardsPeak(layer, x, true);
                      assertTrue(unwatched < x.bytes(), () -> unwatched + " bytes");
                      assertTrue(watched >= x.bytes(), () -> watched + " bytes");
                      layer.close();
                    }));
  }

  /** How far memory rises in backward above where it stood before. */
  private static long bytesAtBackwardsPeak(Layer layer, Tensor x, boolean watch) {
    Memory memory = x.device().memory();
    try (Scope scope = Scope.open()) {
      Tape tape = Tape.training(1, 0);
      if (watch) {
        tape.watch(x);
      }
      Tensor y = layer.forward(tape, x);
      Tensor dy = y.emptyLike();
      dy.zero();
      memory.resetPeak();
      long before = memory.liveBytes();
      tape.backward(y, dy);
      return memory.peakBytes() - before;
    }
  }

  @TestFactory
  Stream<DynamicTest> givesEachLayerAndStepRandomNumbersOfItsOwn() {
    return onEveryDevice(
        device -> {
          Tape first = Tape.training(5, 3);
          Tape again = Tape.training(5, 3);
          Tape next = Tape.training(5, 4);
          List<Long> streams = List.of(first.nextStream(), first.nextStream());
          assertNotEquals(streams.get(0), streams.get(1));
          assertEquals(streams, List.of(again.nextStream(), again.nextStream()));
          assertFalse(streams.contains(next.nextStream()));
          assertEquals(5, first.seed());
        });
  }

  @TestFactory
  Stream<DynamicTest> tellsItsObserverOfEveryLayer() {
    return onEveryDevice(
        device -> {
          Layer relu = Activate.relu();
          Layer pool = new MaxPool2d(2);
          try (Layer network = new Sequential(relu, pool)) {
            List<Layer> seen = new ArrayList<>();
            List<Shape> shapes = new ArrayList<>();
            Tensor x = random(device, 1, 1, 4, 4, 1);
            Tape tape =
                Tape.inference(
                    (layer, in, out) -> {
                      seen.add(layer);
                      shapes.add(in);
                      assertFalse(out.isClosed(), layer::name);
                    });
            network.forward(tape, x);
            network.forward(tape, x, x);
            assertEquals(List.of(relu, pool, network, relu, pool, network), seen);
            Shape both = Shape.of(1, 4, 4, 2);
            assertEquals(List.of(x.shape(), x.shape(), x.shape(), both, both, both), shapes);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> refusesNull() {
    return onEveryDevice(
        device -> {
          Tape tape = Tape.training(1, 0);
          Tensor x = Tensor.of(device, Shape.of(1), 1);
          refused("the observer is null", () -> Tape.inference(null));
          refused("the output is null", () -> tape.record(null, dy -> {}));
          refused("the backward is null", () -> tape.record(x, null));
          refused("what is kept is null", () -> tape.keep(null));
          refused("what is released is null", () -> tape.release(null));
          refused("what is watched is null", () -> tape.watch(null));
          refused("the loss is null", () -> tape.backward(null));
          refused("the output is null", () -> tape.backward(null, x));
          refused("the gradient is null", () -> tape.backward(x, null));
          refused("the gradient is null", () -> tape.add(x, null));
          refused("the tensor is null", () -> tape.add(null, x));
        });
  }

  @TestFactory
  Stream<DynamicTest> leavesNothingWhereABackwardThrows() {
    return onEveryDevice(
        device -> {
          Layer broken =
              new Layer() {
                @Override
                protected Tensor compute(Tape tape, Tensor x) {
                  Tensor y = copy(x);
                  tape.record(
                      y,
                      dy -> {
                        x.emptyLike();
                        throw new UnsupportedOperationException("no gradient today");
                      });
                  return y;
                }
              };
          try (Layer before = new Conv2d(2, 2, 1);
              Layer after = new Conv2d(2, 2, 1)) {
            Layer network = new Sequential(before, broken, after);
            network.initialize(device, 1);
            long parameters = device.memory().liveBytes();
            try (Scope step = Scope.open()) {
              Tape tape = Tape.training(1, 0);
              Tensor y = network.forward(tape, Tensor.zeros(device, DType.F32, PAIR));
              refused(
                  UnsupportedOperationException.class,
                  "no gradient today",
                  () -> tape.backward(y, y.emptyLike()));
            }
            assertTrue(network.state().get("2.weight").hasGradient(), "it came to this one");
            assertFalse(network.state().get("0.weight").hasGradient());
            network.trained().values().forEach(Parameter::clearGradient);
            assertEquals(parameters, device.memory().liveBytes());
            network.close();
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> saysThatPlansWereReleasedInTheMiddleOfAStep() {
    return onEveryDevice(
        device -> {
          try (Layer conv = new Conv2d(2, 2, 1)) {
            conv.initialize(device, 1);
            for (boolean release : new boolean[] {false, true}) {
              try (Scope step = Scope.open()) {
                Tape tape = Tape.training(1, 0);
                Tensor y = conv.forward(tape, Tensor.zeros(device, DType.F32, PAIR));
                if (release) {
                  device.releaseCaches();
                  refused(
                      IllegalStateException.class,
                      "released by releaseCaches()",
                      () -> tape.backward(y, y.emptyLike()));
                } else {
                  tape.backward(y, y.emptyLike());
                }
              }
            }
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> aLossNeedsItsLogitsAndTheTruth() {
    return onEveryDevice(
        device -> {
          Tape tape = Tape.training(1, 0);
          Tensor logits = Tensor.of(device, PAIR, 0, 0);
          Tensor truth = Tensor.of(device, PAIR, 1, 0);
          tape.watch(logits);
          Tensor loss = new Objective(new Bce()).forward(tape, logits, truth);
          tape.release(logits);
          tape.release(truth);
          tape.backward(loss);
          assertArrayEquals(new float[] {-0.25f, 0.25f}, tape.gradient(logits).toFloats());
        });
  }
}
