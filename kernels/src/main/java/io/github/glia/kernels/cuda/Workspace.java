package io.github.glia.kernels.cuda;

/**
 * Memory for what one call of a plan needs besides its tensors. It grows to the largest size asked
 * for; its content is undefined at the start of a call.
 */
final class Workspace {
  private final CudaBackend cuda;
  private long address;
  private long bytes;

  Workspace(CudaBackend cuda) {
    this.cuda = cuda;
  }

  long atLeast(long wanted) {
    if (wanted > bytes) {
      release();
      address = cuda.allocate(wanted);
      bytes = wanted;
    }
    return address;
  }

  void release() {
    if (bytes > 0) {
      long freed = address;
      address = 0;
      bytes = 0;
      cuda.free(freed);
    }
  }
}
