package io.github.glia.kernels.cuda.loading;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Versions as they are written, and those that do not do. */
class VersionsTest {
  private static void assertRefused(String message, Executable check) {
    assertEquals(message, assertThrows(CudaUnusableException.class, check).getMessage());
  }

  @Test
  void asTheyAreWritten() {
    assertEquals("12.4", Versions.cuda(12040));
    assertEquals("13.0", Versions.cuda(13000));
    assertEquals("9.5.1", Versions.cudnn(90501));
    assertEquals("9.24.0", Versions.cudnn(92400));
    assertEquals("8.9.7", Versions.cudnn(8907));
    assertEquals("12.6.4.1", Versions.ofFile(Path.of("/lib/libcublas.so.12.6.4.1")));
    assertNull(Versions.ofFile(Path.of("/lib/libcublas.so.12")));
  }

  @Test
  void aDriverThatIsTooOld() {
    assertDoesNotThrow(() -> Versions.checkDriver(12000));
    assertRefused(
        "NVIDIA's driver is too old: it is for CUDA 11.8, and CUDA 12.0 is needed; update it to 525"
            + " or newer",
        () -> Versions.checkDriver(11080));
  }

  @Test
  void aCudnnThatIsTooOld() {
    assertDoesNotThrow(() -> Versions.checkCudnn(90000, 12060, 12));
    assertRefused(
        "cuDNN is too old: it is 8.9.7, and 9 is needed; install cuDNN 9",
        () -> Versions.checkCudnn(8907, 12020, 12));
  }

  @Test
  void aCudnnForAnotherCuda() {
    assertDoesNotThrow(() -> Versions.checkCudnn(92400, 13000, 13));
    assertRefused(
        "the versions of CUDA's libraries are mixed: cuDNN 9.24.0 was built for CUDA 13.0, and"
            + " cuBLAS is of CUDA 12; install both for one version of CUDA, or name the folders"
            + " that fit by -Dglia.cuda.libraries=FOLDER",
        () -> Versions.checkCudnn(92400, 13000, 12));
  }
}
