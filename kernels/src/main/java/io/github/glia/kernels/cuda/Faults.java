package io.github.glia.kernels.cuda;

import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/**
 * Makes the errors of one device, which name what was being computed, and remembers the one after
 * which the device is lost.
 */
final class Faults {
  private final String device;
  private final CUstream stream;
  private volatile String operation;
  private volatile Thread computing;
  private volatile String lost;

  Faults(String device, CUstream stream) {
    this.device = device;
    this.stream = stream;
  }

  /** Names what is computed from now on, until {@link #ends}; for callers that hold the lock. */
  void begins(String named) {
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
      throw new CudaException(message);
    }
  }

  void checkCudnn(int status, String doing) {
    if (status != 0) {
      throw ofLibrary(doing + ": " + Status.ofCudnn(status), Status.cudnnExecutionFailed(status));
    }
  }

  void checkCublas(int status, String doing) {
    if (status != 0) {
      throw ofLibrary(doing + ": " + Status.ofCublas(status), Status.cublasExecutionFailed(status));
    }
  }

  /** If the library's kernel failed, the driver knows whether all is lost. */
  private CudaException ofLibrary(String what, boolean execution) {
    String message = message(what);
    if (execution) {
      int status = JCudaDriver.cuStreamSynchronize(stream);
      if (status != 0) {
        message += "; " + Status.ofDriver(status);
        loseIfFatal(status, message);
      }
    }
    return new CudaException(message);
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
    String during = operation;
    operation = null;
    return device + ": " + (during == null || names(what, during) ? "" : during + ": ") + what;
  }

  private static boolean names(String what, String during) {
    int space = during.indexOf(' ');
    String word = space < 0 ? during : during.substring(0, space);
    return what.startsWith(word + " ") || what.startsWith(word + ":");
  }
}
