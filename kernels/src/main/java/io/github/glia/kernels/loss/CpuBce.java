package io.github.glia.kernels.loss;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.Parallel;

/** Binary cross entropy in plain Java. */
final class CpuBce extends CpuLoss {
  private final Parallel.Sums sum = sums(1, CpuBce::addUp);
  private final Parallel.Body gradients = gradients(this::gradient);
  private double scale;

  CpuBce(CpuBackend cpu, Key key) {
    super(cpu, key);
  }

  @Override
  double loss() {
    return sum.take()[0] / count;
  }

  private static void addUp(Chunk c, double[] sums) {
    c.computeBce();
    for (int i = 0; i < c.n; i++) {
      sums[0] += c.bce[i];
    }
  }

  @Override
  void gradient(float dLoss) {
    scale = (double) dLoss / count;
    Parallel.forEachPart(count, gradients);
  }

  private void gradient(Chunk c) {
    c.computeOdds();
    for (int i = 0; i < c.n; i++) {
      double p = 1 / (1 + c.oddsAgainst[i]);
      c.dx[i] = (float) (scale * p * ((1 - c.t[i]) - c.t[i] * c.oddsAgainst[i]));
    }
  }
}
