package io.github.glia.tensor;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A block of memory that a tensor and the views of it share; freed when the last of them closes.
 */
final class Storage {
  private static final AtomicLong VERSIONS = new AtomicLong();

  final Device device;
  final Memory.Block block;
  private int owners = 1;
  private volatile long version = VERSIONS.incrementAndGet();

  Storage(Device device, long bytes) {
    this.device = device;
    this.block = device.memory().allocate(bytes);
  }

  synchronized void share() {
    owners++;
  }

  synchronized void release() {
    if (--owners == 0) {
      block.release();
    }
  }

  void changed() {
    version = VERSIONS.incrementAndGet();
  }

  long version() {
    return version;
  }
}
