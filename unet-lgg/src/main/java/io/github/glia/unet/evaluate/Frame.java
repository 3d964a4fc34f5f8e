package io.github.glia.unet.evaluate;

import java.awt.image.BufferedImage;

/**
 * The part of a slice that a picture shows: a square around the head, so that less of it is air.
 */
record Frame(int left, int top, int width, int height) {
  private static final double MARGIN = 0.04;

  static Frame around(Box head, int imageHeight, int imageWidth) {
    int side = (int) (Math.max(head.height(), head.width()) * (1 + 2 * MARGIN));
    int height = Math.min(side, imageHeight);
    int width = Math.min(side, imageWidth);
    return new Frame(
        start(head.fromX() + head.toX(), width, imageWidth),
        start(head.fromY() + head.toY(), height, imageHeight),
        width,
        height);
  }

  /** Where to begin so that the middle of the head is in the middle, as far as the image goes. */
  private static int start(int twiceTheMiddle, int length, int end) {
    return Math.min(Math.max((twiceTheMiddle - length) / 2, 0), end - length);
  }

  BufferedImage cut(BufferedImage image) {
    return image.getSubimage(left, top, width, height);
  }
}
