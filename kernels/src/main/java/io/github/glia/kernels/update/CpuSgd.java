package io.github.glia.kernels.update;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.tensor.Tensor;
import java.util.List;

/** Stochastic gradient descent in plain Java. */
final class CpuSgd extends CpuUpdate implements SgdPlan {
  private final Sgd sgd;
  private final float momentum;
  private final float weightDecay;
  private final TensorLists lists;
  private final TensorLists.Body update = this::update;

  /** What the step that runs was asked for. */
  private float learningRate;

  private float gradientScale;
  private boolean first;

  CpuSgd(CpuBackend cpu, Key key) {
    super(cpu);
    sgd = key.sgd();
    momentum = (float) sgd.momentum();
    weightDecay = (float) sgd.weightDecay();
    lists = new TensorLists(cpu, "sgd");
  }

  @Override
  public void step(
      List<Tensor> w,
      List<Tensor> g,
      List<Tensor> velocity,
      float learningRate,
      float gradientScale,
      boolean first) {
    UpdateArguments.sgd(sgd, velocity, learningRate, gradientScale);
    synchronized (cpu) {
      lists.clear().update("w", w).read("g", g);
      if (sgd.hasVelocity()) {
        lists.update("velocity", velocity);
      }
      this.learningRate = learningRate;
      this.gradientScale = gradientScale;
      this.first = first;
      lists.forEach(update);
    }
  }

  private void update(float[][] chunk, int n) {
    decay(chunk[0], chunk[1], n, gradientScale);
    if (!sgd.hasVelocity()) {
      move(chunk[0], chunk[1], n, learningRate);
      return;
    }
    accelerate(chunk[1], chunk[2], n, first);
    if (sgd.nesterov()) {
      lookAhead(chunk[1], chunk[2], n);
      move(chunk[0], chunk[1], n, learningRate);
    } else {
      move(chunk[0], chunk[2], n, learningRate);
    }
  }

  private void decay(float[] w, float[] g, int n, float gradientScale) {
    for (int i = 0; i < n; i++) {
      g[i] = gradientScale * g[i] + weightDecay * w[i];
    }
  }

  private void accelerate(float[] g, float[] velocity, int n, boolean first) {
    if (first) {
      System.arraycopy(g, 0, velocity, 0, n);
      return;
    }
    for (int i = 0; i < n; i++) {
      velocity[i] = momentum * velocity[i] + g[i];
    }
  }

  private void lookAhead(float[] g, float[] velocity, int n) {
    for (int i = 0; i < n; i++) {
      g[i] += momentum * velocity[i];
    }
  }

  private static void move(float[] w, float[] direction, int n, float learningRate) {
    for (int i = 0; i < n; i++) {
      w[i] -= learningRate * direction[i];
    }
  }
}
