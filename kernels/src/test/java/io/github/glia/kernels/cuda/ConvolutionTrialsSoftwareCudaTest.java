package io.github.glia.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.conv.Conv2dPlan;
import io.github.glia.kernels.conv.Conv2dShape;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** That each algorithm can be tried by its name, on the software device. */
final class ConvolutionTrialsSoftwareCudaTest {
  private static final Conv2dShape SHAPE = Conv2dShape.same(2, 5, 6, 3, 4, 3);
  private static final ConvolutionGeometry GEOMETRY =
      new ConvolutionGeometry(SHAPE.input(), SHAPE.weights(), SHAPE.output(), 1, 1, 1, 1, 1, 1, 1);
  private static final DType TYPE = DType.F32;
  private static final int NOT_SUPPORTED = 3000;

  private final SoftwareCuda software = SoftwareCuda.device();
  private final Device device = Device.named("cuda");
  private final CudaBackend cuda = (CudaBackend) Backend.of(device);

  @AfterEach
  void nothingIsLeft() {
    software.disarm();
    device.releaseCaches();
    assertEquals(0, device.memory().liveBytes(), () -> device.memory().report());
  }

  private ConvolutionTrials trials(ConvolutionTrials.Direction direction) {
    return new ConvolutionTrials(cuda, GEOMETRY, TYPE, direction);
  }

  @Test
  void namesAllOfCudnn() {
    Map<ConvolutionTrials.Direction, List<String>> expected =
        Map.of(
            ConvolutionTrials.Direction.FORWARD,
            List.of(
                "IMPLICIT_GEMM",
                "IMPLICIT_PRECOMP_GEMM",
                "GEMM",
                "DIRECT",
                "FFT",
                "FFT_TILING",
                "WINOGRAD",
                "WINOGRAD_NONFUSED"),
            ConvolutionTrials.Direction.BACKWARD_DATA,
            List.of(
                "BWD_DATA_ALGO_0",
                "BWD_DATA_ALGO_1",
                "BWD_DATA_ALGO_FFT",
                "BWD_DATA_ALGO_FFT_TILING",
                "BWD_DATA_ALGO_WINOGRAD",
                "BWD_DATA_ALGO_WINOGRAD_NONFUSED"),
            ConvolutionTrials.Direction.BACKWARD_WEIGHTS,
            List.of(
                "BWD_FILTER_ALGO_0",
                "BWD_FILTER_ALGO_1",
                "BWD_FILTER_ALGO_FFT",
                "BWD_FILTER_ALGO_3",
                "BWD_FILTER_ALGO_WINOGRAD",
                "BWD_FILTER_ALGO_WINOGRAD_NONFUSED",
                "BWD_FILTER_ALGO_FFT_TILING"));
    expected.forEach(
        (direction, names) -> {
          try (ConvolutionTrials trials = trials(direction)) {
            assertEquals(names, trials.algorithms());
          }
        });
  }

  @ParameterizedTest
  @EnumSource
  void eachThatComputesGivesWhatThePlanGives(ConvolutionTrials.Direction direction) {
    try (Scope scope = Scope.open();
        ConvolutionTrials trials = trials(direction)) {
      Tensor x = Operation.filled(device, TYPE, SHAPE.input());
      Tensor w = Operation.filled(device, TYPE, SHAPE.weights());
      Tensor y = Operation.filled(device, TYPE, SHAPE.output());
      float[] expected = planned(direction, x, w, y);
      List<String> computed = new ArrayList<>();
      for (String algorithm : trials.algorithms()) {
        if (trials.workspace(algorithm).isPresent()) {
          long workspace = trials.workspace(algorithm).getAsLong();
          float[] result = tried(trials, algorithm, workspace, direction, x, w, y);
          assertArrayEquals(expected, result, algorithm);
          computed.add(algorithm);
        }
      }
      assertEquals(direction == ConvolutionTrials.Direction.FORWARD ? 1 : 2, computed.size());
    }
  }

  private float[] planned(ConvolutionTrials.Direction direction, Tensor x, Tensor w, Tensor y) {
    Conv2dPlan plan = Conv2dPlan.on(device, new Conv2dPlan.Key(SHAPE, TYPE, TYPE, false, false));
    Tensor result = result(direction, x, w, y).emptyLike();
    switch (direction) {
      case FORWARD -> plan.forward(x, w, null, result);
      case BACKWARD_DATA -> plan.backwardData(y, w, result);
      case BACKWARD_WEIGHTS -> plan.backwardWeights(x, y, result, null);
    }
    return result.toFloats();
  }

  private static <T> T result(ConvolutionTrials.Direction direction, T x, T w, T y) {
    return switch (direction) {
      case FORWARD -> y;
      case BACKWARD_DATA -> x;
      case BACKWARD_WEIGHTS -> w;
    };
  }

  /** Lets it compute in a piece of memory of the sizes that it says. */
  private float[] tried(
      ConvolutionTrials trials,
      String algorithm,
      long workspace,
      ConvolutionTrials.Direction direction,
      Tensor x,
      Tensor w,
      Tensor y) {
    int bytes = Math.toIntExact(trials.operandBytes() + workspace);
    Tensor memory = Tensor.empty(device, DType.U8, Shape.of(bytes));
    long atX = memory.address();
    long atW = atX + Workspace.aligned(x.bytes());
    long atY = atW + Workspace.aligned(w.bytes());
    cuda.copy(x.address(), atX, x.bytes());
    cuda.copy(w.address(), atW, w.bytes());
    cuda.copy(y.address(), atY, y.bytes());
    cuda.zero(result(direction, atX, atW, atY), result(direction, x, w, y).bytes());
    assertTrue(trials.run(algorithm, atX, workspace));
    Tensor result = result(direction, x, w, y).emptyLike();
    cuda.copy(result(direction, atX, atW, atY), result.address(), result.bytes());
    return result.toFloats();
  }

  @ParameterizedTest
  @EnumSource
  void saysWhatPlansChoose(ConvolutionTrials.Direction direction) {
    try (Scope scope = Scope.open();
        ConvolutionTrials trials = trials(direction)) {
      Tensor x = Operation.filled(device, TYPE, SHAPE.input());
      Tensor w = Operation.filled(device, TYPE, SHAPE.weights());
      Tensor y = Operation.filled(device, TYPE, SHAPE.output());
      planned(direction, x, w, y);
      String use =
          switch (direction) {
            case FORWARD -> "forward";
            case BACKWARD_DATA -> "backwardData";
            case BACKWARD_WEIGHTS -> "backwardWeights";
          };
      String ofPlan =
          cuda.implementations().entrySet().stream()
              .filter(entry -> entry.getKey().endsWith(" " + use))
              .map(Map.Entry::getValue)
              .findFirst()
              .orElseThrow();
      assertEquals(ofPlan, trials.chosen());
      assertTrue(
          trials.algorithms().stream()
              .map(name -> "cuDNN " + name + " in " + TYPE)
              .anyMatch(ofPlan::equals),
          () -> String.format(Locale.ROOT, "%s is none of %s", ofPlan, trials.algorithms()));
    }
  }

  @Test
  void anAlgorithmMayRefuseWhenItIsToRun() {
    try (Scope scope = Scope.open();
        ConvolutionTrials trials = trials(ConvolutionTrials.Direction.BACKWARD_DATA)) {
      String algorithm = "BWD_DATA_ALGO_0";
      long bytes = trials.operandBytes() + trials.workspace(algorithm).getAsLong();
      Tensor memory = Tensor.zeros(device, DType.U8, Shape.of(Math.toIntExact(bytes)));
      software.fail("cudnnConvolutionBackwardData", 1, NOT_SUPPORTED);
      assertFalse(trials.run(algorithm, memory.address(), 0));
      assertTrue(software.disarm());
      assertTrue(trials.run(algorithm, memory.address(), 0));
    }
  }
}
