package io.github.glia.nn;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.glia.kernels.loss.Bce;
import io.github.glia.kernels.loss.BceDice;
import io.github.glia.kernels.loss.Dice;
import io.github.glia.kernels.loss.Focal;
import io.github.glia.kernels.loss.Jaccard;
import io.github.glia.kernels.loss.Loss;
import io.github.glia.kernels.loss.Tversky;
import io.github.glia.kernels.upsample.Interpolation;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** A pixel that is NaN must show in the end: no layer may turn it into a number. */
final class NanTest extends DeviceTests {
  private static final Shape IMAGES = Shape.of(2, 8, 6, 4);
  private static final int PIXEL = 4 * 6 + 9;

  private static final List<Supplier<Layer>> LAYERS =
      List.of(
          () -> new Conv2d(4, 5, 3),
          () -> Conv2d.builder(4, 5, 3).relu().build(),
          () -> Conv2d.builder(4, 8, 1).relu().withoutBias().build(),
          () -> Conv2d.builder(4, 4, 3).groups(4).relu().build(),
          () -> new ConvTranspose2d(4, 5, 2, 2),
          () -> new ConvNormRelu(4, 8, 3, Norm.BATCH),
          () -> new ConvNormRelu(4, 8, 3, Norm.GROUP),
          () -> new ConvNormRelu(4, 8, 3, Norm.INSTANCE),
          () -> new ConvNormRelu(4, 8, 3, Norm.NONE),
          () -> new BatchNorm2d(4),
          () -> new BatchNorm2d(4, 1e-5f, 0.1f, true),
          () -> new GroupNorm(2, 4),
          () -> new Linear(4, 3),
          Activate::relu,
          () -> Activate.leakyRelu(0.1f),
          Activate::sigmoid,
          Softmax::new,
          () -> new Dropout(0.5f),
          () -> new MaxPool2d(2),
          () -> new AvgPool2d(2),
          GlobalAvgPool::new,
          () -> new Upsample(2, Interpolation.NEAREST),
          () -> new Upsample(2, Interpolation.BILINEAR));

  private static Tensor withNan(Device device, Shape shape) {
    float[] values = gaussian(1, shape);
    values[PIXEL] = Float.NaN;
    return Tensor.of(device, shape, values);
  }

  private static boolean hasNan(Tensor tensor) {
    float[] values = tensor.toFloats();
    return IntStream.range(0, values.length).anyMatch(i -> Float.isNaN(values[i]));
  }

  @TestFactory
  Stream<DynamicTest> passesEveryLayer() {
    return Stream.of(DType.F32, DType.BF16)
        .flatMap(
            type ->
                LAYERS.stream()
                    .flatMap(
                        maker ->
                            onEveryDevice(
                                maker.get().name() + " in " + type,
                                device -> {
                                  assumeTrue(device.computes(type), "not computed here");
                                  passes(maker.get(), inType(withNan(device, IMAGES), type));
                                })));
  }

  private static void passes(Layer maker, Tensor x) {
    try (Layer layer = maker) {
      layer.initialize(x.device(), 1);
      assertTrue(hasNan(layer.predict(x)), "at inference");
      Tape tape = Tape.training(1, 0);
      tape.watch(x);
      assertTrue(hasNan(layer.forward(tape, x)), "in training");
    }
  }

  @TestFactory
  Stream<DynamicTest> reachesTheLoss() {
    List<Loss> losses =
        List.of(
            new Bce(),
            new Dice(1),
            new BceDice(1),
            new Jaccard(1),
            new Tversky(0.3f, 0.7f, 1),
            new Focal(2));
    return Stream.of(Norm.values())
        .flatMap(
            norm ->
                onEveryDevice(
                    norm.toString(),
                    device -> {
                      try (Layer network = new SmallUNet(norm, DType.F32)) {
                        network.initialize(device, 1);
                        Tensor x = withNan(device, Shape.of(2, 8, 6, 1));
                        Tensor truth = Tensor.zeros(device, DType.F32, x.shape());
                        for (Loss loss : losses) {
                          Objective objective = new Objective(loss);
                          Tape tape = Tape.training(1, 0);
                          Tensor value = objective.forward(tape, network.forward(tape, x), truth);
                          assertTrue(Float.isNaN(value.item()), () -> loss + " in training");
                          Tensor predicted =
                              objective.forward(Tape.inference(), network.predict(x), truth);
                          assertTrue(Float.isNaN(predicted.item()), () -> loss + " of predictions");
                        }
                      }
                    }));
  }

  @TestFactory
  Stream<DynamicTest> passesWhereTensorsJoin() {
    return onEveryDevice(
        device -> {
          Tape tape = Tape.inference();
          Tensor x = withNan(device, IMAGES);
          Tensor zeros = Tensor.zeros(device, DType.F32, IMAGES);
          assertTrue(hasNan(Add.forward(tape, zeros, x)));
          assertTrue(hasNan(Multiply.forward(tape, x, zeros)));
          assertTrue(hasNan(Scale.forward(tape, x, 0)));
          assertTrue(hasNan(Concat.forward(tape, zeros, x)));
        });
  }
}
