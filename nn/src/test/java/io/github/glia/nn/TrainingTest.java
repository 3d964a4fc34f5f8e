package io.github.glia.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.glia.kernels.update.Sgd;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.HalfPrecision;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Whole steps, many of them: the same bits again, after a resume, and nearly so in BF16. */
final class TrainingTest extends DeviceTests {
  /** BF16 has 8 bits: a rounding is 0.4 %, and a loss is the mean of many. */
  private static final double BF16_LOSS_TOLERANCE = 0.02;

  @TempDir private Path folder;

  private static TrainingRun adam(Device device, Norm norm, DType type, long seed) {
    return new TrainingRun(device, norm, type, seed, Optimizer::adam);
  }

  static void requireSame(TrainingRun expected, TrainingRun actual) {
    Map<String, float[]> values = actual.everything();
    expected.everything().forEach((name, v) -> assertArrayEquals(v, values.get(name), name));
  }

  @TestFactory
  Stream<DynamicTest> learns() {
    return Stream.of(Norm.values())
        .flatMap(
            norm ->
                onEveryDevice(
                    norm.toString(),
                    device -> {
                      try (TrainingRun run = adam(device, norm, DType.F32, 1)) {
                        float[] losses = run.losses(60);
                        assertTrue(losses[59] < 0.7 * losses[0], () -> Arrays.toString(losses));
                      }
                    }));
  }

  @TestFactory
  Stream<DynamicTest> givesTheSameBitsAgain() {
    return Stream.of(Norm.values())
        .flatMap(
            norm ->
                onEveryDevice(
                    norm.toString(),
                    device -> {
                      try (TrainingRun a = adam(device, norm, DType.F32, 1);
                          TrainingRun b = adam(device, norm, DType.F32, 1);
                          TrainingRun other = adam(device, norm, DType.F32, 2)) {
                        float[] losses = a.losses(20);
                        assertArrayEquals(losses, b.losses(20));
                        requireSame(a, b);
                        assertFalse(Arrays.equals(losses, other.losses(20)));
                      }
                    }));
  }

  @TestFactory
  Stream<DynamicTest> tenStepsSavedReloadedAndTenMoreAreTwenty() {
    return onEveryDevice(
        device -> {
          Path weights = folder.resolve("weights.safetensors");
          Path moments = folder.resolve("moments.safetensors");
          try (TrainingRun whole = adam(device, Norm.BATCH, DType.F32, 1);
              TrainingRun first = adam(device, Norm.BATCH, DType.F32, 1);
              TrainingRun second = adam(device, Norm.BATCH, DType.F32, 99)) {
            float[] losses = whole.losses(20);
            first.losses(10);
            Weights.save(first.network, weights);
            save(first.optimizer, moments);
            Weights.load(second.network, weights);
            load(second.optimizer, moments);
            assertArrayEquals(Arrays.copyOfRange(losses, 10, 20), second.losses(10));
            Map<String, float[]> expected = whole.everything();
            Map<String, float[]> actual = second.everything();
            expected.keySet().removeIf(name -> name.startsWith("average"));
            expected.forEach((name, v) -> assertArrayEquals(v, actual.get(name), name));
          }
        });
  }

  private static void save(Optimizer optimizer, Path path) throws IOException {
    Map<String, WeightFile.Array> arrays = new LinkedHashMap<>();
    optimizer.state().forEach((name, tensor) -> arrays.put(name, Weights.toFile(tensor)));
    WeightFile.write(path, arrays, Map.of("steps", Long.toString(optimizer.steps())));
  }

  private static void load(Optimizer optimizer, Path path) throws IOException {
    WeightFile file = WeightFile.open(path);
    for (var entry : optimizer.state().entrySet()) {
      entry.getValue().copyFrom(Weights.fromFile(file.read(entry.getKey())));
    }
    optimizer.resumeAfter(Long.parseLong(file.metadata().get("steps")));
  }

  @TestFactory
  Stream<DynamicTest> takesTheSameMemoryInEachStep() {
    return onEveryDevice(
        device -> {
          try (TrainingRun run = adam(device, Norm.BATCH, DType.F32, 1)) {
            run.losses(1);
            long live = device.memory().liveBytes();
            device.memory().resetPeak();
            run.losses(1);
            long peak = device.memory().peakBytes();
            run.losses(20);
            assertEquals(live, device.memory().liveBytes());
            assertEquals(peak, device.memory().peakBytes());
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> followsF32InBf16() {
    return Stream.of(Norm.values())
        .flatMap(
            norm ->
                onEveryDevice(
                    norm.toString(),
                    device -> {
                      assumeTrue(device.computes(DType.BF16), "no BF16 here");
                      try (TrainingRun full = adam(device, norm, DType.F32, 1);
                          TrainingRun half = adam(device, norm, DType.BF16, 1)) {
                        float[] expected = full.losses(20);
                        float[] actual = half.losses(20);
                        for (int i = 0; i < expected.length; i++) {
                          assertEquals(
                              expected[i],
                              actual[i],
                              BF16_LOSS_TOLERANCE * expected[i],
                              "loss of step " + i);
                        }
                        assertFalse(Arrays.equals(expected, actual), "BF16 was used");
                      }
                    }));
  }

  @TestFactory
  Stream<DynamicTest> keepsMasterWeightsInF32() {
    return onEveryDevice(
        device -> {
          assumeTrue(device.computes(DType.BF16), "no BF16 here");
          try (Layer layer = new Linear(1, 1)) {
            layer.initialize(device, 1);
            value(layer, "weight").copyFrom(new float[] {1});
            try (Optimizer sgd = Optimizer.sgd(layer, new Sgd(0, false, 0))) {
              for (int step = 0; step < 100; step++) {
                try (Scope scope = Scope.open()) {
                  Tape tape = Tape.training(1, step);
                  Tensor x = Tensor.of(device, DType.BF16, Shape.of(1, 1), 1);
                  Tensor y = layer.forward(tape, x);
                  assertEquals(DType.BF16, y.dtype());
                  tape.backward(y, Tensor.of(device, DType.BF16, Shape.of(1, 1), -1));
                  sgd.step(1e-4f);
                }
              }
            }
            Tensor weight = value(layer, "weight");
            assertEquals(DType.F32, weight.dtype());
            // Each step is far below what BF16 can add to 1, a 128th.
            assertEquals(1.01f, weight.item(), 1e-5);
            assertEquals(1, HalfPrecision.fromBf16(HalfPrecision.toBf16(1 + 1e-4f)));
          }
        });
  }
}
