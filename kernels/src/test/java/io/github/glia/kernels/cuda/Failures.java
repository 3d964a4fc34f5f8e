package io.github.glia.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jcuda.driver.CUresult;
import jcuda.jcublas.cublasStatus;

/** Failures of single calls after which the device still works, and what is said of them. */
final class Failures {
  private static final int CUDNN_INTERNAL_ERROR = 4000;

  private Failures() {}

  static int codeFor(String function) {
    if (function.startsWith("cudnn")) {
      return CUDNN_INTERNAL_ERROR;
    }
    return function.startsWith("cublas")
        ? cublasStatus.CUBLAS_STATUS_INTERNAL_ERROR
        : CUresult.CUDA_ERROR_OPERATING_SYSTEM;
  }

  private static String textOf(String function) {
    if (function.startsWith("cudnn")) {
      return "cuDNN says CUDNN_STATUS_INTERNAL_ERROR (4000)";
    }
    return function.startsWith("cublas")
        ? "cuBLAS says CUBLAS_STATUS_INTERNAL_ERROR (14)"
        : "the driver says CUDA_ERROR_OPERATING_SYSTEM (304, OS call failed or operation not"
            + " supported on this OS)";
  }

  /** Whether what this function should have released may be lost when it fails. */
  static boolean isRelease(String function) {
    return function.contains("Destroy") || function.contains("Free");
  }

  /** Asserts that an error names the device, the operation, and what the library said. */
  static void assertTold(RuntimeException error, String function, String operation) {
    String message = error.getMessage();
    String context = function + ": " + error;
    assertInstanceOf(CudaException.class, error, context);
    assertTrue(message.startsWith("cuda:0: "), context);
    assertTrue(message.contains(operation), () -> context + " does not name " + operation);
    assertTrue(message.contains(textOf(function)), context);
  }
}
