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

  private static void addUpWithBce(Chunk c, double[] sums) {
    addUp(c, sums);
    c.computeBce();
    for (int i = 0; i < c.n; i++) {
      sums[3] += c.bce[i];
    }
  }

  /** Adds to I = Σ p·t, P = Σ p and T = Σ t. */
  private static void addUp(Chunk c, double[] sums) {
    c.computeOdds();
    double intersection = 0;
    double probabilities = 0;
    double truths = 0;
    for (int i = 0; i < c.n; i++) {
      double p = 1 / (1 + c.oddsAgainst[i]);
      intersection += p * c.t[i];
      probabilities += p;
      truths += c.t[i];
    }
    sums[0] += intersection;
    sums[1] += probabilities;
    sums[2] += truths;
  }

  @Override
  void gradient(long x, long t, float dLoss, long dx) {
    double[] sums = sum(x, t, 3, CpuOverlapLoss::addUp);
    double slope = dLoss * overlap.slope(sums[0], sums[1], sums[2]);
    double slopeByTruth = dLoss * overlap.slopeByTruth(sums[0], sums[1], sums[2]);
    double bce = withBce ? (double) dLoss / count : 0;
    write(x, t, dx, chunk -> gradient(chunk, slope, slopeByTruth, bce));
  }

  private static void gradient(Chunk c, double slope, double slopeByTruth, double bce) {
    c.computeOdds();
    for (int i = 0; i < c.n; i++) {
      double t = c.t[i];
      double p = 1 / (1 + c.oddsAgainst[i]);
      double against = c.oddsAgainst[i] * p;
      double fromOverlap = (slope + slopeByTruth * t) * p * against;
      double fromBce = bce * (p * (1 - t) - against * t);
      c.dx[i] = (float) (fromOverlap + fromBce);
    }
  }
}
