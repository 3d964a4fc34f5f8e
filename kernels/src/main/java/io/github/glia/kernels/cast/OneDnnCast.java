package io.github.glia.kernels.cast;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.OneDnnPlan;
import io.github.glia.kernels.cpu.Primitive;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Tensor;
import org.bytedeco.dnnl.memory;

/** Casts by oneDNN. */
final class OneDnnCast extends OneDnnPlan implements CastPlan {
  private final Key key;

  private Primitive forward;

  OneDnnCast(CpuBackend cpu, Key key) {
    super(cpu, "cast " + key);
    this.key = key;
  }

  @Override
  public void forward(Tensor x, Tensor y) {
    Check.tensor("cast", "x", x, "cpu", key.from(), key.shape());
    Check.tensor("cast", "y", y, "cpu", key.to(), key.shape());
    synchronized (cpu) {
      if (forward == null) {
        forward = reorder("forward", elements(key.from()), elements(key.to()));
      }
      forward.bind(DNNL_ARG_FROM, x).bind(DNNL_ARG_TO, y).run();
      y.changed();
    }
  }

  private memory.desc elements(DType type) {
    return CpuBackend.describe(type, memory.format_tag.x, key.shape().count());
  }
}
