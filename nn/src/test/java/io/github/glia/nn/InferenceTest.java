package io.github.glia.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Philox;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Tensor;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Prediction computes what training does, with weights that are folded, packed, and kept. */
final class InferenceTest extends DeviceTests {
  private static final double TOLERANCE = 2e-6;
  private static final double BF16_TOLERANCE = 2e-2;

  /** Folded into one convolution. */
  private static Layer folded() {
    return new ConvNormRelu(3, 6, 3, Norm.BATCH);
  }

  /** The same, one after the other. */
  private static Layer unfolded() {
    return new Sequential(
        Conv2d.builder(3, 6, 3).withoutBias().build(), new BatchNorm2d(6, 1e-5f, 0.1f, true));
  }

  /** Fills everything with numbers as training might leave them; variances are positive. */
  private static void fill(Layer layer, long seed) {
    Philox random = new Philox(seed, 0);
    layer
        .state()
        .forEach(
            (name, parameter) -> {
              float[] values = parameter.value().toFloats();
              for (int i = 0; i < values.length; i++) {
                values[i] =
                    name.endsWith("var") ? 0.5f + random.nextFloat() : random.nextGaussian();
              }
              parameter.value().copyFrom(values);
            });
  }

  /** The same numbers under other names, in the same order. */
  private static void copyState(Layer from, Layer to) {
    assertEquals(from.state().size(), to.state().size());
    Iterator<Parameter> targets = to.state().values().iterator();
    from.state().values().forEach(p -> targets.next().value().copyFrom(p.value()));
  }

  private interface Predictions {
    void check(Device device, Layer folded, Layer unfolded);
  }

  private static Stream<DynamicTest> withBoth(Predictions body) {
    return onEveryDevice(
        device -> {
          try (Layer folded = folded();
              Layer unfolded = unfolded()) {
            folded.initialize(device, 1);
            unfolded.initialize(device, 1);
            fill(folded, 5);
            copyState(folded, unfolded);
            body.check(device, folded, unfolded);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> foldedIsUnfolded() {
    return withBoth(
        (device, folded, unfolded) -> {
          for (int[] size : new int[][] {{2, 7, 5, 3}, {1, 1, 1, 3}, {3, 16, 9, 3}}) {
            Tensor x = random(device, 2, size);
            assertClose(unfolded.predict(x), folded.predict(x), TOLERANCE);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> foldedIsUnfoldedInBf16() {
    return withBoth(
        (device, folded, unfolded) -> {
          assumeTrue(device.computes(DType.BF16), "no BF16 here");
          Tensor x = inType(random(device, 2, 2, 7, 5, 3), DType.BF16);
          assertClose(unfolded.predict(x), folded.predict(x), BF16_TOLERANCE);
        });
  }

  @TestFactory
  Stream<DynamicTest> followsEachChange() {
    return withBoth(
        (device, folded, unfolded) -> {
          Tensor x = random(device, 2, 2, 7, 5, 3);
          for (String name : folded.state().keySet()) {
            float[] before = folded.predict(x).toFloats();
            Tensor changed = value(folded, name);
            float[] values = changed.toFloats();
            for (int i = 0; i < values.length; i++) {
              values[i] = 1.5f * values[i] + 0.25f;
            }
            changed.copyFrom(values);
            copyState(folded, unfolded);
            Tensor after = folded.predict(x);
            assertTrue(relativeError(before, after.toFloats()) > 1e-2, name);
            assertClose(unfolded.predict(x), after, TOLERANCE);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> followsTrainingSteps() {
    return withBoth(
        (device, folded, unfolded) -> {
          Tensor x = random(device, 2, 2, 7, 5, 3);
          try (Optimizer optimizer = Optimizer.adam(folded)) {
            for (int step = 0; step < 3; step++) {
              folded.predict(x);
              Tape tape = Tape.training(1, step);
              Tensor y = folded.forward(tape, x);
              tape.backward(y, random(device, 3, y.shape().toArray()));
              optimizer.step(0.1f);
              copyState(folded, unfolded);
              assertClose(unfolded.predict(x), folded.predict(x), TOLERANCE);
            }
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> followsTheRunningStatisticsAlone() {
    return withBoth(
        (device, folded, unfolded) -> {
          Tensor x = random(device, 2, 2, 7, 5, 3);
          Tensor before = folded.predict(x);
          folded.forward(Tape.training(1, 0), x);
          copyState(folded, unfolded);
          Tensor after = folded.predict(x);
          assertTrue(relativeError(before.toFloats(), after.toFloats()) > 1e-2);
          assertClose(unfolded.predict(x), after, TOLERANCE);
        });
  }

  @TestFactory
  Stream<DynamicTest> followsAMovingAverage() {
    return withBoth(
        (device, folded, unfolded) -> {
          Tensor x = random(device, 2, 2, 7, 5, 3);
          try (MovingAverage average = new MovingAverage(folded, 0.9f)) {
            Tensor averaged = folded.predict(x);
            fill(folded, 6);
            copyState(folded, unfolded);
            Tensor own = folded.predict(x);
            assertClose(unfolded.predict(x), own, TOLERANCE);
            average.swap();
            assertArrayEquals(averaged.toFloats(), folded.predict(x).toFloats());
            average.swap();
            assertArrayEquals(own.toFloats(), folded.predict(x).toFloats());
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> followsInitialization() {
    return Stream.of(Norm.values())
        .flatMap(
            norm ->
                onEveryDevice(
                    norm.toString(),
                    device -> {
                      Tensor x = random(device, 2, 2, 7, 5, 3);
                      try (Layer layer = new Sequential(new ConvNormRelu(3, 6, 3, norm));
                          Layer fresh = new Sequential(new ConvNormRelu(3, 6, 3, norm))) {
                        layer.initialize(device, 1);
                        fill(layer, 5);
                        layer.predict(x);
                        layer.initialize(device, 2);
                        fresh.initialize(device, 2);
                        assertArrayEquals(fresh.predict(x).toFloats(), layer.predict(x).toFloats());
                      }
                    }));
  }

  @TestFactory
  Stream<DynamicTest> agreesWithTrainingWhereBothComputeTheSame() {
    List<Layer> layers =
        List.of(
            new Conv2d(3, 5, 3),
            Conv2d.builder(3, 6, 3).stride(2, 2).groups(3).relu().build(),
            Conv2d.builder(3, 5, 3).dilation(2, 2).withoutBias().build(),
            new ConvTranspose2d(3, 5, 2, 2),
            new ConvNormRelu(3, 6, 3, Norm.NONE),
            new ConvNormRelu(3, 6, 3, Norm.GROUP),
            new ConvNormRelu(3, 6, 3, Norm.INSTANCE),
            new MaxPool2d(2),
            new AvgPool2d(2),
            new GlobalAvgPool(),
            new Linear(3, 5),
            new Softmax());
    return layers.stream()
        .flatMap(
            layer ->
                onEveryDevice(
                    layer.name(),
                    device -> {
                      layer.initialize(device, 1);
                      Tensor x = random(device, 2, 2, 9, 7, 3);
                      Tape tape = Tape.training(1, 0);
                      tape.watch(x);
                      Tensor trained = layer.forward(tape, x);
                      assertClose(trained, layer.predict(x), TOLERANCE);
                      layer.close();
                    }));
  }

  @TestFactory
  Stream<DynamicTest> followsAChangedBias() {
    return onEveryDevice(
        device -> {
          try (Layer conv = new Conv2d(3, 2, 1)) {
            conv.initialize(device, 1);
            Tensor x = random(device, 2, 1, 1, 1, 3);
            float[] before = conv.predict(x).toFloats();
            float[] bias = value(conv, "bias").toFloats();
            value(conv, "bias").copyFrom(new float[] {bias[0] + 1, bias[1] - 2});
            float[] after = conv.predict(x).toFloats();
            assertEquals(before[0] + 1, after[0], 1e-5);
            assertEquals(before[1] - 2, after[1], 1e-5);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> takesTheRunningStatisticsOfBatchNorm() {
    return onEveryDevice(
        device -> {
          try (Layer norm = new BatchNorm2d(1, 1e-5f, 0.1f, false)) {
            norm.initialize(device, 1);
            value(norm, "weight").copyFrom(new float[] {3});
            value(norm, "bias").copyFrom(new float[] {0.5f});
            value(norm, "running_mean").copyFrom(new float[] {2});
            value(norm, "running_var").copyFrom(new float[] {4});
            Tensor x = random(device, 2, 2, 3, 3, 1);
            float[] in = x.toFloats();
            float[] out = norm.predict(x).toFloats();
            for (int i = 0; i < in.length; i++) {
              assertEquals(3 * (in[i] - 2) / Math.sqrt(4 + 1e-5) + 0.5, out[i], 1e-5);
            }
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> keepsNothingButItsOutput() {
    return onEveryDevice(
        device -> {
          try (Layer network =
              new Sequential(
                  new ConvNormRelu(3, 8, 3, Norm.BATCH),
                  new MaxPool2d(2),
                  new ConvNormRelu(8, 8, 3, Norm.GROUP),
                  new Conv2d(8, 1, 1))) {
            network.initialize(device, 1);
            Tensor x = random(device, 2, 1, 8, 8, 3);
            try (Scope first = Scope.open()) {
              network.predict(x); // weights are packed and kept
            }
            long before = device.memory().liveBytes();
            Tensor y = network.predict(x);
            assertEquals(y.bytes(), device.memory().liveBytes() - before);
          }
        });
  }
}
