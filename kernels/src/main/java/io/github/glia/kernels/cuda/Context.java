package io.github.glia.kernels.cuda;

import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/**
 * The primary context of a GPU and the stream in it, opened at the first use, since a context takes
 * hundreds of MiB of a GPU that is perhaps another program's.
 */
final class Context {
  /** Of each thread: what the driver holds for its current context. */
  private static final ThreadLocal<Context> CURRENT = new ThreadLocal<>();

  private final CUdevice device;
  private final CUstream stream;
  private final Faults faults;
  private final CUcontext context = new CUcontext();
  private boolean open;

  Context(CUdevice device, CUstream stream, Faults faults) {
    this.device = device;
    this.stream = stream;
    this.faults = faults;
  }

  /** Lets the calling thread's next calls of the driver, cuDNN and cuBLAS be of this GPU. */
  void makeCurrent() {
    if (CURRENT.get() != this) {
      change();
    }
  }

  private synchronized void change() {
    if (!open) {
      check(JCudaDriver.cuDevicePrimaryCtxRetain(context, device), "retain the context");
    }
    try {
      CURRENT.remove();
      check(JCudaDriver.cuCtxSetCurrent(context), "make the context current");
      if (!open) {
        check(
            JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING),
            "create a stream");
      }
    } catch (RuntimeException e) {
      if (!open) {
        JCudaDriver.cuDevicePrimaryCtxRelease(device);
      }
      throw e;
    }
    open = true;
    CURRENT.set(this);
  }

  private void check(int status, String doing) {
    faults.check(status, doing);
  }
}
