package io.github.glia.kernels.loss;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.Parallel;

/** Dice, Jaccard or Tversky in plain Java, alone or with binary cross entropy added. */
final class CpuOverlapLoss extends CpuLoss {
  private final Overlap overlap;
  private final boolean withBce;
  private final Parallel.Sums sums = sums(3, CpuOverlapLoss::addUp);
  private final Parallel.Sums sumsWithBce = sums(4, CpuOverlapLoss::addUpWithBce);
  private final Parallel.Body gradients = gradients(this::gradient);

  /** Factors of the gradient of the call that runs. */
  private double slope;

  private double slopeByTruth;
  private double bce;

  CpuOverlapLoss(CpuBackend cpu, Key key, Overlap overlap, boolean withBce) {
    super(cpu, key);
    this.overlap = overlap;
    this.withBce = withBce;
  }

  @Override
  double loss() {
    double[] s = (withBce ? sumsWithBce : sums).take();
    double loss = overlap.loss(s[0], s[1], s[2]);
    return withBce ? loss + s[3] / count : loss;
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
  void gradient(float dLoss) {
    double[] s = sums.take();
    slope = dLoss * overlap.slope(s[0], s[1], s[2]);
    slopeByTruth = dLoss * overlap.slopeByTruth(s[0], s[1], s[2]);
    bce = withBce ? (double) dLoss / count : 0;
    Parallel.forEachPart(count, gradients);
  }

  private void gradient(Chunk c) {
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
