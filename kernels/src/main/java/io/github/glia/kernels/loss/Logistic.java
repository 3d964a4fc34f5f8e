package io.github.glia.kernels.loss;

/**
 * The probability p = 1 / (1 + z) of a logit x by its odds against, z = (1 − p) / p = e⁻ˣ. One
 * exponential gives both p and 1 − p = z·p with all their digits, also where one of them is tiny.
 */
final class Logistic {
  /** Probabilities end at e⁻⁸⁷, the last power that F32 holds with all its digits. */
  private static final double LARGEST_LOGIT = 87;

  private Logistic() {}

  static double oddsAgainst(double x) {
    return Math.exp(-Math.max(-LARGEST_LOGIT, Math.min(LARGEST_LOGIT, x)));
  }

  /** −t · log p − (1 − t) · log(1 − p). */
  static double crossEntropy(double x, double t, double oddsAgainst) {
    return Math.max(x, 0) - x * t + log1p(Math.min(oddsAgainst, 1 / oddsAgainst));
  }

  /**
   * log(1 + e) for 0 ≤ e ≤ 1. The second term is what the addition 1 + e has rounded off, so tiny e
   * keep their digits; {@link Math#log1p} does the same in twice the time.
   */
  private static double log1p(double e) {
    double rounded = 1 + e;
    return Math.log(rounded) - ((rounded - 1) - e) / rounded;
  }
}
