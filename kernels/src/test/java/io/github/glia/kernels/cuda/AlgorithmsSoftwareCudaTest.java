package io.github.glia.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.conv.Conv2dPlan;
import io.github.glia.kernels.conv.Conv2dShape;
import io.github.glia.kernels.linear.LinearPlan;
import io.github.glia.kernels.linear.LinearShape;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How algorithms of convolutions are chosen, on the software device. */
final class AlgorithmsSoftwareCudaTest {
  private static final String MEASURE = "cudnnFindConvolutionForwardAlgorithmEx";
  private static final String GUESS = "cudnnGetConvolutionBackwardFilterAlgorithm";
  private static final int CUDNN_INTERNAL_ERROR = 4000;

  @TempDir private Path folder;
  private SoftwareCuda software;
  private Device device;

  @BeforeEach
  void findsTheDevice() {
    software = SoftwareCuda.device();
    device = Device.named("cuda");
  }

  @AfterEach
  void putsTheSwitchesBack() {
    device.allowTf32(false);
    device.deterministic(false);
    software.limitMemory(0);
    device.releaseCaches();
  }

  private static Conv2dPlan.Key key(DType type, int width) {
    return new Conv2dPlan.Key(Conv2dShape.same(1, 4, width, 3, 5, 3), type, type, false, false);
  }

  /** Computes all directions; returns what they were computed by. */
  private Map<String, String> compute(DType type, int width) {
    Conv2dPlan.Key key = key(type, width);
    Conv2dPlan plan = Conv2dPlan.on(device, key);
    try (Scope scope = Scope.open()) {
      Tensor x = Tensor.zeros(device, type, key.shape().input());
      Tensor w = Tensor.zeros(device, DType.F32, key.shape().weights());
      Tensor y = Tensor.zeros(device, type, key.shape().output());
      plan.forward(x, w, null, y);
      plan.backwardData(y, w, x);
      plan.backwardWeights(x, y, w, null);
    }
    return plan.implementations();
  }

  /** A chooser of its own asked for the forward direction, which nothing was measured of. */
  private Algorithm chosenBy(AlgorithmFile file) {
    CudaBackend cuda = (CudaBackend) Backend.of(device);
    Conv2dShape s = key(DType.F32, 7).shape();
    ConvolutionGeometry geometry =
        new ConvolutionGeometry(s.input(), s.weights(), s.output(), 1, 1, 1, 1, 1, 1, 1);
    CudaPlan owner = new CudaPlan(cuda, "test") {};
    try {
      ForwardDirection forward = new ForwardDirection(owner, "forward", geometry, DType.F32);
      synchronized (cuda) {
        cuda.begins();
        new Algorithms(cuda, file).choose(forward);
      }
      assertTrue(forward.implementation().startsWith("cuDNN "), forward.implementation());
      return file.get(cuda.description() + "; " + forward.question());
    } finally {
      owner.close();
    }
  }

  private AlgorithmFile file() {
    return new AlgorithmFile(folder.resolve("convolutions.txt"));
  }

  private long measurements(Runnable work) {
    return software.callsOf(work).getOrDefault(MEASURE, 0L);
  }

  @Test
  void measuresOnceAndReadsTheFileInTheNextRun() {
    assertEquals(1, measurements(() -> chosenBy(file())));
    assertEquals(0, measurements(() -> chosenBy(file())));
    assertEquals(1, measurements(() -> chosenBy(new AlgorithmFile(null))));
  }

  @Test
  void measuresAgainWhatTheFileHasWrong() {
    AlgorithmFile file = file();
    Algorithm right = chosenBy(file);
    CudaBackend cuda = (CudaBackend) Backend.of(device);
    for (int wrong : new int[] {-1, 6, 99}) {
      AlgorithmFile spoilt =
          new AlgorithmFile(null) {
            private boolean isMended;

            @Override
            Algorithm get(String question) {
              return isMended ? super.get(question) : new Algorithm(wrong, right.math());
            }

            @Override
            void put(String question, Algorithm answer) {
              isMended = true;
              super.put(question, answer);
            }
          };
      assertEquals(1, measurements(() -> assertEquals(right, chosenBy(spoilt))));
    }
    assertEquals("cuda:0", cuda.name());
  }

  @Test
  void usesTensorCoresForF32OnlyWhereTf32IsAllowed() {
    Map<String, String> exact = compute(DType.F32, 8);
    assertFalse(exact.toString().contains("tensor cores"), exact::toString);
    assertEquals("cublasGemmEx", linear().get("forward"));
    device.allowTf32(true);
    Map<String, String> tf32 = compute(DType.F32, 8);
    tf32.values().forEach(name -> assertTrue(name.endsWith("tensor cores allowed"), name));
    assertEquals("cublasGemmEx in TF32", linear().get("forward"));
    device.allowTf32(false);
    assertEquals(exact, compute(DType.F32, 8));
    assertTrue(compute(DType.BF16, 8).toString().contains("tensor cores"));
  }

  private Map<String, String> linear() {
    return LinearPlan.on(device, new LinearPlan.Key(new LinearShape(2, 3, 4), DType.F32, false))
        .implementations();
  }

  @Test
  void guessesAmongDeterministicOnesWhereBitsHaveToBeTheSame() {
    Map<String, String> fastest = compute(DType.BF16, 9);
    assertTrue(fastest.get("backwardWeights").contains("ALGO_0"), fastest::toString);
    device.deterministic(true);
    Map<String, Long> calls =
        software.callsOf(
            () -> {
              Map<String, String> same = compute(DType.BF16, 9);
              assertTrue(same.get("backwardWeights").contains("ALGO_1"), same::toString);
              assertTrue(same.get("backwardData").contains("ALGO_1"), same::toString);
            });
    assertTrue(calls.keySet().stream().noneMatch(name -> name.contains("Find")), calls::toString);
    device.deterministic(false);
    assertNotEquals(Map.of(), compute(DType.BF16, 9));
    assertEquals(fastest, compute(DType.BF16, 9));
  }

  @Test
  void guessesWhereMemoryIsTooSmallToMeasure() {
    device.releaseCaches();
    software.limitMemory(software.bytes() + 3_000);
    assertEquals(0, measurements(() -> chosenBy(file())));
    software.limitMemory(0);
    assertEquals(1, measurements(() -> chosenBy(file())));
  }

  @Test
  void saysWhatFailedAndLeaksNothing() {
    device.releaseCaches();
    Map<SoftwareCuda.Kept, Long> before = software.kept();
    software.fail(MEASURE, 1, CUDNN_INTERNAL_ERROR);
    CudaException e = assertThrows(CudaException.class, () -> chosenBy(file()));
    assertTrue(software.disarm());
    assertTrue(e.getMessage().startsWith("cuda:0: test forward: cuDNN says"), e.getMessage());
    device.deterministic(true);
    software.fail(GUESS + "*", 1, CUDNN_INTERNAL_ERROR);
    e = assertThrows(CudaException.class, () -> compute(DType.F16, 10));
    assertTrue(software.disarm());
    assertTrue(e.getMessage().contains("conv2d Key[") && e.getMessage().contains("backwardWeights"));
    device.releaseCaches();
    assertEquals(before, software.kept());
    assertEquals(3, compute(DType.F16, 10).size());
  }

  @Test
  void measuresNothingWhileAStepIsRecorded() {
    Backend backend = Backend.of(device);
    Conv2dPlan.Key key = key(DType.F32, 11);
    try (Scope scope = Scope.open()) {
      Tensor x = Tensor.of(device, DType.F32, key.shape().input(), new float[4 * 11 * 3]);
      Tensor w = Tensor.zeros(device, DType.F32, Shape.of(5, 3, 3, 3));
      Tensor y = Tensor.zeros(device, DType.F32, key.shape().output());
      Runnable step = () -> Conv2dPlan.on(device, key).forward(x, w, null, y);
      long measured =
          measurements(
              () -> {
                UnsupportedOperationException e =
                    assertThrows(UnsupportedOperationException.class, () -> backend.record(step));
                assertTrue(e.getMessage().contains("cannot be recorded"), e.getMessage());
              });
      assertEquals(0, measured);
      step.run();
      backend.record(step).close();
    }
  }
}
