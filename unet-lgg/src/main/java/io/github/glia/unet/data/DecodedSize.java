package io.github.glia.unet.data;

import java.io.IOException;

/** The bound on what a picture may need in memory, checked before it is decoded. */
final class DecodedSize {
  private DecodedSize() {}

  /**
   * @param limit the most bytes that the decoded picture may have
   */
  static void check(long width, long height, long pixelBytes, long limit) throws IOException {
    if (width < 1 || height < 1) {
      throw new IOException("it is " + width + "×" + height + " pixels: it holds no picture");
    }
    if (width > limit || height > limit || width * height > limit / Math.max(1, pixelBytes)) {
      throw new IOException(
          "it declares "
              + width
              + "×"
              + height
              + " pixels of "
              + pixelBytes
              + " bytes; at most "
              + limit / (1 << 20)
              + " MiB of decoded pixels are read");
    }
  }
}
