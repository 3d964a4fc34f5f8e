package io.github.glia.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.conv.Conv2dPlan;
import io.github.glia.kernels.conv.Conv2dShape;
import io.github.glia.kernels.linear.LinearPlan;
import io.github.glia.kernels.linear.LinearShape;
import io.github.glia.nn.Norm;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Tensor;
import io.github.glia.unet.UNet;
import io.github.glia.unet.speed.HeapBytes;
import io.github.glia.unet.speed.Profile;
import io.github.glia.unet.speed.Step;
import io.github.glia.unet.train.Precision;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Notices when something got slower, on any machine: it compares times that are taken in turns, and
 * counts what does not depend on time.
 */
final class SpeedGuardTest {
  private static final int STEPS_BEFORE = 20;
  private static final int ROUNDS = 15;

  static List<Device> devices() {
    return Device.all();
  }

  @AfterEach
  void nothingIsLeft() {
    for (Device device : Device.all()) {
      assertEquals(0, device.memory().liveBytes(), () -> device.memory().report());
    }
  }

  /**
   * A convolution of 64 channels at 128×128 and a matrix product of as much arithmetic, which the
   * library's authors have made fast first: 0.9 to 1.3 times its time where all is well.
   */
  @ParameterizedTest
  @MethodSource("devices")
  void aConvolutionTakesLittleLongerThanAMatrixProduct(Device device) {
    Conv2dShape conv = Conv2dShape.same(1, 128, 128, 64, 64, 3);
    LinearShape product = new LinearShape(1152, 1024, 512);
    assertEquals(conv.flops(), product.flops());
    Conv2dPlan convPlan =
        Conv2dPlan.on(device, new Conv2dPlan.Key(conv, DType.F32, DType.F32, false, false));
    LinearPlan productPlan = LinearPlan.on(device, new LinearPlan.Key(product, DType.F32, false));
    try (Scope scope = Scope.open()) {
      Tensor x = Tensor.zeros(device, DType.F32, conv.input());
      Tensor w = Tensor.zeros(device, DType.F32, conv.weights());
      Tensor y = Tensor.zeros(device, DType.F32, conv.output());
      Tensor a = Tensor.zeros(device, DType.F32, product.input());
      Tensor b = Tensor.zeros(device, DType.F32, product.weights());
      Tensor c = Tensor.zeros(device, DType.F32, product.output());
      double[] ratios =
          ratios(
              device,
              () -> productPlan.forward(a, b, null, c),
              () -> convPlan.forward(x, w, null, y),
              () -> convPlan.backwardData(y, w, x),
              () -> convPlan.backwardWeights(x, y, w, null));
      assertTrue(ratios[0] < 2, "forward " + ratios[0]);
      assertTrue(ratios[1] < 2, "backwardData " + ratios[1]);
      assertTrue(ratios[2] < 2.5, "backwardWeights " + ratios[2]);
    }
  }

  /**
   * Of the lgg network on the CPU: tensors and closures of the tape, 10 and 101 KiB where this was
   * written; and what the tests' search for leaks notes of each tensor, which makes it 47 and 390.
   */
  @Test
  void aStepInHalfPrecisionLeavesLittleGarbage() {
    Device device = Device.cpu();
    assumeTrue(device.computes(DType.BF16));
    long inference = lggGarbage(device, false);
    assertTrue(inference < 64 << 10, "inference left " + inference + " bytes");
    long training = lggGarbage(device, true);
    assertTrue(training < 480 << 10, "training left " + training + " bytes");
  }

  /** Of a step that has run often, as the JVM's compiler leaves out some of what the first make. */
  private static long lggGarbage(Device device, boolean training) {
    UNet.Config network = UNet.Config.lgg();
    Step.Options options = new Step.Options(device, network, 1, 64, Precision.BF16, training);
    try (Step step = new Step(options)) {
      for (int i = 0; i < STEPS_BEFORE; i++) {
        step.run();
      }
      return HeapBytes.ofCall(step::run);
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void largerImagesLeaveNoMoreGarbage(Device device) {
    for (boolean training : new boolean[] {true, false}) {
      double small = garbage(device, training, 32);
      double large = garbage(device, training, 64);
      assertTrue(large < 1.5 * small, large + " bytes, and " + small + " at half the size");
    }
  }

  private static long garbage(Device device, boolean training, int size) {
    try (Step step = step(device, Norm.BATCH, training, size)) {
      step.run();
      step.run();
      return HeapBytes.ofCall(step::run);
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void everyStepRunsTheSameFastKernels(Device device) {
    device.releaseCaches();
    for (boolean training : new boolean[] {true, false}) {
      for (Norm norm : new Norm[] {Norm.BATCH, Norm.NONE}) {
        try (Step step = step(device, norm, training, 64)) {
          step.run();
          long second = Profile.of(step, 1).kernels();
          assertTrue(second > 0, "nothing was observed");
          assertEquals(3 * second, Profile.of(step, 3).kernels());
        }
      }
    }
    Backend.of(device)
        .implementations()
        .forEach((use, name) -> assertFalse(name.startsWith("ref"), use + " is " + name));
  }

  private static Step step(Device device, Norm norm, boolean training, int size) {
    UNet.Config network = new UNet.Config(3, 1, 32, 2, norm, UNet.Up.TRANSPOSED);
    return new Step(new Step.Options(device, network, 1, size, Precision.F32, training));
  }

  /** The time of each call relative to that of the first: medians of calls taken in turns. */
  private static double[] ratios(Device device, Runnable first, Runnable... others) {
    double[][] times = new double[others.length][ROUNDS];
    for (int round = -2; round < ROUNDS; round++) {
      for (int i = 0; i < others.length; i++) {
        double ratio = time(device, others[i]) / time(device, first);
        if (round >= 0) {
          times[i][round] = ratio;
        }
      }
    }
    return Arrays.stream(times).mapToDouble(SpeedGuardTest::median).toArray();
  }

  private static double time(Device device, Runnable call) {
    long start = System.nanoTime();
    call.run();
    device.synchronize();
    return System.nanoTime() - start;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
