package io.github.glia.kernels.upsample;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.Parallel;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.HalfPrecision;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** The gradient of bilinear upsampling for the outermost rows and columns, in plain Java. */
final class BilinearEdges {
  private final CpuBackend cpu;
  private final UpsampleShape shape;
  private final DType type;
  private final Taps vertical;
  private final Taps horizontal;

  BilinearEdges(CpuBackend cpu, UpsampleShape shape, DType type) {
    this.cpu = cpu;
    this.shape = shape;
    this.type = type;
    vertical = new Taps(shape.height(), shape.scaleHeight());
    horizontal = new Taps(shape.width(), shape.scaleWidth());
  }

  void compute(long dy, long dx) {
    int height = shape.height();
    Parallel.forEach(
        Math.multiplyExact(shape.batch(), height),
        row -> {
          int k = row % height;
          boolean whole = k == 0 || k == height - 1;
          int step = whole ? 1 : Math.max(1, shape.width() - 1);
          float[] sum = new float[shape.channels()];
          for (int l = 0; l < shape.width(); l += step) {
            place(dy, dx, row / height, k, l, sum);
          }
        });
  }

  /** dx[k, l] = Σ(i, j) a(i, k) · b(j, l) · dy[i, j] for all channels. */
  private void place(long dy, long dx, int image, int k, int l, float[] sum) {
    int channels = shape.channels();
    int firstColumn = horizontal.first(Math.max(l - 1, 0));
    int endColumn = horizontal.first(l + 1);
    float[] run = new float[(endColumn - firstColumn) * channels];
    Arrays.fill(sum, 0);
    for (int i = vertical.first(Math.max(k - 1, 0)); i < vertical.first(k + 1); i++) {
      long place = ((long) image * shape.outHeight() + i) * shape.outWidth() + firstColumn;
      read(dy, place, run);
      for (int j = firstColumn; j < endColumn; j++) {
        float weight = vertical.weight(i, k) * horizontal.weight(j, l);
        int from = (j - firstColumn) * channels;
        for (int c = 0; c < channels; c++) {
          sum[c] += weight * run[from + c];
        }
      }
    }
    write(dx, ((long) image * shape.height() + k) * shape.width() + l, sum);
  }

  private void read(long address, long place, float[] values) {
    ByteBuffer view = view(address, place, values.length);
    switch (type) {
      case F32 -> view.asFloatBuffer().get(values);
      case BF16 -> {
        for (int e = 0; e < values.length; e++) {
          values[e] = HalfPrecision.fromBf16(view.getShort());
        }
      }
      case F16 -> {
        for (int e = 0; e < values.length; e++) {
          values[e] = HalfPrecision.fromF16(view.getShort());
        }
      }
      case U8 -> throw new IllegalStateException("U8 has no gradient");
    }
  }

  private void write(long address, long place, float[] values) {
    ByteBuffer view = view(address, place, values.length);
    for (float value : values) {
      switch (type) {
        case F32 -> view.putFloat(value);
        case BF16 -> view.putShort(HalfPrecision.toBf16(value));
        case F16 -> view.putShort(HalfPrecision.toF16(value));
        case U8 -> throw new IllegalStateException("U8 has no gradient");
      }
    }
  }

  private ByteBuffer view(long address, long place, int elements) {
    return cpu.view(
        address + place * shape.channels() * type.bytes(), (long) elements * type.bytes());
  }
}
