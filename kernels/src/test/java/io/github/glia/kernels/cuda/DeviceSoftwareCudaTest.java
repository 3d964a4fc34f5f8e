package io.github.glia.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.glia.kernels.elementwise.AddPlan;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.DeviceDriver;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import jcuda.driver.CUresult;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The device itself, on the software device. */
final class DeviceSoftwareCudaTest {
  private static final Path LIBRARIES = Path.of(System.getProperty("glia.cuda.libraries", ""));

  @BeforeAll
  static void onlyWhereItCouldBeBuilt() {
    assumeTrue(
        Files.exists(LIBRARIES.resolve("libcuda.so.1")),
        "the software CUDA device was not built: there is no g++");
  }

  @Test
  void isFoundAndPreferred() {
    Device device = Device.named("auto");
    assertEquals("cuda:0", device.name(), () -> "" + Device.missing());
    assertEquals(device, Device.named("cuda"));
    assertTrue(device.description().contains("cuDNN 9"), device.description());
    assertTrue(device.computes(DType.F16) && device.computes(DType.BF16));
  }

  @Test
  void copiesMoreThanItsPinnedMemoryHolds() {
    Device device = Device.named("cuda");
    try (Scope scope = Scope.open()) {
      float[] values = new float[3_000_001];
      for (int i = 0; i < values.length; i++) {
        values[i] = i;
      }
      Tensor x = Tensor.of(device, Shape.of(values.length), values);
      Tensor y = x.emptyLike();
      y.copyFrom(x);
      assertArrayEquals(values, y.toFloats());
      y.zero();
      assertArrayEquals(new float[values.length], y.toFloats());
    }
  }

  @Test
  void aGpuThatIsNotThereIsRefusedWithThoseThatAre() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Device.named("cuda:7"));
    assertEquals("no device \"cuda:7\"; there is cuda:0, cpu", e.getMessage());
  }

  /** What the driver answers of a GPU that is too old, and where it is too old itself. */
  @ParameterizedTest
  @CsvSource({
    "209, run on GPUs of compute capability 7.5 and newer",
    "222, the driver is older than CUDA 12.0: install a newer one"
  })
  void kernelsThatTheDriverDoesNotTakeAreExplained(int status, String hint) {
    CudaBackend cuda = new CudaBackend(0);
    SoftwareCuda.device().fail("cuModuleLoadData", 1, status);
    CudaException e =
        assertThrows(CudaException.class, () -> cuda.kernel("elementwise", "add_f32"));
    assertTrue(e.getMessage().contains(hint), e.getMessage());
  }

  @Test
  void aGpuThatTheKernelsAreNotForIsNoDevice() {
    SoftwareCuda software = SoftwareCuda.device();
    CudaProvider provider = new CudaProvider();
    software.offerCapability(61);
    try {
      assertEquals(List.of(), provider.find());
    } finally {
      software.offerCapability(0);
    }
    String why =
        "the GPU is too old: Software CUDA device has compute capability 6.1, and 7.5 is needed;"
            + " use --device cpu";
    assertEquals(why, provider.whyNone());
    assertTrue(provider.libraries().contains("cuda:0 is not used: " + why));
    assertEquals(1, new CudaProvider().find().size());
  }

  @Test
  void aGpuThatCannotBeOpenedHidesNoOther() {
    SoftwareCuda software = SoftwareCuda.device();
    CudaProvider provider = new CudaProvider();
    software.offerDevices(3);
    software.fail("cuDeviceGet", 2, CUresult.CUDA_ERROR_OPERATING_SYSTEM);
    try {
      List<String> found = provider.find().stream().map(DeviceDriver::name).toList();
      assertEquals(List.of("cuda:0", "cuda:2"), found);
    } finally {
      software.offerDevices(0);
    }
    String why = "cuda:1 is not used: cuda:1: open the device: the driver says";
    assertTrue(provider.libraries().stream().anyMatch(line -> line.startsWith(why)));
  }

  /** Turing, as NVIDIA calls it, has tensor cores for F16, and cuDNN no convolution in BF16. */
  @Test
  void aGpuOfComputeCapability75DoesNotComputeInBf16() {
    SoftwareCuda software = SoftwareCuda.device();
    software.offerCapability(75);
    try {
      CudaBackend older = new CudaBackend(0);
      assertEquals("", older.whyUnusable());
      assertFalse(older.computes(DType.BF16));
      assertTrue(older.computes(DType.F16) && older.computes(DType.F32));
    } finally {
      software.offerCapability(0);
    }
    assertFalse(new CudaBackend(0).computes(DType.U8));
  }

  /** What the driver says where a GPU is another program's, or the driver is not whole. */
  @ParameterizedTest
  @CsvSource({
    "cuDevicePrimaryCtxRetain, 46, another program may have the GPU for itself",
    "cuModuleLoadData, 221, 'libnvidia-ptxjitcompiler.so.1: install all of it'"
  })
  void whatTheDriverRefusesIsExplained(String function, int status, String hint) {
    SoftwareCuda.device().fail(function, 1, status);
    CudaException e =
        assertThrows(
            CudaException.class, () -> new CudaBackend(0).kernel("elementwise", "add_f32"));
    assertTrue(e.getMessage().contains(hint), e.getMessage());
  }

  /** A plan that was released is refused in the middle of a call. */
  @Test
  void anOperationThatWasBrokenOffLeavesNothingToTheNext() {
    Device device = Device.named("cuda");
    AddPlan.Key key = new AddPlan.Key(Shape.of(3), DType.F32);
    try (Scope scope = Scope.open()) {
      Tensor x = Tensor.of(device, Shape.of(3), 1, 2, 3);
      Tensor y = x.emptyLike();
      AddPlan released = AddPlan.on(device, key);
      device.releaseCaches();
      assertThrows(IllegalStateException.class, () -> released.forward(x, x, y));
      AddPlan.on(device, key).forward(x, x, y);
      assertArrayEquals(new float[] {2, 4, 6}, y.toFloats());
    }
  }

  @Test
  void worksFromEveryThread() throws Exception {
    Device device = Device.named("cuda");
    ExecutorService other = Executors.newSingleThreadExecutor();
    try {
      float[] read =
          other
              .submit(
                  () -> {
                    try (Scope scope = Scope.open()) {
                      return Tensor.of(device, Shape.of(1), 7).toFloats();
                    }
                  })
              .get();
      assertArrayEquals(new float[] {7}, read);
    } finally {
      other.shutdown();
    }
  }
}
