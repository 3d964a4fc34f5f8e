package io.github.glia.unet.train;

/** Tells a loss that jumps about from one that has exploded. */
final class LossWatch {
  private static final double WEIGHT_OF_NEWEST = 0.02;

  /** Far more than a hard batch, far less than a network that has lost its way. */
  private static final double EXPLODED = 50;

  /** Losses near 0 may grow by any factor. */
  private static final double SMALL = 0.1;

  private LossWatch() {}

  /** The mean of late losses with one more; NaN before the first. */
  static double recent(double recent, double loss) {
    return Double.isNaN(recent) ? loss : recent + WEIGHT_OF_NEWEST * (loss - recent);
  }

  static boolean isSane(double loss, double recent) {
    return Double.isFinite(loss)
        && (Double.isNaN(recent) || loss <= EXPLODED * Math.max(recent, SMALL));
  }
}
