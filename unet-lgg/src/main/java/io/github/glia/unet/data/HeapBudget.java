package io.github.glia.unet.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Keeps whole patients as long as they fit in memory: a slice takes {@code height · width ·
 * (channels + 1)} bytes, a byte for each sample of the image and of the mask. A folder that will
 * not fit is refused as soon as that is clear, rather than by an {@link OutOfMemoryError} after
 * minutes of reading.
 */
final class HeapBudget implements Keeping<Patient> {
  /** The rest is for the volume that is being read, and for what is done with them. */
  private static final double SHARE = 0.7;

  /** Of the budget; the first patients may be larger than the others. */
  private static final double ENOUGH_TO_ESTIMATE = 0.1;

  private final Path place;
  private final long heap;
  private long kept;

  /**
   * @param heap the most bytes that Java may use
   */
  HeapBudget(Path place, long heap) {
    this.place = place;
    this.heap = heap;
  }

  @Override
  public Patient keep(Patient patient, double share) throws IOException {
    for (Slice slice : patient.slices()) {
      kept += slice.image().length + (slice.mask() == null ? 0 : slice.mask().length);
    }
    double expected = kept / share;
    if (kept > ENOUGH_TO_ESTIMATE * SHARE * heap && expected > SHARE * heap) {
      Slice slice = patient.slices().get(0);
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s takes about %s as slices of %d×%d with %d channels, and Java may use %s,"
                  + " 70 %% of it for slices: choose fewer --modalities or a smaller --size,"
                  + " or allow more with GLIA_JAVA_OPTIONS=-Xmx%.0fg",
              place,
              amount(expected),
              slice.width(),
              slice.height(),
              slice.channels(),
              amount((double) heap),
              Math.ceil(expected / SHARE / (1 << 30))));
    }
    return patient;
  }

  /**
   * As many threads as may read patients without running out of memory: one where it is scarce.
   *
   * @param patient the bytes that are needed while one is read
   */
  static int threads(int wanted, long patient) {
    double free = (1 - SHARE) * Runtime.getRuntime().maxMemory();
    return (int) Math.max(1, Math.min(wanted, free / patient));
  }

  private static String amount(double bytes) {
    return bytes < 1 << 30
        ? String.format(Locale.ROOT, "%.1f MiB", bytes / (1 << 20))
        : String.format(Locale.ROOT, "%.1f GiB", bytes / (1 << 30));
  }
}
