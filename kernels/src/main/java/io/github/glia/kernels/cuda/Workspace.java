package io.github.glia.kernels.cuda;

import io.github.glia.kernels.Release;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Memory for what one call of a plan needs besides its tensors. It grows to the largest size asked
 * for; its content is undefined at the start of a call.
 *
 * <p>What a recording has noted keeps its addresses. So memory that becomes too small in a
 * recording is kept until the recording is closed, with its workspace.
 */
final class Workspace {
  private final CudaBackend cuda;
  private final Deque<Long> outgrown = new ArrayDeque<>();
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
      if (cuda.recording() == null) {
        release();
      } else if (bytes > 0) {
        outgrown.push(address);
        bytes = 0;
      }
      address = cuda.allocate(wanted);
      bytes = wanted;
    }
    return address;
  }

  void release() {
    Release release = new Release();
    while (!outgrown.isEmpty()) {
      long kept = outgrown.pop();
      release.of(() -> cuda.free(kept));
    }
    if (bytes > 0) {
      long kept = address;
      bytes = 0;
      release.of(() -> cuda.free(kept));
    }
    release.end();
  }
}
