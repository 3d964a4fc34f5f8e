package io.github.glia.kernels.cuda;

import io.github.glia.tensor.OutOfDeviceMemoryException;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/**
 * Makes the errors of one device, which name what was being computed, and remembers the one after
 * which the device is lost.
 */
final class Faults {
  private final String device;
  private final CUstream stream;
  private volatile Object operation;
  private volatile Thread computing;
  private volatile String lost;

  Faults(String device, CUstream stream) {
    this.device = device;
    this.stream = stream;
  }

  /**
   * Names what is computed from now on, until {@link #ends}; for callers that hold the lock. Its
   * text is asked for where something fails.
   */
  void begins(Object named) {
    computing = Thread.currentThread();
    operation = named;
  }

  void ends() {
    operation = null;
  }

  void requireNotLost() {
    if (lost != null) {
      throw new CudaException(device + " is lost since an earlier failure (" + lost + ")");
    }
  }

  void check(int status, String doing) {
    if (status != 0) {
      String message = message(doing + ": " + Status.ofDriver(status));
      loseIfFatal(status, message);
      throw failure(message, Status.isOutOfMemory(status));
    }
  }

  void checkCudnn(int status, String doing) {
    if (status != 0) {
      String what = doing + ": " + Status.ofCudnn(status);
      throw failure(
          Status.cudnnRefuses(status) ? message(what) : withDriver(message(what)),
          Status.cudnnIsOutOfMemory(status));
    }
  }

  void checkCublas(int status, String doing) {
    if (status != 0) {
      String what = doing + ": " + Status.ofCublas(status);
      throw failure(
          Status.cublasRefuses(status) ? message(what) : withDriver(message(what)),
          Status.cublasIsOutOfMemory(status));
    }
  }

  /**
   * A library that did not refuse may have failed because a kernel did, of whomever and whenever:
   * the driver knows, and whether all is lost. Not while something is recorded, and nothing runs.
   */
  private String withDriver(String message) {
    int status = JCudaDriver.cuStreamSynchronize(stream);
    if (status == 0 || status == CUresult.CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED) {
      return message;
    }
    String both = message + "; " + Status.ofDriver(status);
    loseIfFatal(status, both);
    return both;
  }

  private static RuntimeException failure(String message, boolean outOfMemory) {
    return outOfMemory ? new OutOfDeviceMemoryException(message) : new CudaException(message);
  }

  private void loseIfFatal(int status, String message) {
    if (Status.isFatal(status) && lost == null) {
      lost = message;
    }
  }

  /** Says where it happened, and in which operation unless that is said already; it has ended. */
  String message(String what) {
    if (computing != Thread.currentThread()) {
      return device + ": " + what;
    }
    String during = operation == null ? "" : operation.toString();
    operation = null;
    boolean named = during.isEmpty() || what.startsWith(during);
    return device + ": " + (named ? "" : during + ": ") + what;
  }
}
