package io.github.glia.unet.data;

import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/**
 * TIFF as most slices have it: grey or RGB of 8 bits, not compressed, in strips of whole rows. Such
 * files need no decoder, which takes longer to make ready than they take to be copied. All others,
 * and whatever looks odd, is left to it.
 */
final class PlainTiff {
  private static final int GREY = 1;
  private static final int RGB = 3;

  /** Size, samples, compression and strips; any other tag may mean something else. */
  private static final Set<Integer> KNOWN =
      Set.of(
          TiffDirectory.WIDTH,
          TiffDirectory.HEIGHT,
          TiffDirectory.BITS_PER_SAMPLE,
          TiffDirectory.COMPRESSION,
          TiffDirectory.PHOTOMETRIC,
          TiffDirectory.STRIP_OFFSETS,
          TiffDirectory.SAMPLES_PER_PIXEL,
          TiffDirectory.ROWS_PER_STRIP,
          TiffDirectory.STRIP_BYTE_COUNTS,
          TiffDirectory.PLANAR_CONFIGURATION,
          TiffDirectory.SAMPLE_FORMAT);

  private PlainTiff() {}

  /** The image, if it is of this kind; the directory has been checked. */
  static Optional<Pixels> read(TiffDirectory tags, byte[] file) {
    long samples = tags.value(TiffDirectory.SAMPLES_PER_PIXEL, 1);
    if (!KNOWN.containsAll(tags.tags()) || !isPlain(tags, samples)) {
      return Optional.empty();
    }
    int height = (int) tags.value(TiffDirectory.HEIGHT, 0);
    int width = (int) tags.value(TiffDirectory.WIDTH, 0);
    int rowBytes = width * (int) samples;
    long rows = Math.min(height, tags.value(TiffDirectory.ROWS_PER_STRIP, height));
    if (rows < 1) {
      return Optional.empty();
    }
    long strips = (height + rows - 1) / rows;
    Optional<long[]> offsets = tags.values(TiffDirectory.STRIP_OFFSETS, strips);
    Optional<long[]> counts = tags.values(TiffDirectory.STRIP_BYTE_COUNTS, strips);
    if (offsets.isEmpty() || counts.isEmpty()) {
      return Optional.empty();
    }
    byte[] pixels = new byte[height * rowBytes];
    int stripBytes = (int) rows * rowBytes;
    for (int i = 0; i < strips; i++) {
      int at = i * stripBytes;
      int bytes = Math.min(stripBytes, pixels.length - at);
      long count = counts.get()[i];
      boolean filledUp = count == stripBytes; // beyond the last row, as the LGG set has it
      if (count != bytes && !filledUp) {
        return Optional.empty();
      }
      System.arraycopy(file, (int) offsets.get()[i], pixels, at, bytes);
    }
    return Optional.of(Pixels.ofBytes(height, width, (int) samples, pixels));
  }

  private static boolean isPlain(TiffDirectory tags, long samples) {
    long photometric = tags.value(TiffDirectory.PHOTOMETRIC, -1);
    boolean grey = samples == GREY && photometric == TiffDirectory.BLACK_IS_ZERO;
    boolean rgb = samples == RGB && photometric == TiffDirectory.RED_GREEN_BLUE;
    return (grey || rgb)
        && allAre(Byte.SIZE, tags.values(TiffDirectory.BITS_PER_SAMPLE, samples))
        && tags.value(TiffDirectory.COMPRESSION, 1) == 1
        && tags.value(TiffDirectory.PLANAR_CONFIGURATION, 1) == 1
        && (!tags.tags().contains(TiffDirectory.SAMPLE_FORMAT)
            || allAre(TiffDirectory.UNSIGNED, tags.values(TiffDirectory.SAMPLE_FORMAT, samples)));
  }

  private static boolean allAre(long expected, Optional<long[]> values) {
    return values.isPresent() && Arrays.stream(values.get()).allMatch(value -> value == expected);
  }
}
