package io.github.glia.kernels.cuda;

/** A call of the driver, cuDNN or cuBLAS has failed. */
public final class CudaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CudaException(String message) {
    super(message);
  }
}
