package io.github.glia.kernels.cuda;

import static jcuda.driver.CUresult.CUDA_ERROR_ASSERT;
import static jcuda.driver.CUresult.CUDA_ERROR_ECC_UNCORRECTABLE;
import static jcuda.driver.CUresult.CUDA_ERROR_HARDWARE_STACK_ERROR;
import static jcuda.driver.CUresult.CUDA_ERROR_ILLEGAL_ADDRESS;
import static jcuda.driver.CUresult.CUDA_ERROR_ILLEGAL_INSTRUCTION;
import static jcuda.driver.CUresult.CUDA_ERROR_INVALID_ADDRESS_SPACE;
import static jcuda.driver.CUresult.CUDA_ERROR_INVALID_PC;
import static jcuda.driver.CUresult.CUDA_ERROR_LAUNCH_FAILED;
import static jcuda.driver.CUresult.CUDA_ERROR_LAUNCH_TIMEOUT;
import static jcuda.driver.CUresult.CUDA_ERROR_MISALIGNED_ADDRESS;
import static jcuda.driver.CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU;
import static jcuda.driver.CUresult.CUDA_ERROR_OUT_OF_MEMORY;
import static jcuda.driver.CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION;

import jcuda.driver.JCudaDriver;
import jcuda.jcublas.cublasStatus;
import jcuda.jcudnn.JCudnn;

/** What the numbers mean that the driver, cuDNN and cuBLAS return, and what to do about them. */
final class Status {
  private static final int CUDNN_BAD_PARAMETER = 2000;
  private static final int CUDNN_NOT_SUPPORTED = 3000;
  private static final int CUDNN_NOT_SUPPORTED_LAST = 3999;
  private static final int CUDNN_EXECUTION_FAILED = 5000;
  private static final int CUBLAS_NOT_SUPPORTED = 15;
  private static final int CUBLAS_EXECUTION_FAILED = 13;

  private Status() {}

  static String ofDriver(int status) {
    String[] name = new String[1];
    String[] text = new String[1];
    boolean named = JCudaDriver.cuGetErrorName(status, name) == 0 && name[0] != null;
    boolean told = JCudaDriver.cuGetErrorString(status, text) == 0 && text[0] != null;
    return "the driver says "
        + (named ? name[0] : "error")
        + " ("
        + status
        + (told ? ", " + text[0] : "")
        + ")"
        + hint(status);
  }

  private static String hint(int status) {
    return switch (status) {
      case CUDA_ERROR_OUT_OF_MEMORY -> "; a smaller batch or image needs less memory";
      case CUDA_ERROR_NO_BINARY_FOR_GPU ->
          "; the kernels of Glia run on GPUs of compute capability 7.5 and newer";
      case CUDA_ERROR_UNSUPPORTED_PTX_VERSION ->
          "; the driver is older than CUDA 12.0: install a newer one";
      default -> isFatal(status) ? "; restart the program, or use --device cpu" : "";
    };
  }

  /** Whether the context is broken after this, so that every later call fails too. */
  static boolean isFatal(int status) {
    return switch (status) {
      case CUDA_ERROR_ASSERT,
          CUDA_ERROR_ECC_UNCORRECTABLE,
          CUDA_ERROR_HARDWARE_STACK_ERROR,
          CUDA_ERROR_ILLEGAL_ADDRESS,
          CUDA_ERROR_ILLEGAL_INSTRUCTION,
          CUDA_ERROR_INVALID_ADDRESS_SPACE,
          CUDA_ERROR_INVALID_PC,
          CUDA_ERROR_LAUNCH_FAILED,
          CUDA_ERROR_LAUNCH_TIMEOUT,
          CUDA_ERROR_MISALIGNED_ADDRESS ->
          true;
      default -> false;
    };
  }

  static String ofCudnn(int status) {
    return "cuDNN says "
        + JCudnn.cudnnGetErrorString(status)
        + " ("
        + status
        + ")"
        + (status >= CUDNN_NOT_SUPPORTED && status <= CUDNN_NOT_SUPPORTED_LAST
            ? "; it has no kernel for these shapes and types: use another type, or --device cpu"
            : "");
  }

  static String ofCublas(int status) {
    return "cuBLAS says "
        + cublasStatus.stringFor(status)
        + " ("
        + status
        + ")"
        + (status == CUBLAS_NOT_SUPPORTED
            ? "; it has no product of these types: use another type, or --device cpu"
            : "");
  }

  /** Whether cuDNN does not compute what it was asked for, while nothing is wrong with it. */
  static boolean cudnnRefuses(int status) {
    return status >= CUDNN_BAD_PARAMETER && status <= CUDNN_NOT_SUPPORTED_LAST;
  }

  /** Whether it may be a kernel's failure that the driver knows more of. */
  static boolean cudnnExecutionFailed(int status) {
    return status >= CUDNN_EXECUTION_FAILED;
  }

  static boolean cublasExecutionFailed(int status) {
    return status == CUBLAS_EXECUTION_FAILED;
  }
}
