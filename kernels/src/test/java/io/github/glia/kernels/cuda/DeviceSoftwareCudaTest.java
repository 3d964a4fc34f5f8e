package io.github.glia.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
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
