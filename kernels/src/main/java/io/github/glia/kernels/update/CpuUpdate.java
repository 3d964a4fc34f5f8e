package io.github.glia.kernels.update;

import io.github.glia.kernels.Plan;
import io.github.glia.kernels.cpu.CpuBackend;
import java.util.Map;

/** An update in plain Java, which memory limits and not arithmetic. */
abstract class CpuUpdate implements Plan {
  final CpuBackend cpu;

  CpuUpdate(CpuBackend cpu) {
    this.cpu = cpu;
  }

  @Override
  public final Map<String, String> implementations() {
    return Map.of();
  }

  @Override
  public final void close() {}
}
