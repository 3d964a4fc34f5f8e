package io.github.glia.kernels.loss;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.Parallel;

/** Focal loss in plain Java. */
final class CpuFocal extends CpuLoss {
  private final double gamma;
  private final Parallel.Sums sum = sums(1, this::addUp);
  private final Parallel.Body gradients = gradients(this::gradient);
  private double scale;

  CpuFocal(CpuBackend cpu, Key key, double gamma) {
    super(cpu, key);
    this.gamma = gamma;
  }

  @Override
  double loss() {
    return sum.take()[0] / count;
  }

  private void addUp(Chunk c, double[] sums) {
    c.computeOdds();
    c.computeBce();
    for (int i = 0; i < c.n; i++) {
      double p = 1 / (1 + c.oddsAgainst[i]);
      double wrong = p * (c.t[i] * c.oddsAgainst[i] + (1 - c.t[i]));
      sums[0] += weight(wrong) * c.bce[i];
    }
  }

  @Override
  void gradient(float dLoss) {
    scale = (double) dLoss / count;
    Parallel.forEachPart(count, gradients);
  }

  private void gradient(Chunk c) {
    c.computeOdds();
    c.computeBce();
    for (int i = 0; i < c.n; i++) {
      double t = c.t[i];
      double odds = c.oddsAgainst[i];
      double p = 1 / (1 + odds);
      double wrong = p * (t * odds + (1 - t));
      double wrongSlope = (1 - 2 * t) * odds * p * p;
      double fromWeight = gamma * wrongSlope / wrong * c.bce[i];
      double fromBce = p * ((1 - t) - t * odds);
      c.dx[i] = (float) (scale * weight(wrong) * (fromWeight + fromBce));
    }
  }

  /** The usual exponent is 2, and a product is quicker than a power. */
  private double weight(double wrong) {
    return gamma == 2 ? wrong * wrong : Math.pow(wrong, gamma);
  }
}
