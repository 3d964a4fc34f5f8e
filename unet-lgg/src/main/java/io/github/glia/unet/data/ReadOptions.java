package io.github.glia.unet.data;

import java.util.List;

/**
 * How a folder is read.
 *
 * @param size images are resized to size × size pixels; 0 keeps the size they have
 * @param strict whether the first problem stops the reading; otherwise such files are left out
 * @param modalities the channels to take from NIfTI cases, in this order (t1, t1ce, t2, flair);
 *     empty: all four
 * @param measured the size of the slices whose intensities are measured for normalisation: resizing
 *     blurs, so that the brightest pixels of large slices are brighter; 0 for the size they have
 * @param threads how many patients are read at a time, where memory allows: the result is the same
 */
public record ReadOptions(
    int size,
    Normalization normalization,
    boolean strict,
    List<String> modalities,
    int measured,
    int threads) {
  private static final int LARGEST = 4096;

  public ReadOptions {
    checkSize(size);
    checkSize(measured);
    if (threads < 1) {
      throw new IllegalArgumentException("read by " + threads + " threads: expected at least 1");
    }
    modalities = List.copyOf(modalities);
    modalities.forEach(Modality::parse);
  }

  /** Intensities are measured at the size that slices are read at. */
  public ReadOptions(
      int size, Normalization normalization, boolean strict, List<String> modalities) {
    this(size, normalization, strict, modalities, size);
  }

  /** By as many threads as there are processors. */
  public ReadOptions(
      int size,
      Normalization normalization,
      boolean strict,
      List<String> modalities,
      int measured) {
    this(
        size,
        normalization,
        strict,
        modalities,
        measured,
        Runtime.getRuntime().availableProcessors());
  }

  /** The same by that many threads. */
  public ReadOptions by(int otherThreads) {
    return new ReadOptions(size, normalization, strict, modalities, measured, otherThreads);
  }

  /** Slices as large as their files, normalised like those that these options read. */
  public ReadOptions atOwnSize() {
    return new ReadOptions(0, normalization, strict, modalities, measured, threads);
  }

  /** The same, stopping at the first problem. */
  ReadOptions strictly() {
    return new ReadOptions(size, normalization, true, modalities, measured, threads);
  }

  private static void checkSize(int size) {
    if (size < 0 || size > LARGEST) {
      throw new IllegalArgumentException(
          "size " + size + ": expected 1 to " + LARGEST + ", or 0 to keep the size of the files");
    }
  }

  /** Slices of size × size, stretched by percentiles, going on without what cannot be read. */
  public static ReadOptions ofSize(int size) {
    return new ReadOptions(size, Normalization.PERCENTILE, false, List.of());
  }
}
