package io.github.glia.kernels.cpu;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_ATTR_SCALES;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import io.github.glia.kernels.QuantizedArguments;
import io.github.glia.kernels.QuantizedPlan;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.primitive_desc_base;

/** A convolution of bytes by oneDNN, in parts of as many rows or images on {@link Lanes}. */
public abstract class OneDnnQuantized extends OneDnnPlan implements QuantizedPlan {
  private static final int SCALES = DNNL_ARG_ATTR_SCALES | DNNL_ARG_WEIGHTS;

  private final QuantizedArguments arguments;
  private final int parts;
  private final memory.desc x;
  private final memory.desc y;
  private final memory.desc plainWeights;
  private final memory.desc channels;
  private SharedPrimitive forward;
  private Primitive pack;
  private Shape packed;

  /**
   * @param x what a part reads
   * @param y what a part writes
   */
  protected OneDnnQuantized(
      CpuBackend cpu,
      String name,
      QuantizedArguments arguments,
      int parts,
      memory.desc x,
      memory.desc y,
      memory.desc plainWeights) {
    super(cpu, name);
    this.arguments = arguments;
    this.parts = parts;
    this.x = x;
    this.y = y;
    this.plainWeights = plainWeights;
    channels = CpuBackend.describe(DType.F32, memory.format_tag.x, arguments.channels().count());
  }

  /**
   * Describes the computation of a part.
   *
   * @param channels the layout of the bias
   */
  protected abstract primitive_desc_base description(
      memory.desc x, memory.desc channels, memory.desc y, primitive_attr attributes);

  /** Which dimensions of the weights have scales of their own, in oneDNN's words. */
  protected abstract int scaledDimensions();

  protected abstract boolean relu();

  @Override
  public final long packedBytes() {
    synchronized (cpu) {
      return packed().count();
    }
  }

  @Override
  public final void pack(Tensor w, Tensor packed) {
    synchronized (cpu) {
      arguments.pack(w, packed, packed());
      pack.bind(DNNL_ARG_FROM, w).bind(DNNL_ARG_TO, packed).run();
      packed.changed();
    }
  }

  @Override
  public final void forward(Tensor x, Tensor packed, Tensor scale, Tensor bias, Tensor y) {
    synchronized (cpu) {
      arguments.forward(x, packed, packed(), scale, bias, y);
      forward
          .bind(DNNL_ARG_SRC, x.address(), this.x.get_size())
          .bind(DNNL_ARG_WEIGHTS, packed.address())
          .bind(SCALES, scale.address())
          .bind(DNNL_ARG_BIAS, bias.address())
          .bind(DNNL_ARG_DST, y.address(), this.y.get_size())
          .run();
      y.changed();
    }
  }

  private Shape packed() {
    if (forward == null) {
      forward = shared("forward", parts, this::forward);
    }
    return packed;
  }

  private Primitive.Builder forward() {
    primitive_attr attributes = cpu.attributes();
    attributes.set_scales_mask(DNNL_ARG_WEIGHTS, scaledDimensions());
    post_ops after = new post_ops();
    if (relu()) {
      after.append_eltwise(algorithm.eltwise_relu, 0, 0);
    }
    attributes.set_post_ops(after);
    primitive_desc_base description =
        describe("forward", () -> description(x, channels, y, attributes));
    memory.desc weights = description.weights_desc(0);
    packed = Shape.of(Math.toIntExact(weights.get_size()));
    pack = reorder("pack", plainWeights, weights);
    return primitive("forward", description)
        .argument(DNNL_ARG_SRC, x)
        .argument(DNNL_ARG_WEIGHTS, weights)
        .argument(SCALES, channels)
        .argument(DNNL_ARG_BIAS, channels)
        .argument(DNNL_ARG_DST, y);
  }
}
