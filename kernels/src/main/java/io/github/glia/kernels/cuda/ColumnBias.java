package io.github.glia.kernels.cuda;

import io.github.glia.tensor.DType;

/**
 * Adds a bias to each column of a matrix in rows, and applies a ReLU, in place: {@code columns.cu}.
 *
 * <pre>  y[r, c] = max(0, y[r, c] + b[c])</pre>
 *
 * <p>NaN stays NaN.
 */
public final class ColumnBias {
  /** What a thread moves at once, where columns and addresses allow it. */
  private static final int PACK_BYTES = 16;

  private final CudaBackend cuda;
  private final Kernel kernel;
  private final long count;
  private final int columns;
  private final int ofPack;
  private final boolean relu;

  public ColumnBias(CudaBackend cuda, DType type, long rows, int columns, boolean relu) {
    this.cuda = cuda;
    kernel = cuda.kernel("columns", "bias_relu" + CudaBackend.suffix(type));
    count = rows * columns;
    this.columns = columns;
    ofPack = columns * type.bytes() % PACK_BYTES == 0 ? PACK_BYTES / type.bytes() : 1;
    this.relu = relu;
  }

  /**
   * For callers that hold the device's lock.
   *
   * @param b F32, or 0 where there is no bias
   */
  public void run(long y, long b) {
    kernel
        .pointer(y)
        .pointer(b)
        .whole(count)
        .small(columns)
        .small(relu ? 1 : 0)
        .launch(cuda.blocks(count / ofPack), CudaBackend.THREADS);
  }
}
