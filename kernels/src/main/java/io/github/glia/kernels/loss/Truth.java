package io.github.glia.kernels.loss;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.tensor.DType;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/** A part of the truth, read as F32 whatever its type is. */
final class Truth {
  private final FloatBuffer floats;
  private final ByteBuffer bytes;

  Truth(CpuBackend cpu, DType dtype, long address, long from, int n) {
    floats = dtype == DType.F32 ? cpu.floats(address, from, n) : null;
    bytes = dtype == DType.U8 ? cpu.view(address + from, n) : null;
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
  }
}
