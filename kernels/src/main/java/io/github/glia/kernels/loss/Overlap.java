package io.github.glia.kernels.loss;

/**
 * What Dice, Jaccard and Tversky have in common: with I = Σ p·t, P = Σ p and T = Σ t,
 *
 * <pre>
 *   L     = 1 − n / d,   n = i·I + s,   d = a·P + b·T + c·I + s
 *   dL/dp = a · n / d²  +  t · (c · n / d² − i / d)
 * </pre>
 */
record Overlap(double i, double a, double b, double c, double s) {
  static Overlap of(Dice dice) {
    return new Overlap(2, 1, 1, 0, dice.smooth());
  }

  static Overlap of(Jaccard jaccard) {
    return new Overlap(1, 1, 1, -1, jaccard.smooth());
  }

  /** False positives are P − I, false negatives are T − I. */
  static Overlap of(Tversky tversky) {
    double alpha = tversky.alpha();
    double beta = tversky.beta();
    return new Overlap(1, alpha, beta, 1 - alpha - beta, tversky.smooth());
  }

  double loss(double intersection, double probabilities, double truths) {
    return 1 - numerator(intersection) / denominator(intersection, probabilities, truths);
  }

  /** The part of dL/dp that is the same for every element. */
  double slope(double intersection, double probabilities, double truths) {
    double d = denominator(intersection, probabilities, truths);
    return a * numerator(intersection) / (d * d);
  }

  /** The part of dL/dp that goes with t. */
  double slopeByTruth(double intersection, double probabilities, double truths) {
    double d = denominator(intersection, probabilities, truths);
    return c * numerator(intersection) / (d * d) - i / d;
  }

  private double numerator(double intersection) {
    return i * intersection + s;
  }

  private double denominator(double intersection, double probabilities, double truths) {
    return a * probabilities + b * truths + c * intersection + s;
  }
}
