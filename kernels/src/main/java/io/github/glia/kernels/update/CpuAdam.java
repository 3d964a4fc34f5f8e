package io.github.glia.kernels.update;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.tensor.Tensor;
import java.util.List;

/** Adam and AdamW in plain Java. */
final class CpuAdam extends CpuUpdate implements AdamPlan {
  private final Adam adam;
  private final boolean decoupled;
  private final TensorLists lists;
  private final TensorLists.Body update = this::update;

  /** What the factors of the step that runs are. */
  private float gradientScale;

  private float toGradient;
  private float kept;
  private float rate;
  private float rootScale;

  CpuAdam(CpuBackend cpu, Key key) {
    super(cpu);
    adam = key.adam();
    decoupled = key.decoupled();
    lists = new TensorLists(cpu, "adam");
  }

  @Override
  public void step(
      List<Tensor> w,
      List<Tensor> g,
      List<Tensor> m,
      List<Tensor> v,
      float learningRate,
      float gradientScale,
      long step) {
    UpdateArguments.adam(learningRate, gradientScale, step);
    synchronized (cpu) {
      lists.clear().update("w", w).read("g", g).update("m", m).update("v", v);
      this.gradientScale = gradientScale;
      toGradient = decoupled ? 0 : (float) adam.weightDecay();
      kept = decoupled ? (float) (1 - learningRate * adam.weightDecay()) : 1;
      rate = (float) (learningRate / (1 - Math.pow(adam.beta1(), (double) step)));
      rootScale = (float) (1 / Math.sqrt(1 - Math.pow(adam.beta2(), (double) step)));
      lists.forEach(update);
    }
  }

  private void update(float[][] chunk, int n) {
    decay(chunk[0], chunk[1], n, gradientScale, toGradient);
    update(chunk[0], chunk[1], chunk[2], chunk[3], n, kept, rate, rootScale);
  }

  private static void decay(float[] w, float[] g, int n, float gradientScale, float toGradient) {
    for (int i = 0; i < n; i++) {
      g[i] = gradientScale * g[i] + toGradient * w[i];
    }
  }

  private void update(
      float[] w, float[] g, float[] m, float[] v, int n, float kept, float rate, float rootScale) {
    float newPart1 = (float) (1 - adam.beta1());
    float beta2 = (float) adam.beta2();
    float newPart2 = (float) (1 - adam.beta2());
    float epsilon = (float) adam.epsilon();
    for (int i = 0; i < n; i++) {
      float mean = m[i] + newPart1 * (g[i] - m[i]);
      float square = beta2 * v[i] + newPart2 * (g[i] * g[i]);
      m[i] = mean;
      v[i] = square;
      w[i] = kept * w[i] - rate * mean / ((float) Math.sqrt(square) * rootScale + epsilon);
    }
  }
}
