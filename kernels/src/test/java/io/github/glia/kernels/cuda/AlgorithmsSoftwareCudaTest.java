package io.github.glia.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
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
import io.github.glia.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How algorithms of convolutions are chosen, on the software device. */
final class AlgorithmsSoftwareCudaTest {
  private static final String COMPUTE = "cudnnConvolutionBackwardFilter";
  private static final int INTERNAL_ERROR = 4000;
  private static final int NOT_SUPPORTED = 3000;

  @TempDir private Path folder;
  private final SoftwareCuda software = SoftwareCuda.device();
  private final Device device = Device.named("cuda");

  @BeforeEach
  void forgetsWhatWasThereBefore() {
    device.releaseCaches();
  }

  @AfterEach
  void putsTheSwitchesBack() {
    software.disarm();
    device.allowTf32(false);
    device.deterministic(false);
    software.limitMemory(0);
    device.releaseCaches();
  }

  private AlgorithmFile file() {
    return new AlgorithmFile(folder.resolve("convolutions.txt"));
  }

  /** Chooses for the gradient of weights; returns the question, to be looked up in the file. */
  private String chooseBy(AlgorithmFile file) {
    return chooseBy(file, Conv2dShape.same(1, 4, 7, 3, 5, 3));
  }

  private String chooseBy(AlgorithmFile file, Conv2dShape s) {
    CudaBackend cuda = (CudaBackend) Backend.of(device);
    ConvolutionGeometry geometry =
        new ConvolutionGeometry(s.input(), s.weights(), s.output(), 1, 1, 1, 1, 1, 1, 1);
    CudaPlan owner = new CudaPlan(cuda, "test") {};
    try {
      WeightsDirection direction =
          new WeightsDirection(owner, "backwardWeights", geometry, DType.F32);
      synchronized (cuda) {
        cuda.begins("test");
        new Algorithms(cuda, file).choose(direction);
        cuda.ended("test", direction.implementation(), 0);
      }
      String question = cuda.description() + "; " + direction.question();
      String known = file.get(question);
      assertTrue(known == null || direction.implementation().contains(known));
      return question;
    } finally {
      owner.close();
    }
  }

  private boolean measures(AlgorithmFile file) {
    return software.callsOf(() -> chooseBy(file)).containsKey(COMPUTE);
  }

  @Test
  void measuresOnceAndReadsTheFileInTheNextRun() {
    assertTrue(measures(file()));
    assertFalse(measures(file()));
    assertTrue(measures(new AlgorithmFile(null)));
  }

  @Test
  void measuresAgainWhatTheFileHasWrong() {
    AlgorithmFile file = file();
    String question = chooseBy(file);
    for (String wrong : List.of("BWD_FILTER_ALGO_3", "WINOGRAD", "")) {
      file.put(question, wrong);
      assertTrue(measures(file()), wrong);
      assertTrue(file().get(question).matches("BWD_FILTER_ALGO_[01]"), file().get(question));
    }
  }

  @Test
  void leavesOutWhatDoesNotComputeAfterAll() {
    AlgorithmFile file = file();
    software.fail(COMPUTE, 1, NOT_SUPPORTED);
    String question = chooseBy(file);
    assertTrue(software.disarm());
    assertEquals("BWD_FILTER_ALGO_0", file.get(question));
  }

  @Test
  void measuresNothingWhereMemoryIsTooSmall() {
    Conv2dShape large = Conv2dShape.same(1, 64, 64, 16, 16, 3);
    long workspace = 1 << 17;
    long operands = 2 * Float.BYTES * large.input().count();
    AlgorithmFile file = file();
    software.limitMemory(usedBytes() + 4 * workspace);
    assertTrue(operands > 2 * workspace);
    String question = chooseBy(file, large);
    assertNull(file.get(question));
    software.limitMemory(0);
    question = chooseBy(file, large);
    assertNotNull(file.get(question));
  }

  private long usedBytes() {
    CudaBackend cuda = (CudaBackend) Backend.of(device);
    long[] free = new long[1];
    long[] total = new long[1];
    cuda.begins("test");
    cuda.check(JCudaDriver.cuMemGetInfo(free, total), "ask for free memory");
    cuda.ended("test", "", 0);
    return total[0] - free[0];
  }

  @Test
  void saysWhatFailedAndLeaksNothing() {
    Map<SoftwareCuda.Kept, Long> before = software.kept();
    long calls = software.callsOf(() -> chooseBy(new AlgorithmFile(null))).get(COMPUTE);
    assertEquals(before, software.kept());
    for (long n = 1; n <= calls; n++) {
      software.fail(COMPUTE, n, INTERNAL_ERROR);
      CudaException e = assertThrows(CudaException.class, () -> chooseBy(new AlgorithmFile(null)));
      assertTrue(software.disarm());
      assertTrue(
          e.getMessage().startsWith("cuda:0: test backwardWeights: cuDNN says"), e.getMessage());
      device.releaseCaches();
      assertEquals(before, software.kept());
    }
  }

  /** Computes all directions; returns what they were computed by. */
  private Map<String, String> compute(DType type) {
    Conv2dPlan.Key key =
        new Conv2dPlan.Key(Conv2dShape.same(1, 4, 9, 3, 5, 3), type, type, false, false);
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

  private String linear() {
    LinearPlan.Key key = new LinearPlan.Key(new LinearShape(2, 3, 4), DType.F32, false);
    return LinearPlan.on(device, key).implementations().get("forward");
  }

  private static void assertAllEnd(String end, Map<String, String> implementations) {
    assertEquals(3, implementations.size());
    implementations.values().forEach(name -> assertTrue(name.endsWith(end), name));
  }

  @Test
  void computesInTf32OnlyWhereThatIsAllowed() {
    assertAllEnd(" in F32", compute(DType.F32));
    assertEquals("cublasGemmEx", linear());
    device.allowTf32(true);
    assertAllEnd(" in TF32", compute(DType.F32));
    assertEquals("cublasGemmEx in TF32", linear());
    assertAllEnd(" in BF16", compute(DType.BF16));
    device.allowTf32(false);
    assertAllEnd(" in F32", compute(DType.F32));
  }

  @Test
  void takesDeterministicOnesUnmeasuredWhereBitsHaveToBeTheSame() {
    device.deterministic(true);
    Map<String, Long> calls =
        software.callsOf(
            () ->
                assertEquals(
                    Map.of(
                        "forward", "cuDNN IMPLICIT_PRECOMP_GEMM in F16",
                        "backwardData", "cuDNN BWD_DATA_ALGO_1 in F16",
                        "backwardWeights", "cuDNN BWD_FILTER_ALGO_1 in F16"),
                    compute(DType.F16)));
    assertEquals(1, calls.get(COMPUTE));
  }

  @Test
  void measuresNothingWhileAStepIsRecorded() {
    Backend backend = Backend.of(device);
    CudaBackend cuda = (CudaBackend) backend;
    long measured =
        software
            .callsOf(
                () -> {
                  UnsupportedOperationException e =
                      assertThrows(
                          UnsupportedOperationException.class,
                          () -> cuda.record(() -> chooseBy(new AlgorithmFile(null))));
                  assertTrue(e.getMessage().contains("cannot be recorded"), e.getMessage());
                })
            .getOrDefault(COMPUTE, 0L);
    assertEquals(0, measured);
    compute(DType.F32);
  }
}
