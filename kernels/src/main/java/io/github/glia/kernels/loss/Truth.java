package io.github.glia.kernels.loss;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.tensor.DType;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.concurrent.atomic.LongAccumulator;

/**
 * A part of the truth, read as F32 whatever its type is. A value that is no truth is read as 0, and
 * the index of the first of them is remembered.
 */
final class Truth {
  private final LossPlan.Key key;
  private final long from;
  private final FloatBuffer floats;
  private final ByteBuffer bytes;
  private final LongAccumulator firstRefused;

  /** Elements {@code from … from + n − 1} of the truth at that address. */
  Truth(
      CpuBackend cpu,
      LossPlan.Key key,
      long address,
      long from,
      int n,
      LongAccumulator firstRefused) {
    this.key = key;
    this.from = from;
    this.floats = key.truth() == DType.F32 ? cpu.floats(address, from, n) : null;
    this.bytes = key.truth() == DType.U8 ? cpu.view(address + from, n) : null;
    this.firstRefused = firstRefused;
  }

  /** Reads the elements {@code at … at + n − 1} of the part. */
  void read(int at, float[] t, int n) {
    if (floats != null) {
      floats.get(at, t, 0, n);
    } else {
      for (int i = 0; i < n; i++) {
        t[i] = bytes.get(at + i) & 0xff;
      }
    }
    int largest = key.largestTruth();
    boolean onlyIntegers = key.truthIsClass();
    for (int i = 0; i < n; i++) {
      boolean isTruth = t[i] >= 0 && t[i] <= largest && !(onlyIntegers && t[i] != (int) t[i]);
      if (!isTruth) {
        firstRefused.accumulate(from + at + i);
        t[i] = 0;
      }
    }
  }
}
