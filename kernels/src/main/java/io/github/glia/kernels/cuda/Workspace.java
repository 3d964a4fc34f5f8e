package io.github.glia.kernels.cuda;

/**
 * Memory for what one call of a plan needs besides its tensors. It grows to the largest size asked
 * for; its content is undefined at the start of a call. Where it grows in a recording, the device
 * keeps what became too small.
 */
final class Workspace {
  private final CudaBackend cuda;
  private long address;
  private long bytes;

  Workspace(CudaBackend cuda) {
    this.cuda = cuda;
  }

  /** Sizes of parts of a workspace are made multiples of this, as addresses of the driver are. */
  static long aligned(long bytes) {
    return (bytes + 255) / 256 * 256;
  }

  long atLeast(long wanted) {
    if (wanted > bytes) {
      release();
      address = cuda.allocateOwn(wanted);
      bytes = wanted;
    }
    return address;
  }

  void release() {
    if (bytes > 0) {
      bytes = 0;
      cuda.free(address);
    }
  }
}
