package io.github.glia.unet.inspect;

import io.github.glia.unet.data.Patient;
import io.github.glia.unet.data.Slice;
import io.github.glia.unet.evaluate.Overlay;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.Comparator;

/**
 * A patient's place in the contact sheet: the slice with the most tumour, outlined in red.
 *
 * @param picture of SIDE × SIDE pixels; the slice keeps its proportions in it
 */
record Tile(int slice, BufferedImage picture) {
  static final int SIDE = 192;
  private static final int OUTLINE = 0xff3b30;
  private static final double WHITE = 0.99;

  static Tile of(Patient patient) {
    Slice slice = mostTumour(patient);
    BufferedImage drawn = outlined(slice);
    double scale = (double) SIDE / Math.max(drawn.getWidth(), drawn.getHeight());
    int width = Math.max(1, (int) Math.round(drawn.getWidth() * scale));
    int height = Math.max(1, (int) Math.round(drawn.getHeight() * scale));
    BufferedImage picture = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = picture.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    graphics.drawImage(drawn, (SIDE - width) / 2, (SIDE - height) / 2, width, height, null);
    graphics.dispose();
    return new Tile(slice.number(), picture);
  }

  private static Slice mostTumour(Patient patient) {
    Slice middle = patient.slices().get(patient.slices().size() / 2);
    return patient.slices().stream()
        .max(Comparator.comparingInt(Slice::tumourPixels))
        .filter(Slice::isPositive)
        .orElse(middle);
  }

  private static BufferedImage outlined(Slice slice) {
    BufferedImage picture = stretched(Overlay.plain(slice));
    for (int y = 0; y < slice.height(); y++) {
      for (int x = 0; x < slice.width(); x++) {
        if (isOutline(slice, y, x)) {
          picture.setRGB(x, y, OUTLINE);
        }
      }
    }
    return picture;
  }

  /**
   * Stretched to what most pixels of the head are below: fat outshines the brain, and files of 16
   * bits often use a small part of their range.
   */
  private static BufferedImage stretched(BufferedImage picture) {
    int[] greys =
        picture.getRGB(0, 0, picture.getWidth(), picture.getHeight(), null, 0, picture.getWidth());
    int[] bright =
        Arrays.stream(greys).map(rgb -> rgb & 0xff).filter(g -> g > 0).sorted().toArray();
    int white = bright.length == 0 ? 1 : bright[(int) (WHITE * (bright.length - 1))];
    for (int i = 0; i < greys.length; i++) {
      int grey = Math.min(255, (greys[i] & 0xff) * 255 / white);
      picture.setRGB(i % picture.getWidth(), i / picture.getWidth(), grey * 0x010101);
    }
    return picture;
  }

  /** A tumour pixel with a neighbour that is none. */
  private static boolean isOutline(Slice slice, int y, int x) {
    return isTumour(slice, y, x)
        && !(isTumour(slice, y - 1, x)
            && isTumour(slice, y + 1, x)
            && isTumour(slice, y, x - 1)
            && isTumour(slice, y, x + 1));
  }

  private static boolean isTumour(Slice slice, int y, int x) {
    return slice.mask() != null
        && y >= 0
        && y < slice.height()
        && x >= 0
        && x < slice.width()
        && slice.mask()[y * slice.width() + x] != 0;
  }
}
