package io.github.glia.kernels.upsample;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.Elements;
import io.github.glia.kernels.cpu.Parallel;
import io.github.glia.tensor.DType;
import java.util.Arrays;

/** The gradient of bilinear upsampling for the outermost rows and columns, in plain Java. */
final class BilinearEdges {
  private final CpuBackend cpu;
  private final UpsampleShape shape;
  private final DType type;
  private final Taps vertical;
  private final Taps horizontal;
  private final int rows;
  private final Parallel.Body body = this::row;

  /** What a thread adds up, and what it adds. */
  private final ThreadLocal<Elements> sums;

  private final ThreadLocal<Elements> runs;

  /** Of the call that runs. */
  private long dy;

  private long dx;

  BilinearEdges(CpuBackend cpu, UpsampleShape shape, DType type) {
    this.cpu = cpu;
    this.shape = shape;
    this.type = type;
    vertical = new Taps(shape.height(), shape.scaleHeight());
    horizontal = new Taps(shape.width(), shape.scaleWidth());
    rows = Math.multiplyExact(shape.batch(), shape.height());
    int longest = Math.multiplyExact(horizontal.mostOutputs(), shape.channels());
    sums = ThreadLocal.withInitial(() -> new Elements(shape.channels()));
    runs = ThreadLocal.withInitial(() -> new Elements(longest));
  }

  /** For callers that hold the lock. */
  void compute(long gradientOfY, long gradientOfX) {
    dy = gradientOfY;
    dx = gradientOfX;
    Parallel.forEachPart(rows, 1, body);
  }

  private void row(long row, int one) {
    int k = (int) (row % shape.height());
    boolean whole = k == 0 || k == shape.height() - 1;
    int step = whole ? 1 : Math.max(1, shape.width() - 1);
    for (int l = 0; l < shape.width(); l += step) {
      place((int) (row / shape.height()), k, l);
    }
  }

  /** dx[k, l] = Σ(i, j) a(i, k) · b(j, l) · dy[i, j] for all channels. */
  private void place(int image, int k, int l) {
    int channels = shape.channels();
    int firstColumn = horizontal.first(Math.max(l - 1, 0));
    int endColumn = horizontal.first(l + 1);
    Elements run = runs.get();
    Elements sum = sums.get();
    Arrays.fill(sum.values, 0);
    for (int i = vertical.first(Math.max(k - 1, 0)); i < vertical.first(k + 1); i++) {
      long place = ((long) image * shape.outHeight() + i) * shape.outWidth() + firstColumn;
      run.read(cpu, dy, type, place * channels, (endColumn - firstColumn) * channels);
      for (int j = firstColumn; j < endColumn; j++) {
        float weight = vertical.weight(i, k) * horizontal.weight(j, l);
        int from = (j - firstColumn) * channels;
        for (int c = 0; c < channels; c++) {
          sum.values[c] += weight * run.values[from + c];
        }
      }
    }
    long place = ((long) image * shape.height() + k) * shape.width() + l;
    sum.write(cpu, dx, type, place * channels, channels);
  }
}
