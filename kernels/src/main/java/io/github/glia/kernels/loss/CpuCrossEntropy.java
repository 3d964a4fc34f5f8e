package io.github.glia.kernels.loss;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.Parallel;

/** Cross entropy of classes in plain Java. */
final class CpuCrossEntropy extends CpuLoss {
  private final long pixels;
  private final ThreadLocal<ClassPixels> classPixels;
  private final Parallel.Sums sum;
  private final Parallel.Body gradients = this::gradients;

  /** Of the call that runs. */
  private double scale;

  CpuCrossEntropy(CpuBackend cpu, Key key) {
    super(cpu, key);
    int channels = key.logits().size(-1);
    pixels = key.truthShape().count();
    classPixels = ThreadLocal.withInitial(() -> new ClassPixels(this, channels));
    sum = new Parallel.Sums(pixels, 1, this::addUp);
  }

  @Override
  double loss() {
    return sum.take()[0] / pixels;
  }

  private void addUp(long from, int n, double[] sums) {
    ClassPixels some = classPixels.get();
    long end = from + n;
    for (long at = from; at < end; at += some.count()) {
      some.read(at, end);
      sums[0] += some.loss();
    }
  }

  @Override
  void gradient(float dLoss) {
    scale = (double) dLoss / pixels;
    Parallel.forEachPart(pixels, gradients);
  }

  private void gradients(long from, int n) {
    ClassPixels some = classPixels.get();
    long end = from + n;
    for (long at = from; at < end; at += some.count()) {
      some.read(at, end);
      some.gradient(scale);
    }
  }
}
