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

  private static void addUp(float[] x, float[] t, float[] none, int n, double[] sums) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += Logistic.crossEntropy(x[i], t[i], Logistic.oddsAgainst(x[i]));
    }
    sums[0] += sum;
  }

  @Override
  void gradient(long x, long t, float dLoss, long dx) {
    double scale = (double) dLoss / count;
    sumAndWrite(x, t, dx, 0, (xs, ts, dxs, n, sums) -> gradient(xs, ts, dxs, n, scale));
  }

  private static void gradient(float[] x, float[] t, float[] dx, int n, double scale) {
    for (int i = 0; i < n; i++) {
      double z = Logistic.oddsAgainst(x[i]);
      double p = 1 / (1 + z);
      dx[i] = (float) (scale * p * ((1 - t[i]) - t[i] * z));
    }
  }
}
