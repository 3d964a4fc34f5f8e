package io.github.glia.unet.data;

import java.nio.file.Path;

/**
 * A slice that is not normalised yet.
 *
 * @param mask {@code [height, width]} of 0 and 1, or null
 */
@SuppressWarnings("ArrayRecordComponent") // pixels on their way, never compared
record RawSlice(int number, Path source, Pixels image, byte[] mask) {

  /** Resized to a square, or as it is for size 0. */
  RawSlice resized(int size) {
    if (size == 0 || (image.height() == size && image.width() == size)) {
      return this;
    }
    byte[] resizedMask =
        mask == null ? null : Resampling.mask(mask, image.height(), image.width(), size, size);
    return new RawSlice(number, source, Resampling.image(image, size, size), resizedMask);
  }
}
