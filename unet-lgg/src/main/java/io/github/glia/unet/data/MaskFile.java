package io.github.glia.unet.data;

import java.io.IOException;
import java.nio.file.Path;

/** An image that says which pixels are tumour. */
final class MaskFile {
  private MaskFile() {}

  /** Reads a mask as 0 and 1; an error where it is not one, or not of the image's size. */
  static byte[] read(Path file, Pixels image) throws IOException {
    Pixels mask = ImageFile.read(file);
    if (mask.height() != image.height() || mask.width() != image.width()) {
      throw new IOException(
          "mask is "
              + mask.size()
              + ", but its image is "
              + image.size()
              + " (width×height×channels)");
    }
    return binary(mask, ImageFile.isLossy(file));
  }

  private static byte[] binary(Pixels mask, boolean lossy) throws IOException {
    byte[] result = new byte[mask.height() * mask.width()];
    float tumour = 0;
    for (int i = 0; i < result.length; i++) {
      float value = greyAt(mask, i);
      if (lossy) {
        value = value > mask.white() / 2 ? mask.white() : 0;
      }
      if (value != 0) {
        boolean known = value == 1 || value == 255 || value == mask.white();
        if (!known || (tumour != 0 && value != tumour)) {
          throw new IOException(
              "mask holds the value " + value + "; expected only 0 and 255 (or 0 and 1)");
        }
        tumour = value;
        result[i] = 1;
      }
    }
    return result;
  }

  private static float greyAt(Pixels mask, int pixel) throws IOException {
    int at = pixel * mask.channels();
    for (int c = 1; c < mask.channels(); c++) {
      if (mask.at(at + c) != mask.at(at)) {
        throw new IOException("mask is coloured; expected black and white");
      }
    }
    return mask.at(at);
  }
}
