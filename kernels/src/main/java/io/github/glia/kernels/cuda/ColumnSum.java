package io.github.glia.kernels.cuda;

import io.github.glia.tensor.DType;

/**
 * The sum of all rows of a matrix in rows, in F32: {@code columns.cu}.
 *
 * <pre>  sums[c] = Σ(r) x[r, c]</pre>
 *
 * <p>The rows are cut into parts whose number depends on the matrix alone, the sums of parts are
 * written to the workspace, and a second launch adds them up: so the order of additions is always
 * the same.
 */
public final class ColumnSum {
  private static final int ROWS_OF_A_THREAD = 32;
  private static final int MOST_PARTS = 1024;

  private final Kernel sumRows;
  private final Kernel sumParts;
  private final long rows;
  private final int columns;
  private final int parts;
  private final int tiles;

  public ColumnSum(CudaBackend cuda, DType type, long rows, int columns) {
    sumRows = cuda.kernel("columns", "column_sum" + CudaBackend.suffix(type));
    sumParts = cuda.kernel("columns", "column_sum" + CudaBackend.suffix(DType.F32));
    this.rows = rows;
    this.columns = columns;
    long rowsOfAPart =
        (long) ROWS_OF_A_THREAD * (CudaBackend.THREADS / Math.min(columns, CudaBackend.THREADS));
    parts = (int) Math.max(1, Math.min(MOST_PARTS, rows / rowsOfAPart));
    tiles = (columns + CudaBackend.THREADS - 1) / CudaBackend.THREADS;
  }

  /** What {@link #run} needs of the workspace. */
  public long bytes() {
    return parts == 1 ? 0 : (long) parts * columns * Float.BYTES;
  }

  /** For callers that hold the device's lock. */
  public void run(long x, long sums, long scratch) {
    if (parts == 1) {
      launch(sumRows, x, sums, rows, 1);
    } else {
      launch(sumRows, x, scratch, rows, parts);
      launch(sumParts, scratch, sums, parts, 1);
    }
  }

  private void launch(Kernel kernel, long x, long sums, long ofRows, int inParts) {
    kernel
        .pointer(x)
        .pointer(sums)
        .whole(ofRows)
        .small(columns)
        .launch(inParts, tiles, CudaBackend.THREADS, 0);
  }
}
