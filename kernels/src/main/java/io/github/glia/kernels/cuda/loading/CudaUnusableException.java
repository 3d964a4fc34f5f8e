package io.github.glia.kernels.cuda.loading;

/** CUDA cannot be used; the message says in one line why, and what to do. */
final class CudaUnusableException extends Exception {
  private static final long serialVersionUID = 1;

  CudaUnusableException(String message) {
    super(message);
  }

  CudaUnusableException(String message, Throwable cause) {
    super(message, cause);
  }
}
