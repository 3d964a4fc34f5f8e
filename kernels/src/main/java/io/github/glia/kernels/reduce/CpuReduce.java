package io.github.glia.kernels.reduce;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.Elements;
import io.github.glia.kernels.cpu.Parallel;
import io.github.glia.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;

/** The sum or mean in plain Java: oneDNN's reduction adds in F32 and is slower. */
final class CpuReduce implements ReducePlan {
  private final CpuBackend cpu;
  private final Key key;
  private final ReduceArguments arguments;
  private final Parallel.Sums sum;
  private final Parallel.Body fill = this::fill;

  /** Of the call that runs: where x or dx is, and the gradient of each element. */
  private long elements;

  private float gradient;

  CpuReduce(CpuBackend cpu, Key key) {
    this.cpu = cpu;
    this.key = key;
    arguments = new ReduceArguments(cpu.name(), key);
    sum = new Parallel.Sums(key.shape().count(), 1, this::addUp);
  }

  @Override
  public void forward(Tensor x, Tensor y) {
    arguments.forward(x, y);
    synchronized (cpu) {
      elements = x.address();
      float value = (float) (sum.take()[0] * factor());
      cpu.window(y.address()).putFloat(y.address(), value);
      y.changed();
    }
  }

  @Override
  public void backward(Tensor dy, Tensor dx) {
    arguments.backward(dy, dx);
    synchronized (cpu) {
      gradient = (float) (cpu.window(dy.address()).getFloat(dy.address()) * factor());
      elements = dx.address();
      Parallel.forEachPart(dx.count(), fill);
      dx.changed();
    }
  }

  private void addUp(long from, int n, double[] sums) {
    float[] values = Elements.ofThread().read(cpu, elements, key.type(), from, n).values;
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += values[i];
    }
    sums[0] += sum;
  }

  private void fill(long from, int n) {
    Elements part = Elements.ofThread();
    Arrays.fill(part.values, 0, n, gradient);
    part.write(cpu, elements, key.type(), from, n);
  }

  private double factor() {
    return key.reduction().factor(key.shape().count());
  }

  @Override
  public Map<String, String> implementations() {
    return Map.of();
  }

  @Override
  public void close() {}
}
