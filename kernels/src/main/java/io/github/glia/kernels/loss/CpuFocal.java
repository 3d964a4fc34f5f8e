package io.github.glia.kernels.loss;

import io.github.glia.kernels.cpu.CpuBackend;

/** Focal loss in plain Java. */
final class CpuFocal extends CpuLoss {
  private final double gamma;

  CpuFocal(CpuBackend cpu, Key key, double gamma) {
    super(cpu, key);
    this.gamma = gamma;
  }

  @Override
  double loss(long x, long t) {
    return sum(x, t, 1, this::addUp)[0] / count;
  }

  private void addUp(float[] x, float[] t, float[] none, int n, double[] sums) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      double z = Logistic.oddsAgainst(x[i]);
      double p = 1 / (1 + z);
      double wrong = p * (t[i] * z + (1 - t[i]));
      sum += weight(wrong) * Logistic.crossEntropy(x[i], t[i], z);
    }
    sums[0] += sum;
  }

  @Override
  void gradient(long x, long t, float dLoss, long dx) {
    double scale = (double) dLoss / count;
    sumAndWrite(x, t, dx, 0, (xs, ts, dxs, n, sums) -> gradient(xs, ts, dxs, n, scale));
  }

  private void gradient(float[] x, float[] t, float[] dx, int n, double scale) {
    for (int i = 0; i < n; i++) {
      double truth = t[i];
      double z = Logistic.oddsAgainst(x[i]);
      double p = 1 / (1 + z);
      double wrong = p * (truth * z + (1 - truth));
      double wrongSlope = (1 - 2 * truth) * z * p * p;
      double fromWeight = gamma * wrongSlope / wrong * Logistic.crossEntropy(x[i], truth, z);
      double fromEntropy = p * ((1 - truth) - truth * z);
      dx[i] = (float) (scale * weight(wrong) * (fromWeight + fromEntropy));
    }
  }

  private double weight(double wrong) {
    return gamma == 2 ? wrong * wrong : Math.pow(wrong, gamma);
  }
}
