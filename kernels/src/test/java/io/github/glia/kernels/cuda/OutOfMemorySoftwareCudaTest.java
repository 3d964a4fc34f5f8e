package io.github.glia.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.conv.Conv2dPlan;
import io.github.glia.kernels.conv.Conv2dShape;
import io.github.glia.kernels.elementwise.AddPlan;
import io.github.glia.kernels.linear.LinearPlan;
import io.github.glia.kernels.linear.LinearShape;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.OutOfDeviceMemoryException;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Memory ends in the middle of a step: the message helps, and a smaller step works afterwards. */
final class OutOfMemorySoftwareCudaTest {
  private static final int MIB = 1 << 20;

  private final SoftwareCuda software = SoftwareCuda.device();
  private final Device device = Device.named("cuda");

  @AfterEach
  void giveBackAllMemory() {
    software.limitMemory(0);
    device.releaseCaches();
  }

  /** Returns the bytes that the device then has. */
  private long leave(long bytes) {
    device.releaseCaches();
    long limit = software.bytes() + bytes;
    software.limitMemory(limit);
    return limit;
  }

  @Test
  void saysHowMuchWasAskedAndWhatIsInUse() {
    long limit = leave(64 * MIB);
    long live = device.memory().liveBytes();
    OutOfDeviceMemoryException e =
        assertThrows(OutOfDeviceMemoryException.class, () -> assertStepWorks(4 * MIB));
    String asked = String.format("%,d bytes were asked for", 16 * MIB);
    String free = String.format("%,d of %,d are free", 0, limit);
    String inUse = String.format("cuda:0: %,d bytes are allocated", live + 64 * MIB);
    for (String part : new String[] {asked, free, inUse, "A smaller batch or image needs less"}) {
      assertTrue(e.getMessage().contains(part), () -> part + " is not in " + e.getMessage());
    }
    assertEquals(live, device.memory().liveBytes());
    assertStepWorks(MIB);
  }

  /** Tensors of these elements are added until five are there at once. */
  private void assertStepWorks(int elements) {
    Shape shape = Shape.of(elements);
    try (Scope scope = Scope.open()) {
      AddPlan plan = AddPlan.on(device, new AddPlan.Key(shape, DType.F32));
      float[] ones = new float[elements];
      Arrays.fill(ones, 1);
      Tensor sum = Tensor.of(device, shape, ones);
      for (int i = 0; i < 4; i++) {
        Tensor next = sum.emptyLike();
        plan.forward(sum, sum, next);
        sum = next;
      }
      Arrays.fill(ones, 16);
      assertArrayEquals(ones, sum.toFloats());
    }
  }

  @Test
  void namesTheOperationThatHasNoWorkspace() {
    leave(24 * MIB);
    long live = device.memory().liveBytes();
    try (Scope scope = Scope.open()) {
      OutOfDeviceMemoryException e =
          assertThrows(OutOfDeviceMemoryException.class, () -> assertConvolves(256));
      assertTrue(e.getMessage().startsWith("cuda:0: conv2d Key["), e.getMessage());
      assertTrue(e.getMessage().contains("are free. A smaller batch or image"), e.getMessage());
      long images = 256 * 256 * (64 * 2 + 8 * Float.BYTES);
      long weights = 3 * 3 * 64 * 8 * Float.BYTES;
      String inUse = String.format("cuda:0: %,d bytes are allocated", live + images + weights);
      assertTrue(e.getMessage().contains(inUse), e.getMessage());
    }
    assertConvolves(16);
  }

  @Test
  void aWorkspaceGetsWhatTensorsDoNotUse() {
    leave(44 * MIB);
    CudaBackend cuda = (CudaBackend) Backend.of(device);
    try (Scope scope = Scope.open()) {
      Tensor kept = Tensor.zeros(device, DType.U8, Shape.of(20 * MIB));
      Tensor.empty(device, DType.U8, Shape.of(20 * MIB)).close();
      cuda.begins("copy");
      long workspace = cuda.workspace(10 * MIB);
      cuda.copy(kept.address(), workspace, 10 * MIB);
      cuda.ended("copy", "", 0);
      assertEquals(kept.bytes(), device.memory().reservedBytes());
    }
  }

  /** Whoever asks: what is launched, loaded or recorded takes memory, too. */
  @ParameterizedTest
  @CsvSource({"cuLaunchKernel, 2", "cudnnCreateTensorDescriptor, 4004", "cublasGemmEx, 3"})
  void isTheSameErrorFromEachLibrary(String function, int status) {
    device.releaseCaches();
    software.fail(function, 1, status);
    try (Scope scope = Scope.open()) {
      OutOfDeviceMemoryException e =
          assertThrows(OutOfDeviceMemoryException.class, OutOfMemorySoftwareCudaTest.this::steps);
      assertTrue(e.getMessage().contains("a smaller batch or image"), e.getMessage());
    } finally {
      software.disarm();
    }
    steps();
  }

  private void steps() {
    assertConvolves(16);
    LinearShape shape = new LinearShape(2, 3, 4);
    LinearPlan plan = LinearPlan.on(device, new LinearPlan.Key(shape, DType.F32, false));
    try (Scope scope = Scope.open()) {
      Tensor x = Tensor.zeros(device, DType.F32, shape.input());
      Tensor w = Tensor.zeros(device, DType.F32, shape.weights());
      Tensor y = Tensor.empty(device, DType.F32, shape.output());
      plan.forward(x, w, null, y);
      assertArrayEquals(new float[(int) y.count()], y.toFloats());
    }
  }

  /** In F32 from BF16: casts to F32 lie in the workspace, twice as large as what is cast. */
  private void assertConvolves(int size) {
    Conv2dShape s = Conv2dShape.same(1, size, size, 64, 8, 3);
    try (Scope scope = Scope.open()) {
      Conv2dPlan plan =
          Conv2dPlan.on(device, new Conv2dPlan.Key(s, DType.BF16, DType.F32, false, false));
      Tensor x = Tensor.zeros(device, DType.BF16, s.input());
      Tensor w = Tensor.zeros(device, DType.F32, s.weights());
      Tensor y = Tensor.empty(device, DType.F32, s.output());
      plan.forward(x, w, null, y);
      assertArrayEquals(new float[(int) y.count()], y.toFloats());
    }
  }

  /** Even where the driver does not say how much is free. */
  @Test
  void isTheErrorWhateverElseFails() {
    leave(MIB);
    software.fail("cuMemGetInfo", 1, Failures.codeFor("cuMemGetInfo"));
    try (Scope scope = Scope.open()) {
      OutOfDeviceMemoryException e =
          assertThrows(
              OutOfDeviceMemoryException.class,
              () -> Tensor.empty(device, DType.F32, Shape.of(64 * MIB)));
      assertTrue(e.getMessage().contains("cannot be allocated"), e.getMessage());
    } finally {
      software.disarm();
    }
  }
}
