package io.github.glia.kernels.cuda;

import static jcuda.jcublas.cublasStatus.CUBLAS_STATUS_ALLOC_FAILED;
import static jcuda.jcublas.cublasStatus.CUBLAS_STATUS_EXECUTION_FAILED;
import static jcuda.jcublas.cublasStatus.CUBLAS_STATUS_INTERNAL_ERROR;
import static jcuda.jcublas.cublasStatus.CUBLAS_STATUS_NOT_INITIALIZED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import jcuda.driver.CUresult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * After a kernel has failed a device is lost: it says so at once, and is asked for nothing more.
 */
final class LostDeviceSoftwareCudaTest {
  private static final int CUDNN_EXECUTION_FAILED = 5000;

  private final SoftwareCuda software = SoftwareCuda.device();
  private final CudaBackend cuda = new CudaBackend(0);

  private void failNextSynchronization() {
    software.fail("cuStreamSynchronize", 1, CUresult.CUDA_ERROR_LAUNCH_FAILED);
  }

  @Test
  void afterAKernelFailed() {
    long address = cuda.allocate(1);
    failNextSynchronization();
    String told = assertThrows(CudaException.class, cuda::synchronize).getMessage();
    assertEquals(
        "cuda:0: wait for the device: the driver says CUDA_ERROR_LAUNCH_FAILED (719, unspecified"
            + " launch failure); restart the program, or use --device cpu",
        told);
    assertLost(address, told);
    new CudaBackend(0).free(address);
  }

  @Test
  void afterAKernelMetAnAddressThatDoesNotFitItsType() {
    long address = cuda.allocate(2 * Float.BYTES);
    cuda.begins("add");
    cuda.kernel("elementwise", "add_f32")
        .pointer(address + 1)
        .pointer(address + 1)
        .pointer(address + 1)
        .whole(1)
        .launch(1, 32);
    cuda.ended("add", "", 0);
    String told = assertThrows(CudaException.class, cuda::synchronize).getMessage();
    assertTrue(told.contains("CUDA_ERROR_MISALIGNED_ADDRESS (716, misaligned address)"), told);
    assertLost(address, told);
    software.forgetErrors();
    new CudaBackend(0).free(address);
  }

  /** cuDNN says only that something failed; what, the driver knows. */
  @Test
  void afterAKernelOfCudnnFailed() {
    failNextSynchronization();
    String told =
        assertThrows(CudaException.class, () -> cuda.checkCudnn(CUDNN_EXECUTION_FAILED, "conv2d"))
            .getMessage();
    assertTrue(
        told.startsWith(
            "cuda:0: conv2d: cuDNN says CUDNN_STATUS_EXECUTION_FAILED (5000); the driver"
                + " says CUDA_ERROR_LAUNCH_FAILED (719"),
        told);
    assertLost(0, told);
  }

  /** What a library says of a kernel that failed earlier may be anything. */
  @ParameterizedTest
  @ValueSource(
      ints = {
        CUBLAS_STATUS_NOT_INITIALIZED,
        CUBLAS_STATUS_ALLOC_FAILED,
        CUBLAS_STATUS_EXECUTION_FAILED,
        CUBLAS_STATUS_INTERNAL_ERROR
      })
  void whateverCublasSaysOfIt(int status) {
    failNextSynchronization();
    String told =
        assertThrows(RuntimeException.class, () -> cuda.checkCublas(status, "linear")).getMessage();
    assertTrue(told.contains("; the driver says CUDA_ERROR_LAUNCH_FAILED (719"), told);
    assertLost(0, told);
  }

  @ParameterizedTest
  @ValueSource(ints = {1001, 4000, 4004, 5003})
  void whateverCudnnSaysOfIt(int status) {
    failNextSynchronization();
    String told =
        assertThrows(RuntimeException.class, () -> cuda.checkCudnn(status, "conv2d")).getMessage();
    assertTrue(told.contains("; the driver says CUDA_ERROR_LAUNCH_FAILED (719"), told);
    assertLost(0, told);
  }

  @Test
  void butNotWhenCudnnAloneFailed() {
    assertThrows(CudaException.class, () -> cuda.checkCudnn(CUDNN_EXECUTION_FAILED, "conv2d"));
    cuda.synchronize();
  }

  /** A recording runs nothing that could have failed, and is not to be waited for. */
  @Test
  void norIsTheDriverAskedWhileSomethingIsRecorded() {
    CudaException e =
        assertThrows(
            CudaException.class,
            () -> cuda.record(() -> cuda.checkCublas(CUBLAS_STATUS_INTERNAL_ERROR, "linear")));
    assertEquals("cuda:0: linear: cuBLAS says CUBLAS_STATUS_INTERNAL_ERROR (14)", e.getMessage());
    cuda.synchronize();
  }

  private void assertLost(long address, String told) {
    List<Executable> calls =
        List.of(
            cuda::synchronize,
            () -> cuda.allocate(1),
            () -> cuda.free(address),
            () -> cuda.copyIn(ByteBuffer.allocateDirect(1), address),
            () -> cuda.copyOut(address, ByteBuffer.allocateDirect(1)),
            () -> cuda.zero(address, 1),
            () -> cuda.copy(address, address, 1),
            () -> cuda.kernel("elementwise", "add_f32"),
            () -> cuda.begins("add"),
            cuda::releaseCaches,
            () -> cuda.record(() -> {}));
    Map<String, Long> before = software.calls();
    for (Executable call : calls) {
      CudaException e = assertThrows(CudaException.class, call);
      assertEquals("cuda:0 is lost since an earlier failure (" + told + ")", e.getMessage());
    }
    assertEquals(before, software.calls());
  }
}
