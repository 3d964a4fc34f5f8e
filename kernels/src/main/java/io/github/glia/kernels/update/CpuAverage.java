package io.github.glia.kernels.update;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.tensor.Tensor;
import java.util.List;

/** The moving average in plain Java. */
final class CpuAverage extends CpuUpdate implements AveragePlan {
  CpuAverage(CpuBackend cpu) {
    super(cpu);
  }

  @Override
  public void step(List<Tensor> average, List<Tensor> w, float decay) {
    UpdateArguments.average(decay);
    TensorLists lists = new TensorLists(cpu, "average").update("average", average).read("w", w);
    synchronized (cpu) {
      lists.forEach((chunk, n) -> mix(chunk[0], chunk[1], n, decay));
    }
  }

  private static void mix(float[] average, float[] w, int n, float decay) {
    float newPart = 1 - decay;
    for (int i = 0; i < n; i++) {
      average[i] = decay * average[i] + newPart * w[i];
    }
  }
}
