package io.github.glia.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.glia.kernels.upsample.Interpolation;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every layer's backward against differences of its forward, on odd shapes. Inputs and biases keep
 * away from the kinks of ReLU and max, where there is no derivative.
 */
final class LayerGradientsTest extends DeviceTests {
  private static final double TOLERANCE = 1e-2;

  private interface Input {
    Tensor make(Device device);
  }

  private static Stream<DynamicTest> check(Supplier<Layer> maker, Input input) {
    return check(maker, input, layer -> {});
  }

  /** Of a layer that ends with a ReLU, whose kink is kept away from. */
  private static Stream<DynamicTest> checkRelu(Supplier<Layer> maker, Input input) {
    return check(
        maker,
        input,
        layer ->
            layer.state().keySet().stream()
                .filter(name -> name.endsWith("bias"))
                .forEach(name -> alternate(value(layer, name))));
  }

  private static Stream<DynamicTest> check(
      Supplier<Layer> maker, Input input, Consumer<Layer> prepare) {
    Layer named = maker.get();
    return onEveryDevice(
        named.name(),
        device -> {
          try (Layer layer = maker.get()) {
            layer.initialize(device, 7);
            prepare.accept(layer);
            Tensor x = input.make(device);
            GradientCheck.require(layer, x, TOLERANCE);
            List<String> expected = new ArrayList<>(List.of("input"));
            expected.addAll(layer.trained().keySet());
            List<String> checked =
                GradientCheck.run(layer, x).stream().map(GradientCheck.Result::of).toList();
            assertEquals(expected, checked);
          }
        });
  }

  /** Biases of 9, −8, 9, … turn the ReLU after them on and off, channel by channel. */
  private static void alternate(Tensor bias) {
    float[] values = bias.toFloats();
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 2 == 0 ? 9 : -8;
    }
    bias.copyFrom(values);
  }

  private static Input gaussian(int... sizes) {
    return device -> random(device, 3, sizes);
  }

  @TestFactory
  Stream<DynamicTest> convolutions() {
    return Stream.of(
            check(() -> new Conv2d(3, 5, 3), gaussian(2, 7, 5, 3)),
            check(() -> new Conv2d(3, 5, 1), gaussian(1, 1, 1, 3)),
            check(
                () -> Conv2d.builder(3, 4, 3).stride(2, 3).padding(1, 0).build(),
                gaussian(2, 9, 7, 3)),
            check(
                () -> Conv2d.builder(2, 3, 3).dilation(2, 3).padding(2, 3).build(),
                gaussian(1, 9, 11, 2)),
            check(() -> Conv2d.builder(6, 9, 3).groups(3).build(), gaussian(2, 5, 7, 6)),
            check(() -> Conv2d.builder(5, 5, 3).groups(5).build(), gaussian(2, 5, 3, 5)),
            check(() -> Conv2d.builder(3, 5, 3).withoutBias().build(), gaussian(2, 5, 3, 3)),
            check(() -> Conv2d.builder(2, 3, 1).kernel(2, 5).build(), gaussian(2, 7, 9, 2)),
            checkRelu(() -> Conv2d.builder(3, 6, 3).relu().build(), gaussian(2, 5, 7, 3)))
        .flatMap(tests -> tests);
  }

  @TestFactory
  Stream<DynamicTest> transposedConvolutions() {
    return Stream.of(
            check(() -> new ConvTranspose2d(5, 3, 2, 2), gaussian(2, 5, 3, 5)),
            check(() -> new ConvTranspose2d(3, 2, 3, 1), gaussian(1, 1, 4, 3)),
            check(
                () ->
                    ConvTranspose2d.builder(3, 5, 3)
                        .stride(2, 3)
                        .padding(1, 1)
                        .outputPadding(1, 2)
                        .withoutBias()
                        .build(),
                gaussian(2, 3, 4, 3)))
        .flatMap(tests -> tests);
  }

  @TestFactory
  Stream<DynamicTest> linear() {
    return Stream.of(
            check(() -> new Linear(7, 3), gaussian(5, 7)),
            check(() -> new Linear(7, 3), gaussian(2, 3, 5, 7)))
        .flatMap(tests -> tests);
  }

  @TestFactory
  Stream<DynamicTest> pooling() {
    Window overlapping = new Window(3, 2, 2, 1, 1, 1);
    return Stream.of(
            check(() -> new MaxPool2d(2), device -> shuffled(device, 3, 2, 7, 5, 3)),
            check(() -> new MaxPool2d(overlapping), device -> shuffled(device, 3, 2, 7, 5, 3)),
            check(() -> new AvgPool2d(2), gaussian(2, 7, 5, 3)),
            check(() -> new AvgPool2d(overlapping, true), gaussian(2, 7, 5, 3)),
            check(() -> new AvgPool2d(overlapping, false), gaussian(2, 7, 5, 3)),
            check(GlobalAvgPool::new, gaussian(2, 7, 5, 3)))
        .flatMap(tests -> tests);
  }

  @TestFactory
  Stream<DynamicTest> upsampling() {
    return Stream.of(Interpolation.values())
        .flatMap(
            how ->
                Stream.concat(
                    check(() -> new Upsample(2, how), gaussian(2, 5, 3, 3)),
                    check(() -> new Upsample(3, 2, how), gaussian(1, 1, 5, 5))));
  }

  @TestFactory
  Stream<DynamicTest> batchNorm() {
    return Stream.of(
            check(() -> new BatchNorm2d(3), gaussian(2, 5, 7, 3)),
            checkRelu(() -> new BatchNorm2d(5, 1e-3f, 0.5f, true), gaussian(3, 5, 3, 5)),
            check(
                () -> {
                  BatchNorm2d frozen = new BatchNorm2d(3);
                  frozen.freezeStatistics(true);
                  return frozen;
                },
                gaussian(2, 5, 7, 3)),
            checkRelu(
                () -> {
                  BatchNorm2d frozen = new BatchNorm2d(5, 1e-3f, 0.5f, true);
                  frozen.freezeStatistics(true);
                  return frozen;
                },
                gaussian(2, 5, 3, 5)))
        .flatMap(tests -> tests);
  }

  @TestFactory
  Stream<DynamicTest> groupAndInstanceNorm() {
    return Stream.of(
            check(() -> new GroupNorm(3, 9), gaussian(2, 5, 3, 9)),
            check(() -> new GroupNorm(1, 5, 1e-2f), gaussian(2, 5, 3, 5)),
            check(() -> GroupNorm.instance(5), gaussian(2, 5, 7, 5)))
        .flatMap(tests -> tests);
  }

  @TestFactory
  Stream<DynamicTest> activations() {
    return Stream.of(
            check(Activate::relu, device -> randomAwayFromZero(device, 3, 2, 5, 3, 3)),
            check(
                () -> Activate.leakyRelu(0.1f),
                device -> randomAwayFromZero(device, 3, 2, 5, 3, 3)),
            check(Activate::sigmoid, gaussian(2, 5, 3, 3)),
            check(Softmax::new, gaussian(2, 5, 3, 5)))
        .flatMap(tests -> tests);
  }

  @TestFactory
  Stream<DynamicTest> dropout() {
    return check(() -> new Dropout(0.3f), gaussian(2, 5, 7, 3));
  }

  @TestFactory
  Stream<DynamicTest> convNormRelu() {
    return Stream.of(Norm.values())
        .flatMap(
            norm ->
                Stream.concat(
                    checkRelu(() -> new ConvNormRelu(3, 6, 3, norm), gaussian(2, 5, 7, 3)),
                    checkRelu(() -> new ConvNormRelu(3, 34, 1, norm), gaussian(1, 5, 3, 3))));
  }

  @TestFactory
  Stream<DynamicTest> layersMadeOfLayers() {
    return Stream.of(
            check(GatedResidual::new, gaussian(2, 5, 7, 3)),
            check(
                () -> new Sequential(new Conv2d(3, 4, 3), new Dropout(0), new Linear(4, 3)),
                gaussian(2, 5, 7, 3)))
        .flatMap(tests -> tests);
  }

  /** y = concat(x + 0.5 · f(x) · σ(g(x)), x): each way that tensors join. */
  private static final class GatedResidual extends Layer {
    private final Layer f = add("f", new Conv2d(3, 3, 3));
    private final Layer g = add("g", new Conv2d(3, 3, 1));
    private final Layer sigmoid = add("sigmoid", Activate.sigmoid());

    @Override
    protected Tensor compute(Tape tape, Tensor x) {
      Tensor gate = sigmoid.forward(tape, g.forward(tape, x));
      Tensor gated = Multiply.forward(tape, f.forward(tape, x), gate);
      Tensor sum = Add.forward(tape, x, Scale.forward(tape, gated, 0.5f));
      return Concat.forward(tape, sum, x);
    }
  }
}
