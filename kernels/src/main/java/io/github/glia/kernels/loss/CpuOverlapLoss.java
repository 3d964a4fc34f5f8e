package io.github.glia.kernels.loss;

import io.github.glia.kernels.cpu.CpuBackend;

/** Dice, Jaccard or Tversky in plain Java, alone or with binary cross entropy added. */
final class CpuOverlapLoss extends CpuLoss {
  private final Overlap overlap;
  private final boolean withBce;

  CpuOverlapLoss(CpuBackend cpu, Key key, Overlap overlap, boolean withBce) {
    super(cpu, key);
    this.overlap = overlap;
    this.withBce = withBce;
  }

  @Override
  double loss(long x, long t) {
    double[] sums = sum(x, t, 4, withBce ? CpuOverlapLoss::addUpWithBce : CpuOverlapLoss::addUp);
    return overlap.loss(sums[0], sums[1], sums[2]) + sums[3] / count;
  }

  /** Adds to I = Σ p·t, P = Σ p and T = Σ t. */
  private static void addUp(float[] x, float[] t, float[] none, int n, double[] sums) {
    double intersection = 0;
    double probabilities = 0;
    double truths = 0;
    for (int i = 0; i < n; i++) {
      double p = 1 / (1 + Logistic.oddsAgainst(x[i]));
      intersection += p * t[i];
      probabilities += p;
      truths += t[i];
    }
    add(sums, intersection, probabilities, truths);
  }

  private static void addUpWithBce(float[] x, float[] t, float[] none, int n, double[] sums) {
    double intersection = 0;
    double probabilities = 0;
    double truths = 0;
    double bce = 0;
    for (int i = 0; i < n; i++) {
      double z = Logistic.oddsAgainst(x[i]);
      double p = 1 / (1 + z);
      intersection += p * t[i];
      probabilities += p;
      truths += t[i];
      bce += Logistic.crossEntropy(x[i], t[i], z);
    }
    add(sums, intersection, probabilities, truths);
    sums[3] += bce;
  }

  /** The first pass keeps the odds in dx, so that the second needs no exponential. */
  @Override
  void gradient(long x, long t, float dLoss, long dx) {
    double[] sums = sumAndWrite(x, t, dx, 3, CpuOverlapLoss::addUpAndKeepOdds);
    float slope = (float) (dLoss * overlap.slope(sums[0], sums[1], sums[2]));
    float slopeByTruth = (float) (dLoss * overlap.slopeByTruth(sums[0], sums[1], sums[2]));
    float bce = withBce ? (float) ((double) dLoss / count) : 0;
    sumAndWrite(
        dx,
        t,
        dx,
        0,
        (odds, ts, dxs, n, none) -> gradient(odds, ts, dxs, n, slope, slopeByTruth, bce));
  }

  private static void addUpAndKeepOdds(float[] x, float[] t, float[] odds, int n, double[] sums) {
    double intersection = 0;
    double probabilities = 0;
    double truths = 0;
    for (int i = 0; i < n; i++) {
      double z = Logistic.oddsAgainst(x[i]);
      double p = 1 / (1 + z);
      odds[i] = (float) z;
      intersection += p * t[i];
      probabilities += p;
      truths += t[i];
    }
    add(sums, intersection, probabilities, truths);
  }

  private static void gradient(
      float[] odds, float[] t, float[] dx, int n, float slope, float slopeByTruth, float bce) {
    for (int i = 0; i < n; i++) {
      float p = 1 / (1 + odds[i]);
      float against = odds[i] * p;
      float fromOverlap = (slope + slopeByTruth * t[i]) * (p * against);
      float fromBce = bce * (p * (1 - t[i]) - against * t[i]);
      dx[i] = fromOverlap + fromBce;
    }
  }

  private static void add(double[] sums, double intersection, double probabilities, double truths) {
    sums[0] += intersection;
    sums[1] += probabilities;
    sums[2] += truths;
  }
}
