package io.github.glia.kernels.conv;

import java.util.ArrayList;
import java.util.List;

/**
 * Images as tiles for {@link WinogradConv2d}: the tile (i, j) is the m × m pixels at (m·i, m·j),
 * and what is outside the image is 0.
 *
 * @param side of a tile, m
 */
record WinogradTiles(int batch, int height, int width, int side) {
  static WinogradTiles of(Conv2dShape s, WinogradMatrices matrices) {
    return new WinogradTiles(s.batch(), s.height(), s.width(), matrices.pixels());
  }

  int rows() {
    return (height + side - 1) / side;
  }

  int columns() {
    return (width + side - 1) / side;
  }

  int count() {
    return batch * rows() * columns();
  }

  /**
   * Rows of tiles that are computed together, of one image or of several whole ones.
   *
   * @param images from {@code firstImage} on
   * @param rows of each, from {@code firstRow} on
   */
  record Band(int firstImage, int images, int firstRow, int rows) {}

  int tilesOf(Band band) {
    return band.images * band.rows * columns();
  }

  /** All rows in bands of about as many tiles as wanted, and no more than twice as many. */
  List<Band> bands(long wanted) {
    long perImage = (long) rows() * columns();
    if (perImage <= wanted) {
      return bandsOfImages((int) Math.min(batch, wanted / perImage));
    }
    int perBand = (int) Math.max(1, wanted / columns());
    int bandsOfAnImage = (rows() + perBand - 1) / perBand;
    int rowsOfABand = (rows() + bandsOfAnImage - 1) / bandsOfAnImage;
    List<Band> bands = new ArrayList<>();
    for (int image = 0; image < batch; image++) {
      for (int row = 0; row < rows(); row += rowsOfABand) {
        bands.add(new Band(image, 1, row, Math.min(rowsOfABand, rows() - row)));
      }
    }
    return bands;
  }

  private List<Band> bandsOfImages(int images) {
    List<Band> bands = new ArrayList<>();
    for (int image = 0; image < batch; image += images) {
      bands.add(new Band(image, Math.min(images, batch - image), 0, rows()));
    }
    return bands;
  }

  /** All that the primitives of a band depend on, besides its place in memory. */
  Band form(Band band) {
    boolean top = band.firstRow == 0;
    boolean bottom = band.firstRow + band.rows == rows();
    int first = top ? 0 : bottom ? band.firstRow : 1;
    return new Band(0, band.images, first, band.rows);
  }
}
