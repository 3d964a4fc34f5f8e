package io.github.glia.kernels.loss;

/** Elements that a thread works on at once: few enough to stay in the nearest cache. */
final class Chunk {
  static final int SIZE = 1 << 10;

  /** Logits. */
  final float[] x = new float[SIZE];

  /** Their truth. */
  final float[] t = new float[SIZE];

  /** What comes out. */
  final float[] dx = new float[SIZE];

  /**
   * (1 − p) / p = e⁻ˣ: gives both p = 1 / (1 + odds) and 1 − p = odds · p with all their digits.
   */
  final double[] oddsAgainst = new double[SIZE];

  /** Binary cross entropy. */
  final double[] bce = new double[SIZE];

  int n;

  void computeOdds() {
    double limit = Powers.LARGEST_EXPONENT;
    for (int i = 0; i < n; i++) {
      oddsAgainst[i] = Math.max(-limit, Math.min(limit, -x[i]));
    }
    Powers.exp(oddsAgainst, n);
  }

  /** max(x, 0) − x·t + log(1 + e^−|x|). */
  void computeBce() {
    for (int i = 0; i < n; i++) {
      bce[i] = Math.max(-Powers.LARGEST_EXPONENT, -Math.abs(x[i]));
    }
    Powers.exp(bce, n);
    Powers.log1p(bce, n);
    for (int i = 0; i < n; i++) {
      double logit = x[i];
      bce[i] += 0.5 * (logit + Math.abs(logit)) - logit * t[i];
    }
  }
}
