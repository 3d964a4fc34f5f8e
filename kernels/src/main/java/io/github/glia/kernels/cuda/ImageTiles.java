package io.github.glia.kernels.cuda;

/**
 * How the threads of a launch lie on images of so many rows of channels, where a row is a pixel:
 * the arithmetic of {@code tiles.cuh}. A thread works on a pack of channels of several rows of one
 * image.
 */
public final class ImageTiles {
  /** Channels of a pack, where they divide all channels; otherwise each channel is a pack. */
  private static final int PACK = 8;

  /** Rows of a thread: enough to be worth its beginning and end. */
  private static final int LEAST_ROWS = 4;

  /** Few enough to be added up in F32. */
  private static final int MOST_ROWS = 64;

  /** Blocks that a processor works on at once; with so many all of them begin and end together. */
  private static final int BLOCKS_OF_PROCESSOR = 3;

  private final long images;
  private final long rows;
  private final int packs;
  private final int width;
  private final int blocksOfRow;
  private final long rowsOfPart;
  private final int parts;

  public ImageTiles(CudaBackend cuda, long images, long rows, int channels) {
    this.images = images;
    this.rows = rows;
    width = channels % PACK == 0 ? PACK : 1;
    packs = channels / width;
    blocksOfRow = Math.toIntExact(quotient(packs, CudaBackend.THREADS));
    int rowsOfBlock = CudaBackend.THREADS / Math.min(packs, CudaBackend.THREADS);
    long each =
        quotient(
            images * rows * blocksOfRow,
            (long) rowsOfBlock * BLOCKS_OF_PROCESSOR * cuda.processors());
    rowsOfPart = rowsOfBlock * Math.max(LEAST_ROWS, Math.min(each, MOST_ROWS));
    parts = Math.toIntExact(quotient(rows, rowsOfPart));
  }

  /** Rounded up. */
  private static long quotient(long a, long b) {
    return (a + b - 1) / b;
  }

  /** The end of the name of a kernel for packs of this width. */
  public String suffix() {
    return "_" + width;
  }

  /** Packs of a row. */
  public int packs() {
    return packs;
  }

  /** Parts of an image, each the work of one block: sums over an image are of so many sums. */
  public int parts() {
    return parts;
  }

  /**
   * Launches with the arguments given so far, and after them {@code rows, packs, parts,
   * rows_of_part}.
   */
  public void launch(Kernel kernel) {
    kernel
        .whole(rows)
        .small(packs)
        .small(parts)
        .whole(rowsOfPart)
        .launch(Math.toIntExact(images * parts), blocksOfRow, CudaBackend.THREADS, 0);
  }

  /** Threads of a block that adds up so many values. */
  public static int threadsFor(long values) {
    return (int) Math.min(CudaBackend.THREADS, quotient(values, 32) * 32);
  }
}
