package io.github.glia.kernels.pool;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.Parallel;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.HalfPrecision;
import io.github.glia.tensor.Tensor;
import java.nio.ByteBuffer;

/**
 * Max pooling for images with infinities and NaN, writing indices as oneDNN does: the place in the
 * window, row by row, as one or four bytes.
 */
final class ExactMaxPool2d {
  private final CpuBackend cpu;
  private final Pool2dShape shape;
  private final DType type;
  private final int indexBytes;

  ExactMaxPool2d(CpuBackend cpu, Pool2dShape shape, DType type, int indexBytes) {
    this.cpu = cpu;
    this.shape = shape;
    this.type = type;
    this.indexBytes = indexBytes;
  }

  /** {@code indices} may be null. */
  void forward(Tensor x, Tensor y, Tensor indices) {
    long from = x.address();
    long to = y.address();
    long places = indices == null ? 0 : indices.address();
    Parallel.forEach(
        Math.multiplyExact(shape.batch(), shape.outHeight()), row -> row(row, from, to, places));
  }

  /** One row of y, from the rows of x that its windows reach. */
  private void row(int row, long from, long to, long places) {
    Pool2dShape s = shape;
    long n = row / s.outHeight();
    int top = row % s.outHeight() * s.strideHeight() - s.paddingHeight();
    int first = Math.max(top, 0);
    int end = Math.min(top + s.kernelHeight(), s.height());
    long rowBytes = (long) s.width() * s.channels() * type.bytes();
    int outElements = s.outWidth() * s.channels();
    ByteBuffer x =
        cpu.view(
            from + (n * s.height() + first) * rowBytes, Math.multiplyExact(end - first, rowBytes));
    long outBytes = (long) outElements * type.bytes();
    ByteBuffer y = cpu.view(to + row * outBytes, outBytes);
    long placeBytes = (long) outElements * indexBytes;
    ByteBuffer place = places == 0 ? null : cpu.view(places + row * placeBytes, placeBytes);
    for (int yi = 0; yi < outElements; yi++) {
      int c = yi % s.channels();
      int left = yi / s.channels() * s.strideWidth() - s.paddingWidth();
      int largest = -1;
      int largestPlace = -1;
      float max = 0;
      for (int k = first; k < end; k++) {
        for (int l = Math.max(left, 0); l < Math.min(left + s.kernelWidth(), s.width()); l++) {
          int xi = ((k - first) * s.width() + l) * s.channels() + c;
          float value = value(type, x, xi);
          if (largest < 0 || value > max || Float.isNaN(value)) {
            max = value;
            largest = xi;
            largestPlace = (k - top) * s.kernelWidth() + l - left;
          }
        }
      }
      copy(x, largest, y, yi);
      if (place != null) {
        writePlace(place, yi, largestPlace);
      }
    }
  }

  private void writePlace(ByteBuffer place, int i, int value) {
    if (indexBytes == 1) {
      place.put(i, (byte) value);
    } else {
      place.putInt(i * Integer.BYTES, value);
    }
  }

  static float value(DType type, ByteBuffer x, int i) {
    return switch (type) {
      case F32 -> x.getFloat(i * Float.BYTES);
      case BF16 -> HalfPrecision.fromBf16(x.getShort(i * Short.BYTES));
      case F16 -> HalfPrecision.fromF16(x.getShort(i * Short.BYTES));
      case U8, I8 -> throw new IllegalStateException(type + " is not pooled here");
    };
  }

  private void copy(ByteBuffer x, int xi, ByteBuffer y, int yi) {
    if (type == DType.F32) {
      y.putInt(yi * Float.BYTES, x.getInt(xi * Float.BYTES));
    } else {
      y.putShort(yi * Short.BYTES, x.getShort(xi * Short.BYTES));
    }
  }
}
