package io.github.glia.tensor;

/**
 * A block of memory that a tensor and the views of it share; freed when the last of them closes.
 */
final class Storage {
  final Device device;
  final Memory.Block block;
  private int owners = 1;
  private long version;

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

  synchronized void changed() {
    version++;
  }

  synchronized long version() {
    return version;
  }
}
