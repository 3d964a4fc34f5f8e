package io.github.glia.kernels.loss;

import io.github.glia.kernels.cpu.CpuBackend;

/** Binary cross entropy in plain Java. */
final class CpuBce extends CpuLoss {
  CpuBce(CpuBackend cpu, Key key) {
    super(cpu, key);
  }

  @Override
  double loss(long x, long t) {
    return sum(x, t, 1, CpuBce::addUp)[0] / count;
  }

  private static void addUp(Chunk c, double[] sums) {
    c.computeBce();
    for (int i = 0; i < c.n; i++) {
      sums[0] += c.bce[i];
    }
  }

  @Override
  void gradient(long x, long t, float dLoss, long dx) {
    double scale = (double) dLoss / count;
    write(x, t, dx, chunk -> gradient(chunk, scale));
  }

  private static void gradient(Chunk c, double scale) {
    c.computeOdds();
    for (int i = 0; i < c.n; i++) {
      double p = 1 / (1 + c.oddsAgainst[i]);
      c.dx[i] = (float) (scale * p * ((1 - c.t[i]) - c.t[i] * c.oddsAgainst[i]));
    }
  }
}
