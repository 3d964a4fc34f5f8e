package io.github.glia.kernels.loss;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.Window;
import io.github.glia.tensor.DType;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Reads the truth as F32 whatever its type is. A value that is no truth is read as 0, and the index
 * of the first of them is remembered.
 */
final class Truth {
  private static final ThreadLocal<byte[]> BYTES =
      ThreadLocal.withInitial(() -> new byte[Chunk.SIZE]);

  private final CpuBackend cpu;
  private final DType type;
  private final int largest;
  private final boolean onlyIntegers;
  private final AtomicLong firstRefused = new AtomicLong(Long.MAX_VALUE);

  Truth(CpuBackend cpu, LossPlan.Key key) {
    this.cpu = cpu;
    type = key.truth();
    largest = key.largestTruth();
    onlyIntegers = key.truthIsClass();
  }

  /** Reads the elements {@code from … from + n − 1}, at most {@link Chunk#SIZE}, of a truth. */
  void read(long truth, long from, float[] t, int n) {
    long address = truth + from * type.bytes();
    Window window = cpu.window(address);
    if (type == DType.F32) {
      window.read(address, t, n);
    } else {
      byte[] bytes = BYTES.get();
      window.read(address, bytes, n);
      for (int i = 0; i < n; i++) {
        t[i] = bytes[i] & 0xff;
      }
    }
    for (int i = 0; i < n; i++) {
      boolean isTruth = t[i] >= 0 && t[i] <= largest && !(onlyIntegers && t[i] != (int) t[i]);
      if (!isTruth) {
        refuse(from + i);
        t[i] = 0;
      }
    }
  }

  private void refuse(long index) {
    long first = firstRefused.get();
    while (index < first && !firstRefused.compareAndSet(first, index)) {
      first = firstRefused.get();
    }
  }

  /** The index of the first value since the last call that was none; Long.MAX_VALUE without one. */
  long refused() {
    return firstRefused.getAndSet(Long.MAX_VALUE);
  }
}
