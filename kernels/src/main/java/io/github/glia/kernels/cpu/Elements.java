package io.github.glia.kernels.cpu;

import io.github.glia.tensor.DType;
import io.github.glia.tensor.HalfPrecision;

/** Elements of any type as {@code float}, in an array that kernels of plain Java work on. */
public final class Elements {
  private static final ThreadLocal<Elements> OF_THREAD =
      ThreadLocal.withInitial(() -> new Elements(Parallel.PART));

  /** Those that were read, or will be written, from index 0 on. */
  public final float[] values;

  private short[] halves;
  private byte[] bytes;

  public Elements(int most) {
    values = new float[most];
  }

  /** Those of this thread, for a part of a loop. */
  public static Elements ofThread() {
    return OF_THREAD.get();
  }

  /** Reads the elements {@code from … from + n − 1} of an array. */
  public Elements read(CpuBackend cpu, long array, DType dtype, long from, int n) {
    long address = array + from * dtype.bytes();
    Window window = cpu.window(address);
    switch (dtype) {
      case F32 -> window.read(address, values, n);
      case BF16 -> {
        window.read(address, halves(), n);
        for (int i = 0; i < n; i++) {
          values[i] = HalfPrecision.fromBf16(halves[i]);
        }
      }
      case F16 -> {
        window.read(address, halves(), n);
        for (int i = 0; i < n; i++) {
          values[i] = HalfPrecision.fromF16(halves[i]);
        }
      }
      case U8 -> {
        window.read(address, bytes(), n);
        for (int i = 0; i < n; i++) {
          values[i] = bytes[i] & 0xff;
        }
      }
      case I8 -> {
        window.read(address, bytes(), n);
        for (int i = 0; i < n; i++) {
          values[i] = bytes[i];
        }
      }
    }
    return this;
  }

  /** Writes the elements {@code from … from + n − 1} of an array, rounded to a floating type. */
  public void write(CpuBackend cpu, long array, DType dtype, long from, int n) {
    long address = array + from * dtype.bytes();
    Window window = cpu.window(address);
    switch (dtype) {
      case F32 -> window.write(address, values, n);
      case BF16 -> {
        short[] rounded = halves();
        for (int i = 0; i < n; i++) {
          rounded[i] = HalfPrecision.toBf16(values[i]);
        }
        window.write(address, rounded, n);
      }
      case F16 -> {
        short[] rounded = halves();
        for (int i = 0; i < n; i++) {
          rounded[i] = HalfPrecision.toF16(values[i]);
        }
        window.write(address, rounded, n);
      }
      case U8, I8 ->
          throw new IllegalArgumentException("elements of " + dtype + " are not computed");
    }
  }

  private short[] halves() {
    if (halves == null) {
      halves = new short[values.length];
    }
    return halves;
  }

  private byte[] bytes() {
    if (bytes == null) {
      bytes = new byte[values.length];
    }
    return bytes;
  }
}
