package io.github.glia.kernels.conv;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** No test but a measurement, on request: which convolutions pay, as docs/cpu.md has them. */
@EnabledIfSystemProperty(named = "glia.winograd-times", matches = "true")
final class WinogradTimesTest {
  private static final int TURNS = 17;

  @ParameterizedTest
  @CsvSource({"128,64,64", "128,128,64", "64,128,128", "64,256,128", "32,256,256", "16,512,512"})
  void besideADirectConvolution(int size, int in, int out) {
    for (DType type : new DType[] {DType.F32, DType.BF16}) {
      measure(Conv2dShape.same(4, size, size, in, out, 3), type);
    }
  }

  private static void measure(Conv2dShape s, DType type) {
    measure(s, type, WinogradMatrices.OF_2_PIXELS);
    if (type == DType.F32) {
      measure(s, type, WinogradMatrices.OF_4_PIXELS);
    }
  }

  private static void measure(Conv2dShape s, DType type, WinogradMatrices matrices) {
    Device device = Device.cpu();
    CpuBackend cpu = (CpuBackend) Backend.of(device);
    Conv2dPlan.Key key = new Conv2dPlan.Key(s, type, type, false, false);
    try (Scope scope = Scope.open()) {
      Conv2dPlan direct = new OneDnnConv2d(cpu, key);
      Conv2dPlan winograd = new WinogradConv2d(cpu, key, matrices);
      Tensor x = Tensor.zeros(device, type, s.input());
      Tensor y = Tensor.zeros(device, type, s.output());
      Tensor w = Tensor.zeros(device, DType.F32, s.weights());
      System.out.printf(
          "%s, %s, tiles of %d: forward %.2f, backward-data %.2f, weights %.2f%n",
          s,
          type,
          matrices.pixels(),
          proportion(() -> direct.forward(x, w, null, y), () -> winograd.forward(x, w, null, y)),
          proportion(() -> direct.backwardData(y, w, x), () -> winograd.backwardData(y, w, x)),
          proportion(
              () -> direct.backwardWeights(x, y, w, null),
              () -> winograd.backwardWeights(x, y, w, null)));
      direct.close();
      winograd.close();
    }
  }

  /** The medians of turns, without the first two of each. */
  private static double proportion(Runnable direct, Runnable winograd) {
    double[] first = new double[TURNS];
    double[] second = new double[TURNS];
    for (int turn = 0; turn < TURNS; turn++) {
      first[turn] = nanos(direct);
      second[turn] = nanos(winograd);
    }
    return median(second) / median(first);
  }

  private static double nanos(Runnable call) {
    long began = System.nanoTime();
    call.run();
    return System.nanoTime() - began;
  }

  private static double median(double[] turns) {
    double[] warm = Arrays.copyOfRange(turns, 2, turns.length);
    Arrays.sort(warm);
    return warm[warm.length / 2];
  }
}
