package io.github.glia.unet.evaluate;

import io.github.glia.unet.data.Slice;
import java.awt.image.BufferedImage;

/**
 * A slice in grey with colours upon it: red where only the truth has tumour, green where only the
 * prediction has, yellow where they agree. Where the truth is not known, the prediction is green.
 */
public final class Overlay {
  private static final int[] COLOURS = {0, 0xFF3B30, 0x2FD15B, 0xFFE03A};
  private static final int TRUTH = 1;
  private static final int PREDICTION = 2;
  private static final double INSIDE = 0.38;
  private static final double EDGE = 0.9;

  private Overlay() {}

  /**
   * The slice with the prediction and, if it has a mask, the truth.
   *
   * @param probabilities {@code [height, width]}
   * @param threshold the probability from which on a pixel is called tumour
   */
  public static BufferedImage of(Slice slice, float[] probabilities, double threshold) {
    if (probabilities.length != slice.height() * slice.width()) {
      throw new IllegalArgumentException(
          "%s: %d pixels, but %d probabilities"
              .formatted(slice.source(), slice.height() * slice.width(), probabilities.length));
    }
    return of(slice, Mask.prediction(slice, probabilities, threshold));
  }

  static BufferedImage of(Slice slice, Mask prediction) {
    byte[] kinds = new byte[slice.height() * slice.width()];
    for (int i = 0; i < kinds.length; i++) {
      boolean truth = slice.mask() != null && slice.mask()[i] != 0;
      kinds[i] = (byte) ((truth ? TRUTH : 0) + (prediction.bits().get(i) ? PREDICTION : 0));
    }
    BufferedImage image = plain(slice);
    for (int y = 0; y < slice.height(); y++) {
      for (int x = 0; x < slice.width(); x++) {
        int kind = kinds[y * slice.width() + x];
        if (kind != 0) {
          double share = isEdge(kinds, slice, y, x) ? EDGE : INSIDE;
          image.setRGB(x, y, blend(image.getRGB(x, y), COLOURS[kind], share));
        }
      }
    }
    return image;
  }

  /** The slice in grey: FLAIR where it is known to be among the channels. */
  public static BufferedImage plain(Slice slice) {
    int channel = flair(slice.channels());
    BufferedImage image =
        new BufferedImage(slice.width(), slice.height(), BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < slice.height(); y++) {
      for (int x = 0; x < slice.width(); x++) {
        int at = (y * slice.width() + x) * slice.channels() + channel;
        image.setRGB(x, y, (slice.image()[at] & 0xff) * 0x010101);
      }
    }
    return image;
  }

  /**
   * The tumour is seen best in FLAIR: the second of the three sequences of the LGG set, the last of
   * the four of BraTS.
   */
  private static int flair(int channels) {
    return switch (channels) {
      case 3 -> 1;
      case 4 -> 3;
      default -> 0;
    };
  }

  private static boolean isEdge(byte[] kinds, Slice slice, int y, int x) {
    int width = slice.width();
    int at = y * width + x;
    return (y > 0 && kinds[at - width] != kinds[at])
        || (y < slice.height() - 1 && kinds[at + width] != kinds[at])
        || (x > 0 && kinds[at - 1] != kinds[at])
        || (x < width - 1 && kinds[at + 1] != kinds[at]);
  }

  private static int blend(int below, int above, double share) {
    int mixed = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
      double colour = (1 - share) * (below >> shift & 0xff) + share * (above >> shift & 0xff);
      mixed |= (int) Math.round(colour) << shift;
    }
    return mixed;
  }
}
