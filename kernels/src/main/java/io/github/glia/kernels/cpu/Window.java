package io.github.glia.kernels.cpu;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;

/**
 * A part of the CPU's memory for kernels of plain Java, as buffers that are made once, when the
 * memory is allocated: a buffer for each call would be garbage in every step. {@link
 * CpuBackend#window} finds it by an address.
 */
public final class Window {
  final long start;
  private final ByteBuffer bytes;
  private final ShortBuffer shorts;
  private final FloatBuffer floats;

  Window(long start, long size) {
    this.start = start;
    bytes = Location.buffer(start, size);
    shorts = bytes.asShortBuffer();
    floats = bytes.asFloatBuffer();
  }

  public float getFloat(long address) {
    return floats.get(index(address, Float.BYTES));
  }

  public void putFloat(long address, float value) {
    floats.put(index(address, Float.BYTES), value);
  }

  /** Reads the n floats from an address on. */
  public void read(long address, float[] values, int n) {
    floats.get(index(address, Float.BYTES), values, 0, n);
  }

  /** Writes the first n values from an address on. */
  public void write(long address, float[] values, int n) {
    floats.put(index(address, Float.BYTES), values, 0, n);
  }

  public void read(long address, short[] values, int n) {
    shorts.get(index(address, Short.BYTES), values, 0, n);
  }

  public void write(long address, short[] values, int n) {
    shorts.put(index(address, Short.BYTES), values, 0, n);
  }

  public void read(long address, byte[] values, int n) {
    bytes.get(index(address, 1), values, 0, n);
  }

  private int index(long address, int elementBytes) {
    if (address % elementBytes != 0) {
      throw new IllegalArgumentException(
          "cpu: elements of "
              + elementBytes
              + " bytes begin at a multiple of that, but the address is "
              + address
              + ": align what lies before them");
    }
    return (int) ((address - start) / elementBytes);
  }
}
