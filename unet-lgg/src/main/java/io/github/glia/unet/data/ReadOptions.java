package io.github.glia.unet.data;

import java.util.List;

/**
 * How a folder is read.
 *
 * @param size images are resized to size × size pixels; 0 keeps the size they have
 * @param strict whether the first problem stops the reading; otherwise such files are left out
 * @param modalities the channels to take from NIfTI cases, in this order (t1, t1ce, t2, flair);
 *     empty: all four
 */
public record ReadOptions(
    int size, Normalization normalization, boolean strict, List<String> modalities) {
  private static final int LARGEST = 4096;

  public ReadOptions {
    if (size < 0 || size > LARGEST) {
      throw new IllegalArgumentException(
          "size " + size + ": expected 1 to " + LARGEST + ", or 0 to keep the size of the files");
    }
    modalities = List.copyOf(modalities);
    modalities.forEach(Modality::parse);
  }

  /** Slices of size × size, stretched by percentiles, going on without what cannot be read. */
  public static ReadOptions ofSize(int size) {
    return new ReadOptions(size, Normalization.PERCENTILE, false, List.of());
  }
}
