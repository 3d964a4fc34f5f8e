package io.github.glia.kernels.cuda;

import io.github.glia.tensor.DType;

/**
 * The sum of all rows of a matrix in rows, in F32: {@code columns.cu}.
 *
 * <pre>  sums[c] = Σ(r) x[r, c]</pre>
 *
 * <p>The rows are cut into parts, whose number depends on the matrix and the GPU alone, the sums of
 * parts are written to the workspace, and a second launch adds them up: so the order of additions
 * is always the same.
 */
public final class ColumnSum {
  private final ImageTiles tiles;
  private final int columns;
  private final Kernel sums;
  private final Kernel total;

  public ColumnSum(CudaBackend cuda, DType type, long rows, int columns) {
    tiles = new ImageTiles(cuda, 1, rows, columns);
    this.columns = columns;
    sums = cuda.kernel("columns", "column_sums" + CudaBackend.suffix(type) + tiles.suffix());
    total = cuda.kernel("columns", "column_total");
  }

  /** What {@link #run} needs of the workspace. */
  public long bytes() {
    return (long) columns * tiles.parts() * Double.BYTES;
  }

  /** For callers that hold the device's lock. */
  public void run(long x, long result, long scratch) {
    tiles.launch(sums.pointer(x).pointer(scratch));
    total
        .pointer(scratch)
        .pointer(result)
        .small(tiles.parts())
        .launch(columns, ImageTiles.threadsFor(tiles.parts()));
  }
}
