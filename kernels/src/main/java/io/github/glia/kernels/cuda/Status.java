package io.github.glia.kernels.cuda;

import static jcuda.driver.CUresult.CUDA_ERROR_ASSERT;
import static jcuda.driver.CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED;
import static jcuda.driver.CUresult.CUDA_ERROR_DEVICE_UNAVAILABLE;
import static jcuda.driver.CUresult.CUDA_ERROR_ECC_UNCORRECTABLE;
import static jcuda.driver.CUresult.CUDA_ERROR_HARDWARE_STACK_ERROR;
import static jcuda.driver.CUresult.CUDA_ERROR_ILLEGAL_ADDRESS;
import static jcuda.driver.CUresult.CUDA_ERROR_ILLEGAL_INSTRUCTION;
import static jcuda.driver.CUresult.CUDA_ERROR_INVALID_ADDRESS_SPACE;
import static jcuda.driver.CUresult.CUDA_ERROR_INVALID_PC;
import static jcuda.driver.CUresult.CUDA_ERROR_JIT_COMPILER_NOT_FOUND;
import static jcuda.driver.CUresult.CUDA_ERROR_LAUNCH_FAILED;
import static jcuda.driver.CUresult.CUDA_ERROR_LAUNCH_TIMEOUT;
import static jcuda.driver.CUresult.CUDA_ERROR_MISALIGNED_ADDRESS;
import static jcuda.driver.CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU;
import static jcuda.driver.CUresult.CUDA_ERROR_NVLINK_UNCORRECTABLE;
import static jcuda.driver.CUresult.CUDA_ERROR_OUT_OF_MEMORY;
import static jcuda.driver.CUresult.CUDA_ERROR_UNKNOWN;
import static jcuda.driver.CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION;
import static jcuda.jcublas.cublasStatus.CUBLAS_STATUS_ALLOC_FAILED;
import static jcuda.jcublas.cublasStatus.CUBLAS_STATUS_ARCH_MISMATCH;
import static jcuda.jcublas.cublasStatus.CUBLAS_STATUS_INVALID_VALUE;
import static jcuda.jcublas.cublasStatus.CUBLAS_STATUS_NOT_SUPPORTED;

import jcuda.driver.JCudaDriver;
import jcuda.jcublas.cublasStatus;
import jcuda.jcudnn.JCudnn;

/** What the numbers mean that the driver, cuDNN and cuBLAS return, and what to do about them. */
final class Status {
  private static final int CUDNN_BAD_PARAMETER = 2000;
  private static final int CUDNN_NOT_SUPPORTED = 3000;
  private static final int CUDNN_NOT_SUPPORTED_LAST = 3999;
  private static final int CUDNN_DEVICE_ALLOCATION_FAILED = 4004;
  private static final String LESS_MEMORY =
      "; a smaller batch or image needs less memory, and nvidia-smi shows who else uses it";

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
      case CUDA_ERROR_OUT_OF_MEMORY -> LESS_MEMORY;
      case CUDA_ERROR_DEVICE_UNAVAILABLE ->
          "; another program may have the GPU for itself: nvidia-smi shows who computes, and the"
              + " compute mode";
      case CUDA_ERROR_JIT_COMPILER_NOT_FOUND ->
          "; a part of the driver is missing, libnvidia-ptxjitcompiler.so.1: install all of it";
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
          CUDA_ERROR_CONTEXT_IS_DESTROYED,
          CUDA_ERROR_ECC_UNCORRECTABLE,
          CUDA_ERROR_HARDWARE_STACK_ERROR,
          CUDA_ERROR_ILLEGAL_ADDRESS,
          CUDA_ERROR_ILLEGAL_INSTRUCTION,
          CUDA_ERROR_INVALID_ADDRESS_SPACE,
          CUDA_ERROR_INVALID_PC,
          CUDA_ERROR_LAUNCH_FAILED,
          CUDA_ERROR_LAUNCH_TIMEOUT,
          CUDA_ERROR_MISALIGNED_ADDRESS,
          CUDA_ERROR_NVLINK_UNCORRECTABLE,
          CUDA_ERROR_UNKNOWN ->
          true;
      default -> false;
    };
  }

  static boolean isOutOfMemory(int status) {
    return status == CUDA_ERROR_OUT_OF_MEMORY;
  }

  static String ofCudnn(int status) {
    String hint = "";
    if (status >= CUDNN_NOT_SUPPORTED && status <= CUDNN_NOT_SUPPORTED_LAST) {
      hint =
          "; it has no kernel for these shapes and types: use another type or a smaller batch, or"
              + " --device cpu";
    } else if (cudnnIsOutOfMemory(status)) {
      hint = LESS_MEMORY;
    }
    return "cuDNN says " + JCudnn.cudnnGetErrorString(status) + " (" + status + ")" + hint;
  }

  /** Whether cuDNN does not compute what it was asked for, while nothing is wrong with it. */
  static boolean cudnnRefuses(int status) {
    return status >= CUDNN_BAD_PARAMETER && status <= CUDNN_NOT_SUPPORTED_LAST;
  }

  static boolean cudnnIsOutOfMemory(int status) {
    return status == CUDNN_DEVICE_ALLOCATION_FAILED;
  }

  static String ofCublas(int status) {
    String hint = "";
    if (status == CUBLAS_STATUS_NOT_SUPPORTED || status == CUBLAS_STATUS_ARCH_MISMATCH) {
      hint = "; it has no such product on this GPU: use another type, or --device cpu";
    } else if (cublasIsOutOfMemory(status)) {
      hint = LESS_MEMORY;
    }
    return "cuBLAS says " + cublasStatus.stringFor(status) + " (" + status + ")" + hint;
  }

  /** As {@link #cudnnRefuses}. */
  static boolean cublasRefuses(int status) {
    return status == CUBLAS_STATUS_NOT_SUPPORTED
        || status == CUBLAS_STATUS_INVALID_VALUE
        || status == CUBLAS_STATUS_ARCH_MISMATCH;
  }

  static boolean cublasIsOutOfMemory(int status) {
    return status == CUBLAS_STATUS_ALLOC_FAILED;
  }
}
