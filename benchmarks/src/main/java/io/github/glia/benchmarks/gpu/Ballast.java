package io.github.glia.benchmarks.gpu;

import io.github.glia.tensor.Device;
import io.github.glia.tensor.Memory;
import io.github.glia.tensor.OutOfDeviceMemoryException;
import java.util.ArrayDeque;
import java.util.Deque;

/** Memory of a device that is taken so that little is left, however much it has. */
final class Ballast implements AutoCloseable {
  private static final long LARGEST = 1L << 30;
  private static final long SMALLEST = 1L << 20;

  private final Deque<Memory.Block> blocks = new ArrayDeque<>();
  private final Device device;

  private Ballast(Device device) {
    this.device = device;
  }

  /** Takes all that there is, and gives so many bytes back. */
  static Ballast leaving(Device device, long bytes) {
    Ballast ballast = new Ballast(device);
    for (long size = LARGEST; size >= SMALLEST; ) {
      try {
        ballast.blocks.push(device.memory().allocate(size));
      } catch (OutOfDeviceMemoryException e) {
        size /= 2; // the device is full to within so many bytes
      }
    }
    long free = 0;
    while (free < bytes && !ballast.blocks.isEmpty()) {
      Memory.Block block = ballast.blocks.pop();
      free += block.capacity();
      block.release();
    }
    device.memory().trim();
    return ballast;
  }

  long bytes() {
    return blocks.stream().mapToLong(Memory.Block::capacity).sum();
  }

  @Override
  public void close() {
    blocks.forEach(Memory.Block::release);
    blocks.clear();
    device.memory().trim();
  }
}
