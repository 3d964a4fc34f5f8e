package io.github.glia.unet.phantom;

/**
 * Where the voxels of a volume lie in the head. Columns go from right to left, rows from the front
 * to the back and slices upwards, as in BraTS.
 *
 * @param size columns, and rows, of a slice
 * @param pixel millimetres from column to column, and from row to row
 * @param step millimetres from slice to slice
 * @param lowest height of the first slice
 */
record NiftiGrid(int size, int slices, double pixel, double step, double lowest) {
  /** Millimetres from the middle of the head to the first column and to the first row. */
  double reach() {
    return (size - 1) / 2.0 * pixel;
  }
}
