package io.github.glia.kernels.upsample;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.Parallel;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.HalfPrecision;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The gradient of bilinear upsampling in plain Java, in two steps: rows of dy are added up to one
 * row, as wide as they are, for each row of dx; then its columns are added up.
 */
final class BilinearGradient {
  /** Rows of dx that one thread computes at a time. Rows of dy at their ends are read twice. */
  private static final int ROWS = 16;

  private final CpuBackend cpu;
  private final UpsampleShape shape;
  private final DType type;
  private final Taps vertical;
  private final Taps horizontal;

  BilinearGradient(CpuBackend cpu, UpsampleShape shape, DType type) {
    this.cpu = cpu;
    this.shape = shape;
    this.type = type;
    vertical = new Taps(shape.height(), shape.scaleHeight());
    horizontal = new Taps(shape.width(), shape.scaleWidth());
  }

  void compute(long dy, long dx) {
    int blocks = (shape.height() + ROWS - 1) / ROWS;
    Parallel.forEach(
        Math.multiplyExact(shape.batch(), blocks),
        b -> block(dy, dx, b / blocks, b % blocks * ROWS));
  }

  private void block(long dy, long dx, int image, int first) {
    int end = Math.min(first + ROWS, shape.height());
    float[] row = new float[shape.outWidth() * shape.channels()];
    float[] sum = new float[row.length];
    float[] next = new float[row.length];
    float[] result = new float[shape.width() * shape.channels()];
    int k = Math.max(first - 1, 0);
    for (int i = vertical.first(k); i < vertical.first(end); i++) {
      if (vertical.lower(i) > k) {
        finish(dx, image, k, first, sum, result);
        float[] finished = sum;
        sum = next;
        next = finished;
        Arrays.fill(next, 0);
        k++;
      }
      read(dy, (long) image * shape.outHeight() + i, row);
      float fraction = vertical.fraction(i);
      for (int e = 0; e < row.length; e++) {
        sum[e] += (1 - fraction) * row[e];
        next[e] += fraction * row[e];
      }
    }
    finish(dx, image, k, first, sum, result);
  }

  /** Writes row k of dx, unless it is the one above the block, whose sum is not whole. */
  private void finish(long dx, int image, int k, int first, float[] sum, float[] result) {
    if (k >= first) {
      addColumns(sum, result);
      write(dx, (long) image * shape.height() + k, result);
    }
  }

  private void addColumns(float[] sum, float[] result) {
    int channels = shape.channels();
    Arrays.fill(result, 0);
    for (int l = 0; l < shape.width(); l++) {
      int end = horizontal.first(l + 1);
      int j = horizontal.first(Math.max(l - 1, 0));
      for (; j + 1 < end; j += 2) {
        float a = horizontal.weight(j, l);
        float b = horizontal.weight(j + 1, l);
        addTwoPlaces(result, l * channels, a, b, sum, j * channels, channels);
      }
      if (j < end) {
        addPlace(result, l * channels, horizontal.weight(j, l), sum, j * channels, channels);
      }
    }
  }

  private static void addTwoPlaces(
      float[] to, int at, float a, float b, float[] from, int first, int channels) {
    int second = first + channels;
    for (int c = 0; c < channels; c++) {
      to[at + c] += a * from[first + c] + b * from[second + c];
    }
  }

  private static void addPlace(float[] to, int at, float a, float[] from, int first, int channels) {
    for (int c = 0; c < channels; c++) {
      to[at + c] += a * from[first + c];
    }
  }

  private void read(long address, long rowIndex, float[] row) {
    ByteBuffer view = view(address, rowIndex, row.length);
    if (type == DType.F32) {
      view.asFloatBuffer().get(row);
      return;
    }
    short[] bits = new short[row.length];
    view.asShortBuffer().get(bits);
    if (type == DType.BF16) {
      for (int e = 0; e < bits.length; e++) {
        row[e] = HalfPrecision.fromBf16(bits[e]);
      }
    } else {
      for (int e = 0; e < bits.length; e++) {
        row[e] = HalfPrecision.fromF16(bits[e]);
      }
    }
  }

  private void write(long address, long rowIndex, float[] row) {
    ByteBuffer view = view(address, rowIndex, row.length);
    if (type == DType.F32) {
      view.asFloatBuffer().put(row);
      return;
    }
    short[] bits = new short[row.length];
    if (type == DType.BF16) {
      for (int e = 0; e < bits.length; e++) {
        bits[e] = HalfPrecision.toBf16(row[e]);
      }
    } else {
      for (int e = 0; e < bits.length; e++) {
        bits[e] = HalfPrecision.toF16(row[e]);
      }
    }
    view.asShortBuffer().put(bits);
  }

  private ByteBuffer view(long address, long row, int elements) {
    long bytes = (long) elements * type.bytes();
    return cpu.view(address + row * bytes, bytes);
  }
}
