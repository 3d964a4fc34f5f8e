package io.github.glia.kernels.cpu;

import io.github.glia.tensor.DType;
import io.github.glia.tensor.HalfPrecision;
import java.nio.ByteBuffer;

/** Elements of any type as {@code float}, for kernels of plain Java. */
public final class Elements {
  private Elements() {}

  /** The elements {@code from … from + n − 1} of an array. */
  public static float[] read(long address, DType dtype, long from, int n) {
    float[] values = new float[n];
    ByteBuffer source = part(address, dtype, from, n);
    switch (dtype) {
      case F32 -> source.asFloatBuffer().get(0, values);
      case BF16 -> {
        short[] bits = shorts(source, n);
        for (int i = 0; i < n; i++) {
          values[i] = HalfPrecision.fromBf16(bits[i]);
        }
      }
      case F16 -> {
        short[] bits = shorts(source, n);
        for (int i = 0; i < n; i++) {
          values[i] = HalfPrecision.fromF16(bits[i]);
        }
      }
      case U8 -> {
        byte[] bytes = new byte[n];
        source.get(0, bytes);
        for (int i = 0; i < n; i++) {
          values[i] = bytes[i] & 0xff;
        }
      }
    }
    return values;
  }

  /** Writes all values, rounded to a floating type, to an array from element {@code from} on. */
  public static void write(long address, DType dtype, long from, float[] values) {
    int n = values.length;
    ByteBuffer target = part(address, dtype, from, n);
    switch (dtype) {
      case F32 -> target.asFloatBuffer().put(0, values);
      case BF16 -> {
        short[] bits = new short[n];
        for (int i = 0; i < n; i++) {
          bits[i] = HalfPrecision.toBf16(values[i]);
        }
        target.asShortBuffer().put(0, bits);
      }
      case F16 -> {
        short[] bits = new short[n];
        for (int i = 0; i < n; i++) {
          bits[i] = HalfPrecision.toF16(values[i]);
        }
        target.asShortBuffer().put(0, bits);
      }
      case U8 -> throw new IllegalArgumentException("elements of U8 are not computed");
    }
  }

  private static ByteBuffer part(long address, DType dtype, long from, int n) {
    return Location.buffer(address + from * dtype.bytes(), (long) n * dtype.bytes());
  }

  private static short[] shorts(ByteBuffer source, int n) {
    short[] bits = new short[n];
    source.asShortBuffer().get(0, bits);
    return bits;
  }
}
