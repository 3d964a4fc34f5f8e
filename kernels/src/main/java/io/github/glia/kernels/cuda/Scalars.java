package io.github.glia.kernels.cuda;

import jcuda.driver.CUstreamCaptureStatus;
import jcuda.driver.JCudaDriver;

/**
 * Numbers that a kernel reads from the device's memory because they change from call to call, such
 * as the learning rate: a captured CUDA graph replays its kernels with the arguments that they had,
 * but each replay finds here what was written last.
 *
 * <p>They are written by a kernel of their own, whose arguments they are, in the order of all work:
 * nothing is waited for, and kernels that were launched before still find the numbers of before. A
 * capture must not record this writing, since every replay would repeat it: {@link #set} does
 * nothing during one. So set them before each replay.
 *
 * <p>For callers that hold the device's lock.
 */
public final class Scalars {
  /** How many there are. */
  public static final int COUNT = 4;

  private final CudaBackend cuda;
  private final Kernel writer;
  private final long address;
  private final int[] captureStatus = new int[1];

  public Scalars(CudaBackend cuda) {
    this.cuda = cuda;
    this.writer = cuda.kernel("scalars", "set_scalars");
    this.address = cuda.allocate((long) COUNT * Float.BYTES);
  }

  /** Writes all of them; those that a kernel does not read may be anything. */
  public void set(float a, float b, float c, float d) {
    if (!isCapturing()) {
      writer.pointer(address).real(a).real(b).real(c).real(d).launch(1, 1);
    }
  }

  /** Where kernels read them: a {@code const float *}. */
  public long address() {
    return address;
  }

  public void free() {
    cuda.free(address);
  }

  private boolean isCapturing() {
    cuda.check(
        JCudaDriver.cuStreamIsCapturing(cuda.stream(), captureStatus),
        "ask whether a graph is captured");
    return captureStatus[0] != CUstreamCaptureStatus.CU_STREAM_CAPTURE_STATUS_NONE;
  }
}
