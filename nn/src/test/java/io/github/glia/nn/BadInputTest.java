package io.github.glia.nn;

import io.github.glia.kernels.loss.Bce;
import io.github.glia.kernels.upsample.Interpolation;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What layers refuse, and what they say. */
final class BadInputTest extends DeviceTests {
  private static final int HUGE = 1 << 30;

  /** Layers of images with four channels. */
  private static final List<Supplier<Layer>> OF_FOUR_CHANNELS =
      List.of(
          () -> new Conv2d(4, 5, 3),
          () -> new ConvTranspose2d(4, 5, 2, 2),
          () -> new ConvNormRelu(4, 5, 3, Norm.BATCH),
          () -> new ConvNormRelu(4, 5, 3, Norm.GROUP),
          () -> new BatchNorm2d(4),
          () -> new GroupNorm(2, 4));

  private static final List<Supplier<Layer>> OF_IMAGES =
      List.of(
          () -> new MaxPool2d(2),
          () -> new AvgPool2d(2),
          GlobalAvgPool::new,
          () -> new Upsample(2, Interpolation.BILINEAR));

  private static final List<Supplier<Layer>> OF_ANYTHING =
      List.of(
          Activate::relu,
          Activate::sigmoid,
          () -> Activate.leakyRelu(0.1f),
          Softmax::new,
          () -> new Dropout(0.5f));

  private interface Attempt {
    void on(Layer layer, Tensor x);
  }

  private static Stream<DynamicTest> onEach(
      Stream<Supplier<Layer>> makers, Attempt attempt, int... sizes) {
    return makers.flatMap(
        maker ->
            onEveryDevice(
                maker.get().name(),
                device -> {
                  try (Layer layer = maker.get()) {
                    layer.initialize(device, 1);
                    attempt.on(layer, random(device, 1, sizes));
                  }
                }));
  }

  private static void refusedBothWays(Layer layer, String message, Tensor x) {
    refused(message, () -> layer.predict(x));
    refused(message, () -> layer.forward(Tape.training(1, 0), x));
  }

  @TestFactory
  Stream<DynamicTest> refusesNull() {
    return onEach(
        Stream.of(OF_FOUR_CHANNELS, OF_IMAGES, OF_ANYTHING).flatMap(List::stream),
        (layer, x) -> {
          refused(layer.name() + ": the input is null", () -> layer.predict(null));
          refused(layer.name() + ": the tape is null", () -> layer.forward(null, x));
        },
        1,
        4,
        4,
        4);
  }

  @TestFactory
  Stream<DynamicTest> refusesWhatIsNoImage() {
    return onEach(
        Stream.concat(OF_FOUR_CHANNELS.stream(), OF_IMAGES.stream()),
        (layer, x) -> refusedBothWays(layer, "[batch, height, width, ", x),
        4,
        4,
        4);
  }

  @TestFactory
  Stream<DynamicTest> refusesOtherChannels() {
    return onEach(
        OF_FOUR_CHANNELS.stream(),
        (layer, x) ->
            refusedBothWays(
                layer, "the input must be [batch, height, width, 4], but is [1, 8, 8, 3]", x),
        1,
        8,
        8,
        3);
  }

  @TestFactory
  Stream<DynamicTest> refusesBytes() {
    return onEach(
        Stream.of(OF_FOUR_CHANNELS, OF_IMAGES, OF_ANYTHING).flatMap(List::stream),
        (layer, x) -> {
          Tensor bytes = Tensor.zeros(x.device(), DType.U8, x.shape());
          refused("does not compute in U8", () -> layer.forward(Tape.training(1, 0), bytes));
          if (!(layer instanceof Dropout)) {
            refused("does not compute in U8", () -> layer.predict(bytes));
          }
        },
        1,
        4,
        4,
        4);
  }

  @TestFactory
  Stream<DynamicTest> refusesWhatIsClosed() {
    return onEach(
        Stream.of(OF_FOUR_CHANNELS, OF_IMAGES, OF_ANYTHING).flatMap(List::stream),
        (layer, x) -> {
          Tensor closed;
          try (Scope scope = Scope.open()) {
            closed = random(x.device(), 1, 1, 4, 4, 4);
          }
          String message = "was used after it was closed";
          refused(
              IllegalStateException.class,
              message,
              () -> layer.forward(Tape.training(1, 0), closed));
          if (!(layer instanceof Dropout)) {
            refused(IllegalStateException.class, message, () -> layer.predict(closed));
          }
        },
        1,
        4,
        4,
        4);
  }

  @TestFactory
  Stream<DynamicTest> refusesOtherFeatures() {
    return onEach(
        Stream.of(() -> new Linear(4, 5)),
        (layer, x) -> {
          refusedBothWays(layer, "the last size of the input must be 4, but it is [4, 3]", x);
          Tensor bytes = Tensor.zeros(x.device(), DType.U8, Shape.of(1, 4));
          refusedBothWays(layer, "does not compute in U8", bytes);
        },
        4,
        3);
  }

  @TestFactory
  Stream<DynamicTest> refusesImagesThatAreTooSmall() {
    return onEach(
        Stream.of(
            () -> new MaxPool2d(2),
            () -> new AvgPool2d(2),
            () -> Conv2d.builder(4, 5, 3).padding(0, 0).build()),
        (layer, x) -> refusedBothWays(layer, "is larger than the image of 1×8", x),
        1,
        1,
        8,
        4);
  }

  @Test
  void refusesSizesBelowOne() {
    for (int size : new int[] {0, -1}) {
      String is = "must be at least 1, but is " + size;
      refused("input channels " + is, () -> new Conv2d(size, 1, 3));
      refused("output channels " + is, () -> new Conv2d(1, size, 3));
      refused("kernel height " + is, () -> new Conv2d(1, 1, size));
      refused("stride height " + is, () -> Conv2d.builder(1, 1, 3).stride(size, 1).build());
      refused("dilation width " + is, () -> Conv2d.builder(1, 1, 3).dilation(1, size).build());
      refused("groups " + is, () -> Conv2d.builder(1, 1, 3).groups(size).build());
      refused(is, () -> new ConvTranspose2d(size, 1, 2, 2));
      refused(is, () -> new ConvTranspose2d(1, size, 2, 2));
      refused(is, () -> new ConvTranspose2d(1, 1, size, 2));
      refused(is, () -> new ConvTranspose2d(1, 1, 2, size));
      refused(is, () -> new ConvNormRelu(size, 1, 3, Norm.BATCH));
      refused(is, () -> new ConvNormRelu(1, size, 3, Norm.GROUP));
      refused("input features " + is, () -> new Linear(size, 1));
      refused("output features " + is, () -> new Linear(1, size));
      refused("channels " + is, () -> new BatchNorm2d(size));
      refused("groups " + is, () -> new GroupNorm(size, 4));
      refused("channels " + is, () -> GroupNorm.instance(size));
      refused(is, () -> new MaxPool2d(size));
      refused(is, () -> new AvgPool2d(size));
      refused("stride height " + is, () -> new Window(2, 2, size, 1, 0, 0));
      refused("scale height " + is, () -> new Upsample(size, 1, Interpolation.NEAREST));
      refused("scale width " + is, () -> new Upsample(1, size, Interpolation.NEAREST));
    }
    refused("padding height must be", () -> Conv2d.builder(1, 1, 3).padding(-1, 0).build());
    refused("padding", () -> ConvTranspose2d.builder(1, 1, 3).padding(-1, 0).build());
    refused("padding height must be", () -> new Window(2, 2, 1, 1, -1, 0));
    refused("more than half of the kernel", () -> new Window(2, 2, 1, 1, 2, 0));
  }

  @Test
  void refusesSettingsThatDoNotFit() {
    refused("do not divide", () -> Conv2d.builder(3, 4, 3).groups(2).build());
    refused("3 groups do not divide 4 channels", () -> new GroupNorm(3, 4));
    for (float epsilon : new float[] {0, -1, Float.NaN}) {
      refused("epsilon must be", () -> new BatchNorm2d(1, epsilon, 0.1f, false));
      refused("epsilon must be", () -> new GroupNorm(1, 1, epsilon));
    }
    for (float momentum : new float[] {-0.1f, 1.1f, Float.NaN}) {
      refused("momentum must be", () -> new BatchNorm2d(1, 1e-5f, momentum, false));
    }
    for (float slope : new float[] {0, -1, Float.NaN}) {
      refused("slope", () -> Activate.leakyRelu(slope));
    }
  }

  @Test
  void refusesSettingsThatAreNull() {
    refused("the norm is null", () -> new ConvNormRelu(1, 1, 3, null));
    refused("the window is null", () -> new MaxPool2d(null));
    refused("the window is null", () -> new AvgPool2d(null, true));
    refused("interpolation is null", () -> new Upsample(2, null));
    refused("the initializer is null", () -> Conv2d.builder(1, 1, 1).initializer(null));
    refused("the initializer is null", () -> ConvTranspose2d.builder(1, 1, 1).initializer(null));
    refused("the list of layers is null", () -> new Sequential((Layer[]) null));
    refused("the layer 1 is null", () -> new Sequential(Activate.relu(), null));
    refused("the loss is null", () -> new Objective(null));
  }

  @Test
  void refusesParametersWhoseSizesOverflow() {
    refused("has more than 2147483639 values", () -> new Linear(1 << 16, 1 << 16));
    refused("has more than 2147483639 values", () -> new Conv2d(1 << 15, 1 << 15, 3));
    refused("has more than 2147483639 values", () -> new ConvTranspose2d(HUGE, 2, 2, 2));
    refused("overflows", () -> new Conv2d(HUGE, HUGE, 3));
    refused("overflows", () -> new Conv2d(HUGE, HUGE, 9));
    refused("overflows", () -> new ConvTranspose2d(HUGE, HUGE, 9, 1));
  }

  @TestFactory
  Stream<DynamicTest> refusesOutputsWhoseSizesOverflow() {
    return onEach(
        Stream.of(() -> new Upsample(HUGE, HUGE, Interpolation.NEAREST)),
        (layer, x) -> refusedBothWays(layer, "too large for a scale", x),
        1,
        2,
        2,
        1);
  }

  @TestFactory
  Stream<DynamicTest> whereTensorsJoinTheyMustFit() {
    return onEveryDevice(
        device -> {
          Tape tape = Tape.training(1, 0);
          Tensor x = random(device, 1, 2, 4, 4, 3);
          Tensor other = random(device, 1, 2, 4, 5, 3);
          Tensor flat = random(device, 1, 2, 4);
          Tensor bytes = Tensor.zeros(device, DType.U8, x.shape());
          tape.watch(x);
          for (Tensor bad : new Tensor[] {other, flat}) {
            refused("must have the shape", () -> Add.forward(tape, x, bad));
            refused("must have the shape", () -> Multiply.forward(tape, x, bad));
            refused("must have the shape", () -> Concat.forward(tape, x, bad));
          }
          refused("must be F32", () -> Add.forward(tape, x, bytes));
          refused("must be F32", () -> Multiply.forward(tape, x, bytes));
          refused("must be F32", () -> Concat.forward(tape, x, bytes));
          refused("does not compute in U8", () -> Scale.forward(tape, bytes, 2));
          refused("add: a is null", () -> Add.forward(tape, null, x));
          refused("add: b is null", () -> Add.forward(tape, x, null));
          refused("multiply: a is null", () -> Multiply.forward(tape, null, x));
          refused("multiply: b is null", () -> Multiply.forward(tape, x, null));
          refused("scale: x is null", () -> Scale.forward(tape, null, 1));
          refused("cast: x is null", () -> Cast.forward(tape, null, DType.F32));
          refused("cast: the type is null", () -> Cast.forward(tape, x, null));
          refused("concat: an input is null", () -> Concat.forward(tape, x, null));
          refused(
              "concat: the array of inputs is null", () -> Concat.forward(tape, (Tensor[]) null));
          refused("there is nothing to concatenate", () -> Concat.forward(tape));
          refused("add: the tape is null", () -> Add.forward(null, x, x));
          refused("multiply: the tape is null", () -> Multiply.forward(null, x, x));
          refused("scale: the tape is null", () -> Scale.forward(null, x, 1));
          refused("cast: the tape is null", () -> Cast.forward(null, x, DType.BF16));
          refused("concat: the tape is null", () -> Concat.forward(null, x, x));
        });
  }

  @TestFactory
  Stream<DynamicTest> joinsNothingThatIsClosed() {
    return onEveryDevice(
        device -> {
          Tape tape = Tape.training(1, 0);
          Tensor x = random(device, 1, 1, 2, 2, 1);
          Tensor closed = random(device, 1, 1, 2, 2, 1);
          closed.close();
          String message = "was used after it was closed";
          Class<IllegalStateException> state = IllegalStateException.class;
          refused(state, message, () -> Add.forward(tape, x, closed));
          refused(state, message, () -> Multiply.forward(tape, closed, x));
          refused(state, message, () -> Concat.forward(tape, x, closed));
          refused(state, message, () -> Scale.forward(tape, closed, 2));
          if (device.computes(DType.BF16)) {
            refused(state, message, () -> Cast.forward(tape, closed, DType.BF16));
          }
          Objective objective = new Objective(new Bce());
          refused(state, message, () -> objective.forward(tape, x, closed));
          refused(state, message, () -> objective.forward(tape, closed, x));
        });
  }

  @TestFactory
  Stream<DynamicTest> objectivesRefuseWhatDoesNotFit() {
    return onEveryDevice(
        device -> {
          Objective objective = new Objective(new Bce());
          Tape tape = Tape.training(1, 0);
          Tensor logits = random(device, 1, 2, 4, 4, 1);
          Tensor small = random(device, 1, 2, 4, 3, 1);
          Tensor bytes = Tensor.zeros(device, DType.U8, logits.shape());
          refused("the logits are null", () -> objective.forward(tape, null, logits));
          refused("the truth is null", () -> objective.forward(tape, logits, null));
          refused("the tape is null", () -> objective.forward(null, logits, logits));
          refused("must have the shape", () -> objective.forward(tape, logits, small));
          refused("must be F32", () -> objective.forward(tape, bytes, bytes));
          if (device.computes(DType.BF16)) {
            Tensor half = inType(logits, DType.BF16);
            refused("must be F32", () -> objective.forward(tape, half, bytes));
            refused("must be F32 or U8", () -> objective.forward(tape, logits, half));
          }
        });
  }
}
