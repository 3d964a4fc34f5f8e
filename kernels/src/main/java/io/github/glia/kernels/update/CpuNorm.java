package io.github.glia.kernels.update;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.tensor.Tensor;
import java.util.List;

/** The norm in plain Java. */
final class CpuNorm extends CpuUpdate implements NormPlan {
  private final TensorLists lists;

  CpuNorm(CpuBackend cpu) {
    super(cpu);
    lists = new TensorLists(cpu, "norm");
  }

  @Override
  public double norm(List<Tensor> g) {
    synchronized (cpu) {
      lists.clear().read("g", g);
      return Math.sqrt(lists.sum(CpuNorm::sumOfSquares));
    }
  }

  /** Four sums side by side, since each addition waits for the one before it in the same sum. */
  private static double sumOfSquares(float[] g, int n) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = 0;
    for (; i + 3 < n; i += 4) {
      a += (double) g[i] * g[i];
      b += (double) g[i + 1] * g[i + 1];
      c += (double) g[i + 2] * g[i + 2];
      d += (double) g[i + 3] * g[i + 3];
    }
    for (; i < n; i++) {
      a += (double) g[i] * g[i];
    }
    return (a + b) + (c + d);
  }
}
