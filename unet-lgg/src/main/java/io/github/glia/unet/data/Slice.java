package io.github.glia.unet.data;

import java.nio.file.Path;

/**
 * A slice of a volume, ready for the network: normalised and resized.
 *
 * @param patient whom it is of
 * @param number its place in the volume
 * @param source the image file, for messages and reports
 * @param image {@code [height, width, channels]}, 0 to 255 for 0 to 1
 * @param mask {@code [height, width]}, 1 where there is tumour; null where nobody knows
 */
@SuppressWarnings("ArrayRecordComponent") // slices carry pixels, and are never compared
public record Slice(
    String patient,
    int number,
    Path source,
    int height,
    int width,
    int channels,
    byte[] image,
    byte[] mask) {

  public Slice {
    if (image.length != height * width * channels
        || (mask != null && mask.length != height * width)) {
      throw new IllegalArgumentException(source + ": image and mask are not of the size given");
    }
  }

  /** Where it comes from, for people: the file, and of one with more slices the number. */
  public String place() {
    return isInVolume() ? source + ", slice " + number : source.toString();
  }

  /** Whether its file holds more slices than this one. */
  public boolean isInVolume() {
    return NiftiFile.isNamedLikeOne(source);
  }

  /** Whether any pixel is tumour. */
  public boolean isPositive() {
    return tumourPixels() > 0;
  }

  public int tumourPixels() {
    int count = 0;
    if (mask != null) {
      for (byte pixel : mask) {
        count += pixel;
      }
    }
    return count;
  }
}
