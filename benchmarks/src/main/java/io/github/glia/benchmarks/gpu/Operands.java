package io.github.glia.benchmarks.gpu;

import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Memory;
import io.github.glia.tensor.Philox;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/**
 * Memory for what is measured, full of random numbers as operands are: what a GPU makes of zeros
 * might take another time.
 */
final class Operands implements AutoCloseable {
  private static final int PATTERN = 1 << 20;

  private final Device device;
  private final Scope scope = Scope.detached();
  private final Tensor pattern;
  private Memory.Block block;

  Operands(Device device, DType type) {
    this.device = device;
    Philox random = new Philox(1, 0);
    float[] values = new float[PATTERN];
    for (int i = 0; i < PATTERN; i++) {
      values[i] = random.nextFloat() - 0.5f;
    }
    try (Scope making = Scope.open()) {
      pattern = scope.adopt(Tensor.of(device, type, Shape.of(PATTERN), values));
    }
  }

  /**
   * The address of so many random bytes, with others of any content behind. What it gave before is
   * no longer to be used.
   */
  long atLeast(long random, long others) {
    if (block == null || block.capacity() < random + others) {
      release();
      block = device.memory().allocate(random + others);
    }
    long copied = Math.min(random, pattern.bytes());
    device.driver().copy(pattern.address(), block.address(), copied);
    while (copied < random) {
      long more = Math.min(copied, random - copied);
      device.driver().copy(block.address(), block.address() + copied, more);
      copied += more;
    }
    return block.address();
  }

  private void release() {
    if (block != null) {
      block.release();
      block = null;
      device.memory().trim();
    }
  }

  @Override
  public void close() {
    release();
    scope.close();
  }
}
