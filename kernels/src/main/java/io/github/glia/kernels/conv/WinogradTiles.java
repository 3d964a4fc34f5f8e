package io.github.glia.kernels.conv;

import io.github.glia.kernels.cpu.CpuBackend;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Images as tiles for {@link WinogradConv2d}: each tile makes 2 × 2 pixels of output of 4 × 4
 * pixels of input, so that those of neighbours overlap by 2. The tile at (i, j) has its output at
 * (2i, 2j) and its input from (2i − 1, 2j − 1) on; what is outside the image is 0.
 *
 * <p>A <i>row</i> is a row of tiles of one image; rows count through all images of the batch.
 * <i>Planes</i> are {@code [16, tiles, channels]}: plane 4u + v has the element (u, v) of each
 * tile's transform.
 *
 * <p>Each place in a tile has an array for a whole row of tiles, so that each sum of a transform is
 * a sum of arrays.
 */
record WinogradTiles(CpuBackend cpu, int batch, int height, int width) {
  static final int PLANES = 16;

  int rowsOfAnImage() {
    return (height + 1) / 2;
  }

  int rows() {
    return batch * rowsOfAnImage();
  }

  int columns() {
    return (width + 1) / 2;
  }

  /** {@code Bᵀ·d·B} of each tile d in rows of the images {@code x}. */
  final class Input {
    private final int channels;
    private final int planeRow;

    /** Pixel (u, v) of each tile of a row. */
    private float[][][] d;

    private final float[][] transformed;
    private final float[] plane;

    Input(int channels) {
      this.channels = channels;
      planeRow = columns() * channels;
      d = new float[4][4][planeRow];
      transformed = new float[4][planeRow];
      plane = new float[planeRow];
    }

    /**
     * Transforms the rows {@code first … first + n − 1}.
     *
     * @param planes of so many rows, the first of which is {@code firstOfPlanes}
     */
    void transform(long x, int first, int n, long planes, int firstOfPlanes, int rowsOfPlanes) {
      FloatBuffer to = cpu.floats(planes, 0, PLANES * rowsOfPlanes * planeRow);
      for (int row = first; row < first + n; row++) {
        read(x, row, row > first && row % rowsOfAnImage() > 0);
        int place = (row - firstOfPlanes) * planeRow;
        for (int u = 0; u < 4; u++) {
          for (int v = 0; v < 4; v++) {
            combine(u, d[0][v], d[1][v], d[2][v], d[3][v], transformed[v]);
          }
          float[][] t = transformed;
          for (int v = 0; v < 4; v++) {
            combine(v, t[0], t[1], t[2], t[3], plane);
            to.put((4 * u + v) * rowsOfPlanes * planeRow + place, plane, 0, planeRow);
          }
        }
      }
    }

    /** Row i of Bᵀ times four arrays. */
    private void combine(int i, float[] d0, float[] d1, float[] d2, float[] d3, float[] out) {
      switch (i) {
        case 0 -> FloatArrays.subtract(d0, d2, out);
        case 1 -> FloatArrays.add(d1, d2, out);
        case 2 -> FloatArrays.subtract(d2, d1, out);
        default -> FloatArrays.subtract(d1, d3, out);
      }
    }

    /** Reads four rows of pixels, or only the last two where the row of tiles above was read. */
    private void read(long x, int row, boolean belowTheLast) {
      int image = row / rowsOfAnImage();
      int top = 2 * (row % rowsOfAnImage()) - 1;
      FloatBuffer from =
          cpu.floats(x, (long) image * height * width * channels, height * width * channels);
      if (belowTheLast) {
        d = new float[][][] {d[2], d[3], d[0], d[1]};
      }
      for (int u = belowTheLast ? 2 : 0; u < 4; u++) {
        readPixels(from, top + u, d[u]);
      }
    }

    private void readPixels(FloatBuffer image, int y, float[][] into) {
      if (y < 0 || y >= height) {
        for (float[] pixels : into) {
          Arrays.fill(pixels, 0);
        }
        return;
      }
      int from = y * width * channels;
      for (int x = 0; x < width; x++) {
        image.get(from + x * channels, into[1 + x % 2], x / 2 * channels, channels);
      }
      if (width % 2 == 1) {
        Arrays.fill(into[2], planeRow - channels, planeRow, 0);
      }
      System.arraycopy(into[2], 0, into[0], channels, planeRow - channels);
      System.arraycopy(into[1], channels, into[3], 0, planeRow - channels);
    }
  }

  /** {@code Aᵀ·m·A}, and what the convolution ends with, of each tile m in rows of planes. */
  final class Output {
    private final int channels;
    private final int planeRow;
    private final boolean relu;
    private final float[] bias;
    private final float[][] column;
    private final float[][] upper;
    private final float[][] lower;
    private final float[] left;
    private final float[] right;

    /**
     * @param bias of each channel, or null
     */
    Output(int channels, float[] bias, boolean relu) {
      this.channels = channels;
      this.relu = relu;
      planeRow = columns() * channels;
      column = new float[4][planeRow];
      upper = new float[4][planeRow];
      lower = new float[4][planeRow];
      left = new float[planeRow];
      right = new float[planeRow];
      this.bias = bias == null ? null : forEachTile(bias);
    }

    private float[] forEachTile(float[] values) {
      float[] repeated = new float[planeRow];
      for (int i = 0; i < planeRow; i += channels) {
        System.arraycopy(values, 0, repeated, i, channels);
      }
      return repeated;
    }

    /**
     * Transforms the rows {@code first … first + n − 1} and writes them into the images {@code y}.
     *
     * @param planes of so many rows, the first of which is {@code firstOfPlanes}
     */
    void transform(long planes, int firstOfPlanes, int rowsOfPlanes, int first, int n, long y) {
      FloatBuffer from = cpu.floats(planes, 0, PLANES * rowsOfPlanes * planeRow);
      for (int row = first; row < first + n; row++) {
        int place = (row - firstOfPlanes) * planeRow;
        for (int v = 0; v < 4; v++) {
          for (int u = 0; u < 4; u++) {
            from.get((4 * u + v) * rowsOfPlanes * planeRow + place, column[u], 0, planeRow);
          }
          FloatArrays.add(column[0], column[1], column[2], upper[v]);
          FloatArrays.subtract(column[1], column[2], column[3], lower[v]);
        }
        int image = row / rowsOfAnImage();
        int top = 2 * (row % rowsOfAnImage());
        FloatBuffer to =
            cpu.floats(y, (long) image * height * width * channels, height * width * channels);
        transformRow(upper, to, top);
        if (top + 1 < height) {
          transformRow(lower, to, top + 1);
        }
      }
    }

    private void transformRow(float[][] m, FloatBuffer image, int y) {
      FloatArrays.add(m[0], m[1], m[2], left);
      FloatArrays.subtract(m[1], m[2], m[3], right);
      finish(left);
      finish(right);
      int to = y * width * channels;
      for (int x = 0; x < width; x++) {
        image.put(to + x * channels, x % 2 == 0 ? left : right, x / 2 * channels, channels);
      }
    }

    private void finish(float[] pixels) {
      if (bias != null) {
        FloatArrays.addTo(pixels, bias);
      }
      if (relu) {
        FloatArrays.relu(pixels);
      }
    }
  }
}
