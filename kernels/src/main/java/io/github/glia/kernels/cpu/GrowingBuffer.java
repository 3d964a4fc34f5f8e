package io.github.glia.kernels.cpu;

/** Memory that grows to the largest size asked for. Its content does not outlive a growth. */
final class GrowingBuffer {
  private final CpuBackend cpu;
  private long address;
  private long bytes;

  GrowingBuffer(CpuBackend cpu) {
    this.cpu = cpu;
  }

  long atLeast(long wanted) {
    if (wanted > bytes) {
      release();
      address = cpu.allocate(wanted);
      bytes = wanted;
    }
    return address;
  }

  void release() {
    if (bytes > 0) {
      cpu.free(address);
      bytes = 0;
      address = 0;
    }
  }
}
