package io.github.glia.kernels.update;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.tensor.Tensor;
import java.util.List;

/** The moving average in plain Java. */
final class CpuAverage extends CpuUpdate implements AveragePlan {
  private final TensorLists lists;
  private final TensorLists.Body mix = this::mix;

  /** Of the step that runs. */
  private float decay;

  CpuAverage(CpuBackend cpu) {
    super(cpu);
    lists = new TensorLists(cpu, "average");
  }

  @Override
  public void step(List<Tensor> average, List<Tensor> w, float decay) {
    UpdateArguments.average(decay);
    synchronized (cpu) {
      lists.clear().update("average", average).read("w", w);
      this.decay = decay;
      lists.forEach(mix);
    }
  }

  private void mix(float[][] chunk, int n) {
    mix(chunk[0], chunk[1], n, decay);
  }

  private static void mix(float[] average, float[] w, int n, float decay) {
    float newPart = 1 - decay;
    for (int i = 0; i < n; i++) {
      average[i] = decay * average[i] + newPart * w[i];
    }
  }
}
