package io.github.glia.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** A layer that is given two images computes what it would of the two concatenated. */
final class JoinedImagesTest extends DeviceTests {
  private static final int A = 3;
  private static final int B = 5;
  private static final double F32_TOLERANCE = 1e-5;
  private static final double BF16_TOLERANCE = 2e-2;

  /** Two that are the same, of which only one concatenates. */
  private record Pair(Layer joining, Layer concatenating) implements AutoCloseable {
    static Pair of(Supplier<Layer> maker, Device device) {
      Pair pair = new Pair(maker.get(), maker.get());
      pair.joining.initialize(device, 1);
      pair.concatenating.initialize(device, 1);
      return pair;
    }

    @Override
    public void close() {
      joining.close();
      concatenating.close();
    }
  }

  /** Two images, and a tape that watches them. */
  private record Run(Tensor a, Tensor b, Tape tape) {
    static Run on(Device device, DType type) {
      Tensor a = inType(random(device, 2, 2, 9, 7, A), type);
      Tensor b = inType(random(device, 3, 2, 9, 7, B), type);
      Tape tape = Tape.training(1, 0);
      tape.watch(a);
      tape.watch(b);
      return new Run(a, b, tape);
    }

    /** All gradients of a loss that the outputs' numbers decide, and the output. */
    Map<String, Tensor> backward(Layer layer, Tensor y) {
      Map<String, Tensor> results = new LinkedHashMap<>();
      results.put("y", tape.keep(y));
      tape.backward(y, inType(random(y.device(), 4, y.shape().toArray()), y.dtype()));
      results.put("da", tape.gradient(a));
      results.put("db", tape.gradient(b));
      layer.trained().forEach((name, parameter) -> results.put(name, parameter.gradient()));
      return results;
    }
  }

  private static Stream<DynamicTest> check(Supplier<Layer> maker) {
    return Stream.of(DType.F32, DType.BF16)
        .flatMap(
            type ->
                onEveryDevice(
                    maker.get().name() + " in " + type,
                    device -> {
                      assumeTrue(device.computes(type), device + " does not compute in " + type);
                      compare(maker, device, type);
                    }));
  }

  private static void compare(Supplier<Layer> maker, Device device, DType type) {
    double tolerance = type == DType.F32 ? F32_TOLERANCE : BF16_TOLERANCE;
    try (Pair layers = Pair.of(maker, device)) {
      Run run = Run.on(device, type);
      Tensor y = layers.joining.forward(run.tape, run.a, run.b);
      Map<String, Tensor> actual = run.backward(layers.joining, y);
      Run other = Run.on(device, type);
      Tensor both = Concat.forward(other.tape, other.a, other.b);
      y = layers.concatenating.forward(other.tape, both);
      Map<String, Tensor> expected = other.backward(layers.concatenating, y);
      assertEquals(expected.keySet(), actual.keySet());
      expected.forEach((name, value) -> assertClose(value, actual.get(name), tolerance));

      Tape inference = Tape.inference();
      both = Concat.forward(inference, run.a, run.b);
      Tensor predicted = layers.joining.forward(inference, run.a, run.b);
      assertClose(layers.concatenating.predict(both), predicted, tolerance);
      long before = device.memory().liveBytes();
      try (Scope scope = Scope.open()) {
        Tensor again = layers.joining.forward(inference, run.a, run.b);
        assertEquals(again.bytes(), device.memory().liveBytes() - before);
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> convolutions() {
    return Stream.<Supplier<Layer>>of(
            () -> new Conv2d(A + B, 4, 3),
            () -> new Conv2d(A + B, 1, 1),
            () -> Conv2d.builder(A + B, 4, 3).stride(2, 3).padding(1, 0).withoutBias().build(),
            () -> Conv2d.builder(A + B, 4, 3).dilation(2, 1).relu().build(),
            () -> Conv2d.builder(A + B, 4, 3).groups(2).build(),
            () -> Conv2d.builder(A + B, 4, 3).outputType(DType.F32).build())
        .flatMap(JoinedImagesTest::check);
  }

  @TestFactory
  Stream<DynamicTest> convolutionsWithNorms() {
    return Stream.of(Norm.values())
        .flatMap(norm -> check(() -> new ConvNormRelu(A + B, 6, 3, norm)));
  }

  @TestFactory
  Stream<DynamicTest> layersThatJoinThemFirst() {
    return Stream.<Supplier<Layer>>of(
            Activate::relu, () -> new MaxPool2d(2), () -> new ConvTranspose2d(A + B, 2, 2, 2))
        .flatMap(JoinedImagesTest::check);
  }

  @TestFactory
  Stream<DynamicTest> layersOfLayers() {
    return Stream.<Supplier<Layer>>of(
            Sequential::new,
            () -> new Sequential(new Dropout(0)),
            () ->
                new Sequential(
                    new ConvNormRelu(A + B, 6, 3, Norm.BATCH),
                    new ConvNormRelu(6, 4, 3, Norm.NONE)))
        .flatMap(JoinedImagesTest::check);
  }

  @TestFactory
  Stream<DynamicTest> weightsAreFoldedAgainWhenTheyChanged() {
    return onEveryDevice(
        device -> {
          try (Pair layers = Pair.of(() -> new ConvNormRelu(A + B, 6, 3, Norm.BATCH), device)) {
            Run run = Run.on(device, DType.F32);
            Tape inference = Tape.inference();
            Tensor both = Concat.forward(inference, run.a, run.b);
            layers.joining.forward(inference, run.a, run.b);
            for (Layer layer : new Layer[] {layers.joining, layers.concatenating}) {
              value(layer, "conv.weight")
                  .copyFrom(gaussian(8, value(layer, "conv.weight").shape()));
            }
            Tensor expected = layers.concatenating.predict(both);
            assertClose(expected, layers.joining.forward(inference, run.a, run.b), F32_TOLERANCE);
            assertClose(expected, layers.joining.predict(both), F32_TOLERANCE);
          }
        });
  }

  /** An image may be both, and only one may have a gradient. */
  @TestFactory
  Stream<DynamicTest> gradientsReachWhatIsWatched() {
    return onEveryDevice(
        device -> {
          try (Pair layers = Pair.of(() -> new Conv2d(2 * A, 4, 3), device)) {
            Tensor x = random(device, 2, 2, 5, 4, A);
            Tensor fixed = random(device, 3, 2, 5, 4, A);
            for (Tensor[] images : new Tensor[][] {{x, x}, {x, fixed}, {fixed, x}}) {
              Tape tape = Tape.training(1, 0);
              tape.watch(x);
              Tensor y = layers.joining.forward(tape, images[0], images[1]);
              Tensor dy = random(device, 4, y.shape().toArray());
              tape.backward(y, dy);
              Tape other = Tape.training(1, 0);
              other.watch(x);
              y = layers.concatenating.forward(other, Concat.forward(other, images));
              other.backward(y, random(device, 4, y.shape().toArray()));
              assertClose(other.gradient(x), tape.gradient(x), F32_TOLERANCE);
            }
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> imagesMustFit() {
    return onEveryDevice(
        device -> {
          try (Layer layer = new Conv2d(A + B, 4, 3)) {
            layer.initialize(device, 1);
            Tensor a = random(device, 2, 2, 5, 4, A);
            Tensor b = random(device, 2, 2, 5, 4, B);
            Tensor wide = random(device, 2, 2, 5, 6, B);
            Tensor flat = random(device, 2, 4, B);
            Tensor bytes = Tensor.zeros(device, DType.U8, b.shape());
            for (Tape tape : new Tape[] {Tape.inference(), Tape.training(1, 0)}) {
              refused("a is null", () -> layer.forward(tape, null, b));
              refused("b is null", () -> layer.forward(tape, a, null));
              refused("the tape is null", () -> layer.forward(null, a, b));
              refused("[batch, height, width, channels]", () -> layer.forward(tape, a, flat));
              refused("b must have the shape [2, 5, 4, 5]", () -> layer.forward(tape, a, wide));
              refused("b must be F32", () -> layer.forward(tape, a, bytes));
              refused(
                  "the input must be [batch, height, width, 8], but is [2, 5, 4, 6]",
                  () -> layer.forward(tape, a, a));
            }
          }
        });
  }
}
