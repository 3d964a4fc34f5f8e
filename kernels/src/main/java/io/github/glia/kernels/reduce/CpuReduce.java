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

  CpuReduce(CpuBackend cpu, Key key) {
    this.cpu = cpu;
    this.key = key;
    arguments = new ReduceArguments(cpu.name(), key);
  }

  @Override
  public void forward(Tensor x, Tensor y) {
    arguments.forward(x, y);
    synchronized (cpu) {
      long source = x.address();
      double sum =
          Parallel.sum(
              x.count(),
              1,
              (from, n, sums) -> sums[0] += sum(Elements.read(source, key.type(), from, n)))[0];
      cpu.floats(y.address(), 0, 1).put(0, (float) (sum * factor()));
      y.changed();
    }
  }

  @Override
  public void backward(Tensor dy, Tensor dx) {
    arguments.backward(dy, dx);
    synchronized (cpu) {
      float gradient = (float) (cpu.floats(dy.address(), 0, 1).get(0) * factor());
      long target = dx.address();
      Parallel.forEachPart(
          dx.count(),
          (from, n) -> {
            float[] part = new float[n];
            Arrays.fill(part, gradient);
            Elements.write(target, key.type(), from, part);
          });
      dx.changed();
    }
  }

  private static double sum(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum;
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
