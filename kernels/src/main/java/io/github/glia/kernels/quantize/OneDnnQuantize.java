package io.github.glia.kernels.quantize;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_ATTR_SCALES;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.OneDnnPlan;
import io.github.glia.kernels.cpu.Primitive;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.reorder;

/** Quantization by oneDNN: a copy with a scale. */
final class OneDnnQuantize extends OneDnnPlan implements QuantizePlan {
  private static final Shape ONE = Shape.of(1);
  private static final int STEP = DNNL_ARG_ATTR_SCALES | DNNL_ARG_DST;

  private final Key key;
  private Primitive forward;

  OneDnnQuantize(CpuBackend cpu, Key key) {
    super(cpu, "quantize " + key);
    this.key = key;
  }

  @Override
  public void forward(Tensor x, Tensor step, Tensor y) {
    Check.tensor("quantize", "x", x, "cpu", key.from(), key.shape());
    Check.tensor("quantize", "step", step, "cpu", DType.F32, ONE);
    Check.tensor("quantize", "y", y, "cpu", key.to(), key.shape());
    synchronized (cpu) {
      if (forward == null) {
        forward = make(this::forward);
      }
      forward.bind(DNNL_ARG_FROM, x).bind(STEP, step).bind(DNNL_ARG_TO, y).run();
      y.changed();
    }
  }

  private Primitive forward() {
    memory.desc from = CpuBackend.describe(key.from(), memory.format_tag.x, key.shape().count());
    memory.desc to = CpuBackend.describe(key.to(), memory.format_tag.x, key.shape().count());
    primitive_attr attributes = cpu.attributes();
    attributes.set_scales_mask(DNNL_ARG_DST, 0);
    return primitive(
            "forward",
            describe(
                "forward",
                () ->
                    new reorder.primitive_desc(
                        cpu.engine(), from, cpu.engine(), to, attributes, false)))
        .argument(DNNL_ARG_FROM, from)
        .argument(STEP, CpuBackend.describe(DType.F32, memory.format_tag.x, 1))
        .argument(DNNL_ARG_TO, to)
        .build();
  }
}
