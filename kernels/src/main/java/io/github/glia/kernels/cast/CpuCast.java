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
  private final Parallel.Body cast = this::cast;

  /** Of the call that runs. */
  private long source;

  private long target;

  CpuCast(CpuBackend cpu, Key key) {
    this.cpu = cpu;
    this.key = key;
  }

  @Override
  public void forward(Tensor x, Tensor y) {
    Check.tensor("cast", "x", x, "cpu", key.from(), key.shape());
    Check.tensor("cast", "y", y, "cpu", key.to(), key.shape());
    synchronized (cpu) {
      source = x.address();
      target = y.address();
      Parallel.forEachPart(x.count(), cast);
      y.changed();
    }
  }

  private void cast(long from, int n) {
    Elements.ofThread()
        .read(cpu, source, key.from(), from, n)
        .write(cpu, target, key.to(), from, n);
  }

  @Override
  public Map<String, String> implementations() {
    return Map.of();
  }

  @Override
  public void close() {}
}
