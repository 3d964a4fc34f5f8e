package io.github.glia.unet.data;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;

/** Takes the numbers out of a decoded image, as they were stored. */
final class Samples {
  private Samples() {}

  static Pixels of(BufferedImage image) throws IOException {
    return of(image, Samples::numbers);
  }

  /** Of an image whose samples are the bits of real numbers. */
  static Pixels ofReal(BufferedImage image) throws IOException {
    return of(image, Samples::bits);
  }

  /** Takes the samples of a row. */
  private interface Row {
    void read(Raster raster, int y, float[] row);
  }

  private static void numbers(Raster raster, int y, float[] row) {
    raster.getPixels(raster.getMinX(), raster.getMinY() + y, raster.getWidth(), 1, row);
  }

  private static void bits(Raster raster, int y, float[] row) {
    int[] bits = new int[row.length];
    raster.getPixels(raster.getMinX(), raster.getMinY() + y, raster.getWidth(), 1, bits);
    for (int i = 0; i < bits.length; i++) {
      row[i] = Float.intBitsToFloat(bits[i]);
    }
  }

  private static Pixels of(BufferedImage image, Row rows) throws IOException {
    ColorModel colors = image.getColorModel();
    if (colors instanceof IndexColorModel) {
      return ofPalette(image);
    }
    int channels = colors.getNumColorComponents();
    int space = colors.getColorSpace().getType();
    if (!(channels == 1 && space == ColorSpace.TYPE_GRAY)
        && !(channels == 3 && space == ColorSpace.TYPE_RGB)) {
      throw new IOException("has " + channels + " colour channels; expected grey or RGB");
    }
    Raster raster = image.getRaster();
    float white = whiteOf(raster.getTransferType(), colors.getComponentSize(0));
    int width = image.getWidth();
    int height = image.getHeight();
    float[] values = new float[height * width * channels];
    float[] row = new float[width * raster.getNumBands()];
    int bands = raster.getNumBands();
    for (int y = 0; y < height; y++) {
      rows.read(raster, y, row);
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < channels; c++) {
          values[(y * width + x) * channels + c] = possible(row[x * bands + c], white);
        }
      }
    }
    return new Pixels(height, width, channels, values, white);
  }

  /** The colours of a palette; grey where all of them are. */
  private static Pixels ofPalette(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    boolean grey = isGrey((IndexColorModel) image.getColorModel());
    int channels = grey ? 1 : 3;
    float[] values = new float[height * width * channels];
    int[] row = new int[width];
    int at = 0;
    for (int y = 0; y < height; y++) {
      image.getRGB(0, y, width, 1, row, 0, width);
      for (int rgb : row) {
        for (int c = 0; c < channels; c++) {
          values[at++] = rgb >> (16 - 8 * c) & 0xff;
        }
      }
    }
    return new Pixels(height, width, channels, values, 255);
  }

  private static boolean isGrey(IndexColorModel palette) {
    for (int i = 0; i < palette.getMapSize(); i++) {
      if (palette.getRed(i) != palette.getGreen(i) || palette.getGreen(i) != palette.getBlue(i)) {
        return false;
      }
    }
    return true;
  }

  /** The largest value of unsigned samples; NaN for others, which have no natural one. */
  private static float whiteOf(int type, int bits) {
    boolean unsigned = type == DataBuffer.TYPE_BYTE || type == DataBuffer.TYPE_USHORT;
    return unsigned ? (1 << bits) - 1 : Float.NaN;
  }

  private static float possible(float value, float white) throws IOException {
    if (!Float.isFinite(value) || value > white) {
      throw new IOException("holds the sample " + value + ", which its format does not allow");
    }
    return value;
  }
}
