package io.github.glia.kernels.cast;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.Elements;
import io.github.glia.kernels.cpu.Parallel;
import io.github.glia.tensor.Tensor;
import java.util.Map;

/**
 * Casts in plain Java, for F16: oneDNN has a fast cast only on CPUs that compute in F16, and none
 * between F16 and BF16 or from U8.
 */
final class CpuCast implements CastPlan {
  private final CpuBackend cpu;
  private final Key key;

  CpuCast(CpuBackend cpu, Key key) {
    this.cpu = cpu;
    this.key = key;
  }

  @Override
  public void forward(Tensor x, Tensor y) {
    Check.tensor("cast", "x", x, "cpu", key.from(), key.shape());
    Check.tensor("cast", "y", y, "cpu", key.to(), key.shape());
    synchronized (cpu) {
      long source = x.address();
      long target = y.address();
      Parallel.forEachPart(
          x.count(),
          (from, n) ->
              Elements.write(target, key.to(), from, Elements.read(source, key.from(), from, n)));
      y.changed();
    }
  }

  @Override
  public Map<String, String> implementations() {
    return Map.of();
  }

  @Override
  public void close() {}
}
